// `rovercast sign`: signs for an app, as a terminal does: user name and password of signed NTRIP, or the Authorization
// header of one call. For trying things out, and for scripts. The secret comes from the environment or a file: words on
// a command line can be read by everybody on the machine.

import { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  authorizationHeader,
  isDeviceId,
  ntripParts,
  ntripPassword,
  ntripUser,
  parseAuthorizationHeader,
  signRc1,
} from '../caster/accounts/signature.ts';
import { badUsage, endWith, errorCode, fileFailure, type Failure } from './failure.ts';
import { printJson, printLine } from './terminal.ts';
import { findAppCredentials, type AppCredentials } from './sign/app-credentials.ts';

interface SignOptions {
  readonly app?: string;
  readonly device?: string;
  readonly at?: string;
  readonly nonce?: string;
  readonly json?: true;
}

interface HttpOptions extends SignOptions {
  readonly body?: string;
}

type Signing = AppCredentials & { readonly device: string; readonly seconds: number; readonly nonce: string };

export function signCommand(): Command {
  const command = new Command('sign').description(
    'sign for an app: an NTRIP password, or the header of a call',
  );
  withOptions(command.command('ntrip <mountpoint>'))
    .description('print user name and password for one mountpoint, each on a line')
    .action((mountpoint: string, options: SignOptions) => {
      run(options, (signing) => tellNtrip(signing, mountpoint.replace(/^\//, ''), options.json === true));
    });
  withOptions(command.command('http <method> <path>'))
    .option('--body <file>', 'what is sent, byte for byte; - is standard input')
    .description('print the header of one call, as curl -H takes it')
    .action((method: string, path: string, options: HttpOptions) => {
      run(options, (signing) => tellHttp(signing, method.toUpperCase(), path, options));
    });
  return command;
}

function withOptions(command: Command): Command {
  return command
    .option('--app <file>', 'JSON with appKey and appSecret; else ROVERCAST_APP_KEY, ROVERCAST_APP_SECRET')
    .option('--device <id>', 'the device, where the app needs one')
    .option('--at <seconds>', 'seconds since 1970 instead of now, to compare with the vectors')
    .option('--nonce <text>', 'this nonce instead of a random one, to compare with the vectors')
    .option('--json', 'print one JSON object');
}

function run(options: SignOptions, tell: (signing: Signing) => Failure | undefined): void {
  const found = findAppCredentials(options.app);
  const failure = found.ok ? tell(signingOf(found.credentials, options)) : found.failure;
  if (failure !== undefined) endWith(failure, options.json === true);
}

function signingOf(credentials: AppCredentials, options: SignOptions): Signing {
  const seconds = options.at === undefined ? Math.floor(Date.now() / 1000) : Number(options.at);
  const nonce = options.nonce ?? randomBytes(16).toString('base64url');
  return { ...credentials, device: options.device ?? '', seconds, nonce };
}

function tellNtrip(signing: Signing, mountpoint: string, asJson: boolean): Failure | undefined {
  const signature = signRc1(signing.appSecret, ntripParts(signing, signing.device, mountpoint));
  const failure = checkWords(signing, signature);
  if (failure !== undefined) return failure;
  const username = ntripUser(signing.appKey, signing.device);
  const password = ntripPassword({ ...signing, signature });
  if (asJson) printJson({ username, password, mountpoint });
  else printLine(`${username}\n${password}`);
  return undefined;
}

function tellHttp(signing: Signing, method: string, path: string, options: HttpOptions): Failure | undefined {
  if (!/^\/[!-~]*$/.test(path)) return badUsage('the path is not as sent', 'begin with /, query included');
  const body = readBody(options.body);
  if (!body.ok) return body.failure;
  const signature = signRc1(signing.appSecret, { ...signing, method, path, body: body.bytes });
  const failure = checkWords(signing, signature);
  if (failure !== undefined) return failure;
  const authorization = authorizationHeader({ ...signing, signature });
  if (options.json === true) printJson({ authorization });
  else printLine(`Authorization: ${authorization}`);
  return undefined;
}

/** What the server would not even read is told here. */
function checkWords(signing: Signing, signature: string): Failure | undefined {
  if (signing.device !== '' && !isDeviceId(signing.device)) {
    return badUsage('the device id cannot be one', 'use 1 to 64 of A-Z a-z 0-9 . _ -');
  }
  const read = parseAuthorizationHeader(authorizationHeader({ ...signing, signature }));
  if (read.kind !== 'malformed') return undefined;
  return badUsage(`this cannot be signed: ${read.detail}`, 'check app key, --at and --nonce');
}

function readBody(file: string | undefined): { ok: true; bytes: Buffer } | { ok: false; failure: Failure } {
  if (file === undefined) return { ok: true, bytes: Buffer.alloc(0) };
  try {
    return { ok: true, bytes: readFileSync(file === '-' ? 0 : file) };
  } catch (error) {
    if (file === '-' && errorCode(error) === 'EOF') return { ok: true, bytes: Buffer.alloc(0) };
    return { ok: false, failure: fileFailure(file, error) };
  }
}
