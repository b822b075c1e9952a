// `rovercast base`: connects as a base does and pushes a recording, standard input or a simulation, epoch by epoch.

import { Command, Option } from 'commander';
import { statSync } from 'node:fs';
import { BasePusher } from './base/base-pusher.ts';
import { BaseVoice, type PushCounts } from './base/base-voice.ts';
import { type EpochSource, recordedSource, simulatedSource, streamSource } from './base/epoch-source.ts';
import { badUsage, endWith, type Failure, fileFailure } from './failure.ts';
import { baseRequest } from './ntrip/requests.ts';
import { readTarget, type TargetOptions } from './ntrip/target.ts';
import { addTargetOptions } from './ntrip/target-options.ts';
import { type Place, placeOption, rateOption, versionOption } from './option-values.ts';
import { listenForStop } from './stop-signal.ts';
import { hideProgress } from './terminal.ts';

interface BaseOptions extends TargetOptions {
  readonly version: 1 | 2;
  readonly raw?: true;
  readonly file?: string;
  readonly rate: '1x' | 'asap';
  readonly loop?: true;
  readonly stdin?: true;
  readonly simulate?: Place;
  readonly hz: number;
  readonly keepTrying?: true;
  readonly json?: true;
}

const PROGRESS_PERIOD_MS = 250;
const STATUS_PERIOD_MS = 5000;

export function baseCommand(): Command {
  const command = new Command('base').description(
    'connect as a base and push a recording, standard input or a simulation',
  );
  return addTargetOptions(command, 'ntrip://USER:PASSWORD@HOST:PORT/MOUNTPOINT; version 1 needs no user')
    .addOption(
      new Option('--version <1|2>', 'NTRIP version: 1 is SOURCE, 2 is POST')
        .argParser(versionOption)
        .default(2),
    )
    .option('--raw', 'with version 2, send without chunks')
    .option('--file <file>', 'recording to push')
    .addOption(
      new Option('--rate <1x|asap>', 'pace of a recording: its own, or as fast as it is taken')
        .choices(['1x', 'asap'])
        .default('1x'),
    )
    .option('--loop', 'begin the recording anew at its end')
    .option('--stdin', 'push what comes on standard input')
    .addOption(
      new Option('--simulate <lat,lon[,h]>', 'push a simulated base at this place').argParser(placeOption),
    )
    .addOption(
      new Option('--hz <number>', 'epochs a second of a simulation').argParser(rateOption).default(1),
    )
    .option('--keep-trying', 'try again even where the first attempt fails')
    .option('--json', 'print one JSON object a line')
    .action(async (url: string | undefined, options: BaseOptions) => {
      const failure = await runBase(url, options);
      hideProgress();
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

/** Resolves to what made it fail, undefined where nothing did. */
async function runBase(url: string | undefined, options: BaseOptions): Promise<Failure | undefined> {
  const read = readTarget(url, options, true);
  if (!read.ok) return read.failure;
  const { target } = read;
  const sendsChunks = options.version === 2 && options.raw !== true;
  const made = baseRequest(target, options.version, sendsChunks);
  if (!made.ok) return made.failure;
  const stop = listenForStop();
  const opened = openSource(options, stop.signal);
  if (!opened.ok) {
    stop.release();
    return opened.failure;
  }

  const { source } = opened;
  const voice = new BaseVoice(options.json === true);
  const push = new Push(source);
  const pusher = new BasePusher({
    target,
    request: made.request,
    sendsChunks,
    keepsTrying: options.keepTrying === true,
    onConnecting: () => voice.connecting(target),
    onAccepted: (head, afterMs) => {
      push.connections++;
      voice.accepted(head, afterMs);
    },
    onLost: (detail, failure, waitMs) => voice.lost(detail, failure, waitMs),
  });
  const redraw = setInterval(() => voice.progress(push.counts(), push.share()), PROGRESS_PERIOD_MS);
  const status = setInterval(() => voice.status(push.counts()), STATUS_PERIOD_MS);
  stop.signal.addEventListener('abort', () => pusher.finish());
  // Where the caster never takes the stream, the source has to stop too.
  const connecting = pusher.run().finally(stop.stop);
  const fault = await push.feed(pusher, options.file);
  pusher.finish();
  const failure = await connecting;
  clearInterval(redraw);
  clearInterval(status);
  stop.release();
  voice.summary(push.counts());
  return failure ?? fault;
}

type OpenedSource = { ok: true; source: EpochSource } | { ok: false; failure: Failure };

function openSource(options: BaseOptions, signal: AbortSignal): OpenedSource {
  const { file, stdin, simulate, rate, loop, hz } = options;
  if ([file, stdin, simulate].filter((given) => given !== undefined).length !== 1) {
    return {
      ok: false,
      failure: badUsage(
        'a base needs one thing to push',
        'give --file FILE, --stdin or --simulate LATITUDE,LONGITUDE,HEIGHT',
      ),
    };
  }
  if (simulate !== undefined) return { ok: true, source: simulatedSource(simulate, hz, signal) };
  if (file === undefined) return { ok: true, source: streamSource(process.stdin, signal) };
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new Error('it is a folder');
    const totalBytes = stats.isFile() ? stats.size : 0;
    const loops = loop === true;
    return {
      ok: true,
      source: recordedSource(file, { totalBytes, loops, atOwnRate: rate === '1x', signal }),
    };
  } catch (error) {
    return { ok: false, failure: fileFailure(file, error) };
  }
}

/** Carries epochs from the source to the pusher and counts them. */
class Push {
  connections = 0;
  readonly #source: EpochSource;
  readonly #startMs = performance.now();
  #epochs = 0;
  #frames = 0;
  #bytes = 0;
  #epochsDropped = 0;

  constructor(source: EpochSource) {
    this.#source = source;
  }

  /** Resolves at the end of the source; to a failure where it could not be read or held nothing. */
  async feed(pusher: BasePusher, file: string | undefined): Promise<Failure | undefined> {
    if (!(await pusher.whenOpen())) return undefined;
    try {
      for await (const { bytes, frameCount } of this.#source.epochs) {
        if (!this.#source.isLive && !(await pusher.whenOpen())) return undefined;
        if (!(await pusher.push(bytes))) {
          this.#epochsDropped++;
          continue;
        }
        this.#epochs++;
        this.#frames += frameCount;
        this.#bytes += bytes.length;
      }
    } catch (error) {
      return fileFailure(file ?? 'standard input', error);
    }
    if (this.#epochs + this.#epochsDropped > 0 || this.#source.bytesSkipped() === 0) return undefined;
    return {
      code: 'no_frames',
      message: `${file ?? 'standard input'} holds no RTCM 3 frame`,
      fix: 'RTCM 2, RINEX, NMEA and receiver formats cannot be pushed',
    };
  }

  counts(): PushCounts {
    return {
      durationMs: Math.round(performance.now() - this.#startMs),
      epochs: this.#epochs,
      frames: this.#frames,
      bytes: this.#bytes,
      epochsDropped: this.#epochsDropped,
      bytesSkipped: this.#source.bytesSkipped(),
      connections: this.connections,
    };
  }

  share(): number | undefined {
    const { bytes, totalBytes } = this.#source.progress();
    return totalBytes === 0 ? undefined : bytes / totalBytes;
  }
}
