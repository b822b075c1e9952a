// `rovercast reshape`: what a service spec makes of a recording. It writes what a rover with that spec would get, frame by
// frame, so that it can be looked at with `inspect` or given to other programs.

import { Command } from 'commander';
import { createReadStream, readFileSync } from 'node:fs';
import { type AssembledEpoch, EpochAssembler } from '../caster/rtcm/epoch-assembler.ts';
import { FrameScanner } from '../caster/rtcm/frame-scanner.ts';
import { makeReshape, type Reshape } from '../caster/rtcm/reshape/reshape.ts';
import { complaintsAboutSpec, type ServiceSpec } from '../caster/accounts/service-spec.ts';
import { serviceSpecContent } from '../caster/routes/schemas/service-spec.ts';
import { EPOCH_BYTES_MAX } from '../config/limits.ts';
import { ByteFile } from './byte-file.ts';
import { rehearseEpochs } from './rehearse-epochs.ts';
import { badUsage, endWith, type Failure, fileFailure } from './failure.ts';
import { printJson, say } from './terminal.ts';
import { byteSize, counted } from './units.ts';

interface ReshapeOptions {
  readonly spec: string;
  readonly out: string;
  readonly json?: true;
}

interface Totals {
  frames: number;
  bytes: number;
  /** Pieces of the stream that hold observations. */
  epochs: number;
}

interface Outcome {
  readonly received: Totals;
  readonly reshaped: Totals;
}

const BLOCK_BYTES = 262_144;

/** Only the end of the file ends what waits. */
const LIMITS = { epochHoldMs: 1, rideAlongMs: 1, epochBytesMax: EPOCH_BYTES_MAX };

/** A file has no arrival times: it is as if all of it came at once. */
const NOW_MS = 0;

export function reshapeCommand(): Command {
  return new Command('reshape')
    .description('write what a service spec makes of an RTCM recording')
    .argument('<FILE>', 'recording, or - for standard input')
    .requiredOption(
      '--spec <JSON|FILE>',
      'service spec as the API takes it, such as {"constellations":["GPS"],"msmLevelMax":4}, or a file with one',
    )
    .option('--out <FILE>', 'where to write the frames, - for standard output', '-')
    .option('--json', 'tell what was written as one JSON object')
    .action(async (source: string, options: ReshapeOptions) => {
      const asJson = options.json === true;
      const spec = readSpec(options.spec);
      if ('code' in spec) return endWith(spec, asJson);
      const opened = await ByteFile.open(options.out);
      if (!opened.ok) return endWith(opened.failure, asJson);
      const outcome = await reshapeFile(source, makeReshape(spec), opened.file);
      const failure = (await opened.file.close()) ?? ('code' in outcome ? outcome : undefined);
      if (failure !== undefined) endWith(failure, asJson);
      else tell(outcome as Outcome, options);
    });
}

/** What the word says, or what is wrong with it. */
function readSpec(word: string): ServiceSpec | Failure {
  let text = word;
  if (!word.trimStart().startsWith('{')) {
    try {
      text = readFileSync(word, 'utf8');
    } catch (error) {
      return fileFailure(word, error);
    }
  }
  const fix = 'write it as the body of POST /v1/service-specs, without name and owner';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return badUsage('the spec is no JSON', fix);
  }
  const parsed = serviceSpecContent.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return badUsage(`the spec is wrong: ${[...issue.path, ''].join('.')} ${issue.message}`, fix);
  }
  const complaint = complaintsAboutSpec(parsed.data)[0];
  if (complaint === undefined) return parsed.data;
  return badUsage(`the spec contradicts itself: ${complaint.path.join('.')} ${complaint.detail}`, fix);
}

/** Reads to the end and never holds more than a block. */
async function reshapeFile(source: string, reshape: Reshape, file: ByteFile): Promise<Outcome | Failure> {
  const received: Totals = { frames: 0, bytes: 0, epochs: 0 };
  const reshaped: Totals = { frames: 0, bytes: 0, epochs: 0 };
  const onEpoch = (epoch: AssembledEpoch): void => {
    add(received, epoch);
    const out = reshape.take(epoch);
    if (out === undefined) return;
    add(reshaped, out);
    file.write(out.bytes);
  };
  let assembler = new EpochAssembler({ ...LIMITS, onEpoch });
  let isFirst = true;
  const scanner = new FrameScanner((bytes, number) => assembler.pushFrame(bytes, number, NOW_MS));
  const stream = source === '-' ? process.stdin : createReadStream(source, { highWaterMark: BLOCK_BYTES });
  try {
    for await (const block of stream as AsyncIterable<Buffer>) {
      if (isFirst)
        assembler = new EpochAssembler({ ...LIMITS, rehearsal: rehearseEpochs(block, LIMITS), onEpoch });
      isFirst = false;
      scanner.push(block);
      await file.room();
      if (file.failed) break;
    }
  } catch (error) {
    return fileFailure(source, error);
  }
  while (scanner.pendingBytes > 0) scanner.giveUpIncomplete();
  assembler.flush();
  if (received.frames > 0) return { received, reshaped };
  return {
    code: 'no_frames',
    message: `${source === '-' ? 'standard input' : source} holds no RTCM 3 frame`,
    fix: 'RTCM 2, RINEX, NMEA and receiver formats are not read',
  };
}

function add(totals: Totals, epoch: { frameCount: number; bytes: Buffer; observation: boolean }): void {
  totals.frames += epoch.frameCount;
  totals.bytes += epoch.bytes.length;
  if (epoch.observation) totals.epochs++;
}

/** On standard error where the frames are on standard output. */
function tell(outcome: Outcome, { out, json }: ReshapeOptions): void {
  if (json === true && out !== '-') return printJson(outcome);
  if (json === true) return say(JSON.stringify(outcome));
  const text = ({ frames, bytes, epochs }: Totals): string =>
    `${counted(frames, 'frame')}, ${counted(epochs, 'epoch')}, ${byteSize(bytes)}`;
  say(`received ${text(outcome.received)}`);
  say(`reshaped ${text(outcome.reshaped)}`);
}
