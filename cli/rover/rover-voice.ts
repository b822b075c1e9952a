// What `rovercast rover` says: talk on standard error, status on standard output, or all of it as JSON lines.

import { type ReceptionEnd } from '../ntrip/receive-stream.ts';
import { type ReplyHead } from '../ntrip/reply-reader.ts';
import { type NtripTarget, shownTarget } from '../ntrip/target.ts';
import { failureText } from '../failure.ts';
import { harmless, printJson, printLine, say } from '../terminal.ts';
import { bitRate, counted, duration } from '../units.ts';
import { type RoverMonitor } from './rover-monitor.ts';

/** Silence after which the status says what it may mean. */
const SILENCE_MS = 10_000;

export class RoverVoice {
  readonly #asJson: boolean;
  /** Standard output is not ours. */
  readonly #talksOnly: boolean;

  constructor(manner: { asJson: boolean; talksOnly: boolean }) {
    this.#asJson = manner.asJson;
    this.#talksOnly = manner.talksOnly;
  }

  connecting(target: NtripTarget): void {
    const caster = shownTarget(target);
    this.#talk('connecting', { caster }, `connecting to ${caster}`);
  }

  accepted({ statusLine, protocol, headers }: ReplyHead, afterMs: number): void {
    const server = headers.get('server') ?? null;
    const fields = { reply: statusLine, protocol, server, afterMs: Math.round(afterMs) };
    const who = server === null ? '' : ` from ${harmless(server)}`;
    this.#talk('accepted', fields, `accepted after ${duration(afterMs)}: ${harmless(statusLine)}${who}`);
  }

  firstFrame(monitor: RoverMonitor): void {
    const afterMs = Math.round(monitor.firstFrameAfterMs ?? 0);
    this.#talk('firstFrame', { afterMs }, `first frame after ${duration(afterMs)}`);
  }

  lost(end: ReceptionEnd, waitMs: number): void {
    const failure = end.kind === 'failed' ? end.failure : undefined;
    const detail = end.kind === 'ended' ? end.detail : failure === undefined ? '' : failureText(failure);
    const fields = { code: failure?.code ?? null, detail, retryInMs: waitMs };
    this.#talk('lost', fields, `${harmless(detail)}; next attempt in ${duration(waitMs)}`);
  }

  status(monitor: RoverMonitor): void {
    const status = monitor.status();
    if (this.#asJson) {
      printJson({ event: 'status', time: new Date().toISOString(), ...status });
      return;
    }
    const { epochs, frames, bitsPerSecond, ageMs, silenceMs, messages } = status;
    const facts =
      frames === 0
        ? [`nothing for ${duration(silenceMs)}`]
        : [counted(epochs, 'epoch'), counted(frames, 'frame'), bitRate(bitsPerSecond)];
    if (ageMs !== null) facts.push(`age ${(ageMs / 1000).toFixed(2)} s`);
    if (silenceMs >= SILENCE_MS)
      facts.push('the base may be away, or the caster waits for a position (--gga)');
    this.#show(`${clockTime()}  ${facts.join(', ')}${listOf(messages)}`);
  }

  summary(monitor: RoverMonitor): void {
    const summary = monitor.summary();
    if (this.#asJson) {
      printJson({ event: 'summary', ...summary });
      return;
    }
    const { connections, durationMs, bytes, frames, epochs, crcErrors, bytesOutsideFrames, messages } =
      summary;
    if (connections === 0) return;
    const facts = [
      `${counted(epochs, 'epoch')}, ${counted(frames, 'frame')}, ${counted(bytes, 'byte')} in ${duration(durationMs)}`,
    ];
    if (connections > 1) facts.push(counted(connections, 'connection'));
    if (crcErrors > 0) facts.push(counted(crcErrors, 'CRC error'));
    if (bytesOutsideFrames > 0) facts.push(`${counted(bytesOutsideFrames, 'byte')} outside of frames`);
    this.#show(`${facts.join(', ')}${listOf(messages)}`);
  }

  #talk(event: string, fields: Readonly<Record<string, unknown>>, text: string): void {
    if (this.#asJson) printJson({ event, time: new Date().toISOString(), ...fields });
    else say(text);
  }

  #show(text: string): void {
    if (this.#talksOnly) say(text);
    else printLine(text);
  }
}

/** `; 1005 1, 1077 5`, or nothing. */
function listOf(messages: Readonly<Record<string, number>>): string {
  const parts = Object.entries(messages).map(([number, count]) => `${number}×${count}`);
  return parts.length === 0 ? '' : `; ${parts.join(' ')}`;
}

function clockTime(): string {
  return new Date().toTimeString().slice(0, 8);
}
