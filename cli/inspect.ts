// `rovercast inspect`: what a recording or a stream carries, and what is wrong with it. A recording of any size is read
// once and never held.

import { Command, Option } from 'commander';
import { createReadStream, statSync } from 'node:fs';
import { badUsage, endWith, type Failure, fileFailure } from './failure.ts';
import { tellDifferences } from './inspect/diff/tell-differences.ts';
import { learnAlignment } from './inspect/learned-alignment.ts';
import { LiveStatistics } from './inspect/live-statistics.ts';
import { type StreamReport } from './inspect/report.ts';
import { reportText } from './inspect/report-text.ts';
import { findFaults } from './inspect/stream-faults.ts';
import { StreamStatistics } from './inspect/stream-statistics.ts';
import { receiveStream } from './ntrip/receive-stream.ts';
import { readTarget, shownTarget, type TargetOptions } from './ntrip/target.ts';
import { gpsPlaceSentence } from './ntrip/position-sentence.ts';
import { type Place, placeOption, secondsOption, versionOption } from './option-values.ts';
import { listenForStop, type StopSignal } from './stop-signal.ts';
import { hideProgress, printJson, printLine, say, showProgress } from './terminal.ts';
import { byteSize, counted, percent } from './units.ts';

interface InspectOptions extends TargetOptions {
  readonly seconds: number;
  readonly version: 1 | 2;
  readonly gga?: Place;
  readonly json?: true;
  readonly diff?: true;
  readonly all?: true;
}

type Inspection = { ok: true; name: string; report: StreamReport } | { ok: false; failure: Failure };

const BLOCK_BYTES = 262_144;

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('tell what an RTCM recording or stream carries, and what is wrong with it')
    .argument('<FILE|URL>', 'recording, - for standard input, or ntrip://USER:PASSWORD@HOST:PORT/MOUNTPOINT')
    .argument('[AFTER]', 'with --diff, the recording to compare the first one with')
    .option('--diff', 'tell what is different in AFTER, as in what a reshape has made of a recording')
    .option('--all', 'with --diff, cut no list short')
    .addOption(
      new Option('--seconds <number>', 'how long to watch a URL').argParser(secondsOption).default(30),
    )
    .addOption(new Option('--version <1|2>', 'NTRIP version for a URL').argParser(versionOption).default(2))
    .addOption(
      new Option('--gga <lat,lon[,h]>', 'position to send to a URL that wants one').argParser(placeOption),
    )
    .option('--user <name>', 'username for a URL')
    .option('--password <text>', 'password for a URL')
    .option('--tls', 'encrypt the connection')
    .option('--insecure', 'with TLS, take any certificate: for a test only')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExit codes with --diff, as of diff(1): 0 the same, 1 different, 2 trouble.\n' +
        'Values of lower levels are compared within the rounding of the level.',
    )
    .action(async (source: string, after: string | undefined, options: InspectOptions) => {
      if (options.diff === true) return tellDifferences(source, after, options);
      if (after !== undefined) {
        return endWith(
          badUsage('there are two recordings', 'inspect one, or compare them with --diff'),
          options.json === true,
        );
      }
      const stop = listenForStop();
      const inspection = source.includes('://')
        ? await inspectUrl(source, options, stop)
        : await inspectFile(source, stop.signal);
      stop.release();
      hideProgress();
      tell(inspection, options.json === true);
    });
}

function tell(inspection: Inspection, asJson: boolean): void {
  if (!inspection.ok) {
    endWith(inspection.failure, asJson);
    return;
  }
  const { name, report } = inspection;
  if (asJson) printJson({ source: name, ...report, faults: findFaults(report) });
  else printLine(reportText(name, report));
  if (report.frames > 0) return;
  const wasUrl = report.live !== null;
  endWith(
    {
      code: wasUrl && report.bytes === 0 ? 'nothing_received' : 'no_frames',
      message: `${name} holds no RTCM 3 frame in ${counted(report.bytes, 'byte')}`,
      fix: wasUrl
        ? 'its base may be away, or it wants a position: try --gga'
        : 'RTCM 2, RINEX, NMEA and receiver formats are not read',
    },
    asJson,
  );
}

/** Reads to the end, or to Ctrl-C: then the report is of what was read. */
async function inspectFile(path: string, signal: AbortSignal): Promise<Inspection> {
  const isStandardInput = path === '-';
  let statistics: StreamStatistics | undefined;
  try {
    const totalBytes = isStandardInput ? 0 : fileBytes(path);
    const stream = isStandardInput ? process.stdin : createReadStream(path, { highWaterMark: BLOCK_BYTES });
    const onAbort = (): void => void stream.destroy();
    signal.addEventListener('abort', onAbort);
    try {
      for await (const block of stream as AsyncIterable<Buffer>) {
        statistics ??= new StreamStatistics({ alignment: learnAlignment(block) });
        statistics.push(block);
        showProgress(
          `${statistics.frames} frames in ${byteSize(statistics.bytes)}` +
            (totalBytes > 0 ? ` (${percent(statistics.bytes / totalBytes)})` : ''),
        );
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      say('stopped before the end');
    }
  } catch (error) {
    return { ok: false, failure: withUrlHint(fileFailure(path, error), path) };
  }
  statistics ??= new StreamStatistics();
  statistics.end();
  return { ok: true, name: isStandardInput ? 'standard input' : path, report: statistics.report() };
}

/** Zero for what has no size, such as a pipe. Throws Node's error where there is nothing to read. */
function fileBytes(path: string): number {
  const stats = statSync(path);
  return stats.isFile() ? stats.size : 0;
}

function withUrlHint(failure: Failure, path: string): Failure {
  const looksLikeHost = failure.code === 'file_missing' && /^[\w.-]+:\d+\//.test(path);
  return looksLikeHost ? { ...failure, fix: `for a caster write ntrip://${path}` } : failure;
}

async function inspectUrl(url: string, options: InspectOptions, stop: StopSignal): Promise<Inspection> {
  const read = readTarget(url, options, true);
  if (!read.ok) return read;
  const { target } = read;
  const name = shownTarget(target);
  let live: LiveStatistics | undefined;
  let statistics: StreamStatistics | undefined;
  let timer: NodeJS.Timeout | undefined;
  let redraw: NodeJS.Timeout | undefined;
  showProgress(`connecting to ${name}`);
  const end = await receiveStream({
    target,
    version: options.version,
    gga: options.gga === undefined ? undefined : () => gpsPlaceSentence(options.gga!, new Date()),
    signal: stop.signal,
    onAccepted: () => {
      live = new LiveStatistics();
      statistics = new StreamStatistics({ live });
      timer = setTimeout(stop.stop, options.seconds * 1000);
      redraw = setInterval(() => showProgress(progressOf(statistics!, live!, options.seconds)), 250);
    },
    onData: (bytes) => statistics!.push(bytes),
  });
  clearTimeout(timer);
  clearInterval(redraw);
  if (end.kind === 'failed') return { ok: false, failure: end.failure };
  if (end.kind === 'ended') say(`${end.detail}; this is what came until then`);
  const report = (statistics ?? new StreamStatistics()).report();
  return { ok: true, name, report };
}

function progressOf(statistics: StreamStatistics, live: LiveStatistics, seconds: number): string {
  const watched = Math.floor(live.elapsedMs / 1000);
  return `${watched} of ${seconds} s: ${statistics.epochCount} epochs, ${statistics.frames} frames`;
}
