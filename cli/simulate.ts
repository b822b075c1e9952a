// `rovercast simulate`: writes the RTCM of simulated bases, for tests of receivers and of other programs. All bases of a
// run see one sky, and the same options give the same bytes.

import { Command, InvalidArgumentError, Option } from 'commander';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Constellation } from '../caster/simulator/constellation.ts';
import { simulateEpoch } from '../caster/simulator/simulate-epoch.ts';
import { badUsage, endWith, type Failure, fileFailure } from './failure.ts';
import { parsePlace, type Place, rateOption, secondsOption, seedOption } from './option-values.ts';
import { ByteFile } from './byte-file.ts';
import { simulateVehiclesCommand } from './simulate/vehicles.ts';
import { createSimulatedBase, createSky, gpsTimeAt, SKY_SEED_DEFAULT } from './simulated-base.ts';
import { listenForStop } from './stop-signal.ts';
import { hideProgress, say, showProgress } from './terminal.ts';
import { byteSize, counted, duration, percent } from './units.ts';

interface SimulateOptions {
  readonly places?: string;
  readonly rate: number;
  readonly seconds: number;
  readonly out: string;
  readonly start: number;
  readonly seed: number;
}

interface NamedPlace extends Place {
  readonly name: string;
}

/** DF003 has 12 bits, and 0 is what receivers send that were not told. */
const PLACES_MAX = 4095;

export function simulateCommand(): Command {
  return (
    new Command('simulate')
      // Both have --seconds: what stands behind `vehicles` is its own.
      .enablePositionalOptions()
      .description('write the RTCM of simulated bases; `vehicles`: a fleet of vehicles')
      .option(
        '--places <FILE|lat,lon[,h]>',
        'where the base stands, or a file with a line NAME,latitude,longitude,height for each',
      )
      .addOption(new Option('--rate <hz>', 'epochs a second').argParser(rateOption).default(1))
      .addOption(
        new Option('--seconds <number>', 'how much to simulate').argParser(secondsOption).default(60),
      )
      .option('--out <file>', 'file, - for standard output; a folder for several bases', '-')
      .addOption(
        new Option('--start <time>', 'UTC time of the first epoch, such as 2026-11-22T12:00:00Z')
          .argParser(startOption)
          .default(Date.now(), 'now'),
      )
      .addOption(new Option('--seed <number>', 'another sky').argParser(seedOption).default(SKY_SEED_DEFAULT))
      .addCommand(simulateVehiclesCommand())
      .action(async (options: SimulateOptions) => {
        const failure = await runSimulation(options);
        hideProgress();
        if (failure !== undefined) endWith(failure, false);
      })
  );
}

function startOption(word: string): number {
  const unixMs = /^\d{4}-\d\d-\d\d/.test(word)
    ? Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(word) ? word : `${word}Z`)
    : NaN;
  if (Number.isNaN(unixMs)) throw new InvalidArgumentError('Expected a time such as 2026-11-22T12:00:00Z.');
  return unixMs;
}

async function runSimulation(options: SimulateOptions): Promise<Failure | undefined> {
  if (options.places === undefined) {
    return badUsage('no place was named', 'say --places FILE or --places latitude,longitude');
  }
  const read = readPlaces(options.places);
  if (!read.ok) return read.failure;
  const { places, fromFile } = read;
  if (fromFile && options.out === '-' && places.length > 1) {
    return badUsage('several bases do not fit into one stream', 'name a folder with --out');
  }
  const startS = Math.ceil(gpsTimeAt(options.start));
  const sky = createSky(options.seed, startS);
  for (const [index, place] of places.entries()) {
    const file = outputFile(options.out, place, places.length > 1);
    if (!file.ok) return file.failure;
    const failure = await writeBase(sky, { place, stationId: index + 1, file: file.path, startS }, options);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

type Output = { ok: true; path: string } | { ok: false; failure: Failure };

function outputFile(out: string, { name }: NamedPlace, several: boolean): Output {
  if (!several) return { ok: true, path: out };
  try {
    mkdirSync(out, { recursive: true });
    return { ok: true, path: path.join(out, `${name}.rtcm3`) };
  } catch (error) {
    return { ok: false, failure: fileFailure(out, error, true) };
  }
}

async function writeBase(
  sky: Constellation,
  base: { place: NamedPlace; stationId: number; file: string; startS: number },
  { rate, seconds }: SimulateOptions,
): Promise<Failure | undefined> {
  const opened = await ByteFile.open(base.file);
  if (!opened.ok) return opened.failure;
  const { file } = opened;
  const stop = listenForStop();
  const receiver = createSimulatedBase(sky, base.place, base.stationId);
  const epochs = Math.max(1, Math.round(seconds * rate));
  let written = 0;
  let bytes = 0;
  for (; written < epochs && !stop.signal.aborted && !file.failed; written++) {
    const epoch = Buffer.concat(simulateEpoch(receiver, base.startS + written / rate).frames);
    bytes += epoch.length;
    file.write(epoch);
    await file.room();
    showProgress(`${base.place.name}: ${percent(written / epochs)} of ${counted(epochs, 'epoch')}`);
  }
  stop.release();
  const failure = await file.close();
  const shown = base.file === '-' ? 'standard output' : base.file;
  if (failure === undefined)
    say(`${shown}: ${counted(written, 'epoch')}, ${duration((written / rate) * 1000)}, ${byteSize(bytes)}`);
  return failure;
}

type Places = { ok: true; places: NamedPlace[]; fromFile: boolean } | { ok: false; failure: Failure };

function readPlaces(word: string): Places {
  const place = parsePlace(word);
  if (place !== undefined) return { ok: true, places: [{ ...place, name: 'base' }], fromFile: false };
  let text: string;
  try {
    text = readFileSync(word, 'utf8');
  } catch (error) {
    const failure = fileFailure(word, error);
    const fix = 'give latitude,longitude,height in degrees and meters, or a file with a line for each base';
    return { ok: false, failure: { ...failure, fix } };
  }
  const places: NamedPlace[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const read = parseLine(line, places.length + 1);
    const isTaken = places.some(({ name }) => name === read?.name);
    if (read === undefined || isTaken || places.length >= PLACES_MAX) {
      const why = isTaken ? 'has a name that another line has' : 'is no place';
      return {
        ok: false,
        failure: {
          code: 'place_invalid',
          message: `line ${index + 1} of ${word} ${why}`,
          fix: 'write NAME,latitude,longitude,height in degrees and meters; at most 4095 lines',
        },
      };
    }
    places.push(read);
  }
  if (places.length > 0) return { ok: true, places, fromFile: true };
  const failure = {
    code: 'place_invalid',
    message: `${word} names no place`,
    fix: 'write one a line',
  } as const;
  return { ok: false, failure };
}

/** The name also becomes a file's. */
function parseLine(line: string, number: number): NamedPlace | undefined {
  const unnamed = parsePlace(line.trim());
  if (unnamed !== undefined) return { ...unnamed, name: `base-${number}` };
  const [, name, rest] = /^\s*([\w-]{1,100})\s*,(.*)$/.exec(line) ?? [];
  const place = rest === undefined ? undefined : parsePlace(rest.trim());
  return name === undefined || place === undefined ? undefined : { ...place, name };
}
