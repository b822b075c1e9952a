// `rovercast rover`: connects as a rover does, says what comes, and comes back when the connection drops. What never
// worked ends at once with the reason; what has worked is tried again until Ctrl-C.

import { Command, Option } from 'commander';
import { badUsage, endWith, type Failure } from './failure.ts';
import { gpsPlaceSentence } from './ntrip/position-sentence.ts';
import { receiveStream, type ReceptionEnd } from './ntrip/receive-stream.ts';
import { RetryPace } from './ntrip/retry-pace.ts';
import { type NtripTarget, readTarget, shownTarget, type TargetOptions } from './ntrip/target.ts';
import { addTargetOptions } from './ntrip/target-options.ts';
import { countOption, type Place, placeOption, secondsOption, versionOption } from './option-values.ts';
import { ByteFile } from './byte-file.ts';
import { RoverMonitor } from './rover/rover-monitor.ts';
import { RoverVoice } from './rover/rover-voice.ts';
import { listenForStop, pause, type StopSignal } from './stop-signal.ts';

interface RoverOptions extends TargetOptions {
  readonly version: 1 | 2;
  readonly gga?: Place;
  readonly ggaInterval: number;
  readonly out?: string;
  readonly count?: number;
  readonly seconds?: number;
  readonly keepTrying?: true;
  readonly json?: true;
}

const STATUS_PERIOD_MS = 5000;

export function roverCommand(): Command {
  const command = new Command('rover').description('connect as a rover and tell what comes');
  return addTargetOptions(command, 'ntrip://USER:PASSWORD@HOST:PORT/MOUNTPOINT')
    .addOption(new Option('--version <1|2>', 'NTRIP version').argParser(versionOption).default(2))
    .addOption(new Option('--gga <lat,lon[,h]>', 'position to send').argParser(placeOption))
    .addOption(
      new Option('--gga-interval <seconds>', 'how often to send it').argParser(secondsOption).default(10),
    )
    .option('--out <file>', 'write what comes to a file, - for standard output')
    .addOption(new Option('--count <number>', 'end after so many epochs').argParser(countOption))
    .addOption(new Option('--seconds <number>', 'end after so many seconds').argParser(secondsOption))
    .option('--keep-trying', 'try again even where the first attempt fails')
    .option('--json', 'print one JSON object a line')
    .action(async (url: string | undefined, options: RoverOptions) => {
      const failure = await runRover(url, options);
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

/** Resolves to what made it fail, undefined where nothing did. */
async function runRover(url: string | undefined, options: RoverOptions): Promise<Failure | undefined> {
  const read = readTarget(url, options, true);
  if (!read.ok) return read.failure;
  const outIsStandard = options.out === '-';
  if (outIsStandard && options.json === true) {
    return badUsage('--out - and --json both want standard output', 'write to a file, or leave out --json');
  }
  const file = options.out === undefined ? undefined : await ByteFile.open(options.out);
  if (file?.ok === false) return file.failure;

  const stop = listenForStop();
  const voice = new RoverVoice({ asJson: options.json === true, talksOnly: outIsStandard });
  const rover = new Rover(read.target, options, stop, voice, file?.file);
  const status = setInterval(() => voice.status(rover.monitor), STATUS_PERIOD_MS);
  const end = options.seconds === undefined ? undefined : setTimeout(stop.stop, options.seconds * 1000);
  const failure = await rover.run();
  clearInterval(status);
  clearTimeout(end);
  stop.release();
  const unwritten = await file?.file.close();
  voice.summary(rover.monitor);
  return failure ?? unwritten ?? rover.disappointment();
}

class Rover {
  readonly monitor = new RoverMonitor();
  readonly #target: NtripTarget;
  readonly #options: RoverOptions;
  readonly #stop: StopSignal;
  readonly #voice: RoverVoice;
  readonly #file: ByteFile | undefined;
  #hasWorked = false;

  constructor(
    target: NtripTarget,
    options: RoverOptions,
    stop: StopSignal,
    voice: RoverVoice,
    file: ByteFile | undefined,
  ) {
    this.#target = target;
    this.#options = options;
    this.#stop = stop;
    this.#voice = voice;
    this.#file = file;
  }

  /** Connects again and again until it is stopped, has what it wants, or never worked. */
  async run(): Promise<Failure | undefined> {
    const { signal } = this.#stop;
    const pace = new RetryPace();
    for (;;) {
      const startMs = performance.now();
      const end = await this.#connect();
      if (signal.aborted || end.kind === 'aborted') return undefined;
      if (end.kind === 'failed' && !this.#hasWorked && this.#options.keepTrying !== true) return end.failure;
      const waitMs = pace.nextWaitMs({
        lastedMs: end.kind === 'ended' ? performance.now() - startMs : 0,
        refused: end.kind === 'failed',
        retryAfterS: end.kind === 'failed' ? end.retryAfterS : undefined,
      });
      this.#voice.lost(end, waitMs);
      if (!(await pause(waitMs, signal))) return undefined;
    }
  }

  /** A failure for a run that was to bring something and brought nothing. */
  disappointment(): Failure | undefined {
    if (this.monitor.frames > 0 || this.#options.seconds === undefined) return undefined;
    return {
      code: 'nothing_received',
      message: `no RTCM frame came from ${shownTarget(this.#target)} in ${this.#options.seconds} s`,
      fix: 'its base may be away, or the caster waits for a position: try --gga',
    };
  }

  async #connect(): Promise<ReceptionEnd> {
    const { version, gga, ggaInterval, count } = this.#options;
    const startMs = performance.now();
    this.#voice.connecting(this.#target);
    return receiveStream({
      target: this.#target,
      version,
      gga: gga === undefined ? undefined : () => gpsPlaceSentence(gga, new Date()),
      ggaIntervalMs: ggaInterval * 1000,
      signal: this.#stop.signal,
      onAccepted: (connection, head) => {
        this.#hasWorked = true;
        this.monitor.begin();
        this.#voice.accepted(head, performance.now() - startMs);
        this.#file?.whenFull((isFull) => connection.setPaused(isFull));
      },
      onData: (bytes) => {
        const hadFrame = this.monitor.hasFrame();
        this.monitor.take(bytes);
        this.#file?.write(bytes);
        if (!hadFrame && this.monitor.hasFrame()) this.#voice.firstFrame(this.monitor);
        if (this.#file?.failed === true) this.#stop.stop();
        else if (count !== undefined && this.monitor.epochsComplete >= count) this.#stop.stop();
      },
    });
  }
}
