// The terminal: data on standard output, talk and progress on standard error. Nothing but data may reach standard
// output, color only goes to a terminal that wants it, and a reader that goes away ends the command quietly.

import { styleText } from 'node:util';

type Tone = 'good' | 'warning' | 'bad' | 'dim' | 'strong';

const STYLES = { good: 'green', warning: 'yellow', bad: 'red', dim: 'dim', strong: 'bold' } as const;

/** How often a progress line is drawn at most. */
const PROGRESS_PERIOD_MS = 100;

const ERASE_LINE = '\r\u001b[2K';

let progressShown = '';
let progressDrawnMs = 0;

/** To be called once at start: a pipe that was closed, as by `| head`, is no error. */
export function endQuietlyWhenPipeCloses(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(process.exitCode ?? 0);
    });
  }
}

/** For commands that serve others: what cannot be written is lost, and nothing else. */
export function goOnWhenPipeCloses(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** One or more lines of data. */
export function printLine(text: string): void {
  hideProgress();
  process.stdout.write(`${text}\n`);
}

/** One JSON value on a line of its own. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value));
}

/** Talk for people. */
export function say(text: string): void {
  hideProgress();
  process.stderr.write(`${text}\n`);
}

/** Shows how far long work has come, in place of what was shown before; only where a person looks on. */
export function showProgress(text: string): void {
  if (!process.stderr.isTTY) return;
  const nowMs = performance.now();
  if (progressShown !== '' && nowMs - progressDrawnMs < PROGRESS_PERIOD_MS) return;
  progressDrawnMs = nowMs;
  progressShown = text.slice(0, widthOfTerminal() - 1);
  process.stderr.write(ERASE_LINE + progressShown);
}

/** Some terminals do not know it, or say 0. */
function widthOfTerminal(): number {
  return process.stderr.columns > 0 ? process.stderr.columns : 80;
}

export function hideProgress(): void {
  if (progressShown === '') return;
  progressShown = '';
  process.stderr.write(ERASE_LINE);
}

/** Colors text for standard output, or leaves it where that is no terminal or NO_COLOR is set. */
export function tint(tone: Tone, text: string): string {
  return styleText(STYLES[tone], text, { stream: process.stdout });
}

/** Text from outside in one line of a terminal: control characters could move its cursor or change its title. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}
