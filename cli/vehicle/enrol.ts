// `rovercast vehicle enrol`: makes a key pair in the folder and gets the vehicle's certificate for a one-time token.

import { Command, Option } from 'commander';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../licensing/pki/keys.ts';
import { endWith, type Failure } from '../failure.ts';
import { printJson, printLine } from '../terminal.ts';
import { openFolder } from './open-folder.ts';

interface EnrolOptions {
  readonly server: string;
  readonly id: string;
  readonly token: string;
  readonly algorithm: KeyAlgorithm;
  readonly folder: string;
  readonly json?: true;
}

export function enrolCommand(): Command {
  return new Command('enrol')
    .description('make a key pair and get the vehicle’s certificate')
    .requiredOption('--server <url>', 'address of the server’s HTTP interface')
    .requiredOption('--id <vehicle id>', 'vehicle id, the VIN as a rule')
    .requiredOption('--token <token>', 'one-time enrolment token, made by POST /v1/enrolment-tokens')
    .addOption(new Option('--algorithm <name>', 'kind of key').choices(KEY_ALGORITHMS).default('rsa'))
    .requiredOption('--folder <folder>', 'where the vehicle keeps what it has')
    .option('--json', 'print one JSON object')
    .action(async (options: EnrolOptions) => {
      const failure = await enrol(options);
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

async function enrol({ folder, id, json, ...ask }: EnrolOptions): Promise<Failure | undefined> {
  const found = openFolder(folder);
  if (!found.ok) return found.failure;
  const { opened } = found;
  const certified = await opened.certificates.enrol({ ...ask, vehicleId: id });
  opened.close();
  if (!certified.ok) return enrolmentFailure(certified, ask.server);
  const { certificateId, notAfterMs } = certified;
  const notAfter = new Date(notAfterMs).toISOString();
  if (json === true) printJson({ event: 'enrolled', vehicle: id, certificate: certificateId, notAfter });
  else printLine(`${id} has the certificate ${certificateId}, good until ${notAfter}`);
  return undefined;
}

function enrolmentFailure(
  refused: { readonly reason: string; readonly detail: string },
  server: string,
): Failure {
  if (refused.reason === 'server_unreachable') {
    const message = `${server} does not answer: ${refused.detail}`;
    return { code: 'connection_failed', message, fix: 'check --server, and that the server runs' };
  }
  const message = `no certificate (${refused.reason}): ${refused.detail}`;
  return {
    code: 'enrolment_refused',
    message,
    fix: 'look the code up in docs/errors.md; a token is good once, for one vehicle',
  };
}
