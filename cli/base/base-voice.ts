// What `rovercast base` says: talk and progress on standard error, the summary on standard output, or all of it as JSON
// lines.

import { type Failure, failureText } from '../failure.ts';
import { type ReplyHead } from '../ntrip/reply-reader.ts';
import { type NtripTarget, shownTarget } from '../ntrip/target.ts';
import { harmless, printJson, printLine, say, showProgress } from '../terminal.ts';
import { bitRate, counted, duration, percent } from '../units.ts';

export interface PushCounts {
  readonly durationMs: number;
  readonly epochs: number;
  readonly frames: number;
  readonly bytes: number;
  /** Epochs that came while the line was down. */
  readonly epochsDropped: number;
  /** Bytes of the input that were no valid frame. */
  readonly bytesSkipped: number;
  readonly connections: number;
}

export class BaseVoice {
  readonly #asJson: boolean;

  constructor(asJson: boolean) {
    this.#asJson = asJson;
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

  lost(detail: string, failure: Failure | undefined, waitMs: number): void {
    const text = failure === undefined ? detail : failureText(failure);
    const fields = { code: failure?.code ?? null, detail: text, retryInMs: waitMs };
    this.#talk('lost', fields, `${harmless(text)}; next attempt in ${duration(waitMs)}`);
  }

  /** Redraws the progress line; `share` is 0 to 1, undefined where nobody knows. */
  progress({ durationMs, epochs, bytes }: PushCounts, share: number | undefined): void {
    const facts = [
      counted(epochs, 'epoch'),
      bitRate((bytes * 8000) / Math.max(1, durationMs)),
      duration(durationMs),
    ];
    if (share !== undefined) facts.push(percent(share));
    showProgress(facts.join(', '));
  }

  status(counts: PushCounts): void {
    if (this.#asJson) printJson({ event: 'status', time: new Date().toISOString(), ...counts });
  }

  summary(counts: PushCounts): void {
    if (this.#asJson) {
      printJson({ event: 'summary', ...counts });
      return;
    }
    const { durationMs, epochs, frames, bytes, epochsDropped, bytesSkipped, connections } = counts;
    if (connections === 0) return;
    const facts = [
      `sent ${counted(epochs, 'epoch')}, ${counted(frames, 'frame')}, ${counted(bytes, 'byte')} in ${duration(durationMs)}`,
    ];
    if (connections > 1) facts.push(counted(connections, 'connection'));
    if (epochsDropped > 0) facts.push(`${counted(epochsDropped, 'epoch')} lost while the line was down`);
    if (bytesSkipped > 0) facts.push(`${counted(bytesSkipped, 'byte')} outside of frames left out`);
    printLine(facts.join(', '));
  }

  #talk(event: string, fields: Readonly<Record<string, unknown>>, text: string): void {
    if (this.#asJson) printJson({ event, time: new Date().toISOString(), ...fields });
    else say(text);
  }
}
