// `rovercast inspect --diff`: what is different in the second recording, and the exit code of diff(1) for it.

import { badUsage, endWith, type Failure, fileFailure } from '../../failure.ts';
import { hideProgress, printJson, printLine } from '../../terminal.ts';
import { compareRecordings, UnreadableRecording } from './compare-recordings.ts';
import { type DiffReport } from './diff-report.ts';
import { diffText } from './diff-text.ts';

export interface DiffOptions {
  readonly json?: true;
  readonly all?: true;
}

const EXIT_DIFFERENT = 1;
const EXIT_TROUBLE = 2;

export async function tellDifferences(
  before: string,
  after: string | undefined,
  options: DiffOptions,
): Promise<void> {
  const asJson = options.json === true;
  const told = await differencesOf(before, after);
  hideProgress();
  if ('code' in told) {
    endWith(told, asJson);
    process.exitCode = EXIT_TROUBLE;
    return;
  }
  if (asJson) printJson(told);
  else printLine(diffText(told, options.all === true));
  if (!told.same) process.exitCode = EXIT_DIFFERENT;
}

async function differencesOf(before: string, after: string | undefined): Promise<DiffReport | Failure> {
  const fix = 'rovercast inspect --diff BEFORE AFTER, each a file or, one of them, - for standard input';
  if (after === undefined) return badUsage('--diff needs two recordings', fix);
  if (before === '-' && after === '-') return badUsage('standard input can only be one of the two', fix);
  const url = [before, after].find((source) => source.includes('://'));
  if (url !== undefined) return badUsage('--diff reads recordings, no URL', `record it first: ${fix}`);
  try {
    const report = await compareRecordings(before, after);
    const empty = [report.before, report.after].find(({ frames }) => frames === 0);
    if (empty === undefined) return report;
    return {
      code: 'no_frames',
      message: `${empty.source === '-' ? 'standard input' : empty.source} holds no RTCM 3 frame`,
      fix: 'RTCM 2, RINEX, NMEA and receiver formats are not read',
    };
  } catch (error) {
    if (!(error instanceof UnreadableRecording)) throw error;
    return fileFailure(error.path, error.cause);
  }
}
