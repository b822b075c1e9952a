// `rovercast vehicle claim`: a code by which a driver claims the vehicle, as its screen would show it.

import { Command } from 'commander';
import { Vehicle } from '../../licensing/vehicle/vehicle.ts';
import { endWith, type Failure } from '../failure.ts';
import { printJson, printLine } from '../terminal.ts';
import { openEnrolled } from './open-folder.ts';

interface ClaimOptions {
  readonly folder: string;
  readonly json?: true;
}

const CLAIM_MS = 30_000;

export function claimCommand(): Command {
  return new Command('claim')
    .description('get a code by which a driver claims the vehicle')
    .requiredOption('--folder <folder>', 'where the vehicle keeps what it has')
    .option('--json', 'print one JSON object')
    .action(async (options: ClaimOptions) => {
      const failure = await claim(options);
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

async function claim({ folder, json }: ClaimOptions): Promise<Failure | undefined> {
  const found = openEnrolled(folder);
  if (!found.ok) return found.failure;
  let lastFault = 'the cloud did not answer';
  const vehicle = Vehicle.open(found.opened, {
    tell: (event, fields) => {
      if (event === 'connect_failed' || event === 'trust_failed') lastFault = String(fields?.['reason']);
    },
  });
  if (vehicle === undefined) {
    found.opened.close();
    const message = `the state in ${folder} does not open`;
    return { code: 'vehicle_folder_unusable', message, fix: 'enrol the vehicle anew in another folder' };
  }
  vehicle.start();
  try {
    const { code, expiresAt } = await vehicle.claim(CLAIM_MS);
    if (json === true) printJson({ code, expiresAt });
    else printLine(code);
    return undefined;
  } catch {
    const message = `no code came: ${lastFault}`;
    return { code: 'connection_failed', message, fix: 'check that the server runs and lets vehicles in' };
  } finally {
    await vehicle.stop();
    found.opened.close();
  }
}
