// `rovercast vehicle run`: the vehicle drives: connected, its rights in force. One JSON line for each event; words on
// standard input do what a driver or the car would do.

import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isVersion } from '../../licensing/entitlements/version.ts';
import { partNumberForm } from '../../licensing/grants/format/documents.ts';
import { openOtaClient } from '../../licensing/vehicle/ota/ota-client.ts';
import { sampleSoftware } from '../../licensing/vehicle/software/sample-software.ts';
import { Vehicle } from '../../licensing/vehicle/vehicle.ts';
import type { TellVehicleEvent } from '../../licensing/vehicle/vehicle-event.ts';
import { endWith, errorText, type Failure } from '../failure.ts';
import { listenForStop } from '../stop-signal.ts';
import { printJson } from '../terminal.ts';
import { openEnrolled } from './open-folder.ts';

interface RunOptions {
  readonly folder: string;
  readonly counterFolder?: string;
  readonly install: Readonly<Record<string, string>>;
}

const CLAIM_MS = 30_000;
const WORDS = 'use PART, drive, park, install PART@VERSION, functions, claim';
const INSTALL_FORM = 'Expected a part number and a version, as in SEATS-1@1.4.0.';

export function runCommand(): Command {
  return new Command('run')
    .description('connect, take grants and use what was bought; one JSON line for each event')
    .requiredOption('--folder <folder>', 'where the vehicle keeps what it has')
    .addOption(
      new Option('--install <part@version>', 'software that the car has, as often as needed')
        .argParser(installOption)
        .default({}, 'none'),
    )
    .option('--counter-folder <folder>', 'keep the counter here that shows storage put back')
    .addHelpText('after', `\nWords on standard input, one command a line: ${WORDS}.`)
    .action(async (options: RunOptions) => {
      const failure = await runVehicle(options);
      if (failure !== undefined) endWith(failure, true);
    });
}

export const tellOnStandardOutput: TellVehicleEvent = (event, fields) => {
  printJson({ at: new Date().toISOString(), event, ...fields });
};

async function runVehicle(options: RunOptions): Promise<Failure | undefined> {
  const { folder, counterFolder, install: installed } = options;
  const found = openEnrolled(folder);
  if (!found.ok) return found.failure;
  const tell = tellOnStandardOutput;
  const vehicle = Vehicle.open(found.opened, {
    ...{ tell, installed },
    ...(counterFolder === undefined ? {} : { counterFolder }),
    openOta: openOtaClient,
    softwareOf: (parts) => sampleSoftware(parts, tell),
  });
  if (vehicle === undefined) {
    found.opened.close();
    const message = `the state in ${folder} does not open`;
    return { code: 'vehicle_folder_unusable', message, fix: 'enrol the vehicle anew in another folder' };
  }
  const stop = listenForStop();
  vehicle.start();
  const words = createInterface({ input: process.stdin });
  words.on('line', (line) => obey(vehicle, line.trim().split(/\s+/)));
  await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
  words.close();
  process.stdin.destroy();
  await vehicle.stop();
  found.opened.close();
  stop.release();
  return undefined;
}

function obey(vehicle: Vehicle, [word = '', what = '']: readonly string[]): void {
  const answer = (fields: object): void => printJson({ command: word, ...fields });
  const failed = (error: unknown): void => answer({ ok: false, reason: errorText(error) });
  try {
    obeyWord(vehicle, word, what, { answer, failed });
  } catch (error) {
    // A disk that is full or gone is no reason to stop.
    failed(error);
  }
}

interface Answering {
  readonly answer: (fields: object) => void;
  readonly failed: (error: unknown) => void;
}

function obeyWord(vehicle: Vehicle, word: string, what: string, { answer, failed }: Answering): void {
  switch (word) {
    case '':
      return;
    case 'use':
      return answer(vehicle.use(what));
    case 'drive':
    case 'park':
      vehicle.setDriving(word === 'drive');
      return answer({ ok: true });
    case 'install': {
      const software = softwareIn(what);
      if (software === undefined) return answer({ ok: false, reason: INSTALL_FORM });
      vehicle.install(software.part, software.version);
      return answer({ ok: true });
    }
    case 'functions':
      return answer({ functions: vehicle.functions() });
    case 'claim':
      vehicle.claim(CLAIM_MS).then((claim) => answer(claim), failed);
      return;
    default:
      return answer({ ok: false, reason: `Expected one of: ${WORDS}.` });
  }
}

function installOption(
  word: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const software = softwareIn(word);
  if (software === undefined) throw new InvalidArgumentError(INSTALL_FORM);
  return { ...before, [software.part]: software.version };
}

/** Undefined where it is no part number and version. */
function softwareIn(word: string): { readonly part: string; readonly version: string } | undefined {
  const [part = '', version = '', more] = word.split('@');
  const isRight = partNumberForm.safeParse(part).success && isVersion(version) && more === undefined;
  return isRight ? { part, version } : undefined;
}
