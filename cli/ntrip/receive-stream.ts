// Receives a mountpoint once, as a rover does: asks, tells its position as often as wanted, and hands on what comes.

import { type ConnectionEnd, type OpenConnection, runConnection } from './connection.ts';
import { type Failure } from '../failure.ts';
import { tableFailure } from './refusal-advice.ts';
import { type ReplyHead } from './reply-reader.ts';
import { type ProtocolVersion, roverRequest } from './requests.ts';
import { type NtripTarget } from './target.ts';

export interface Reception {
  readonly target: NtripTarget;
  readonly version: ProtocolVersion;
  /** The position now, as a GGA sentence; undefined where none is sent. */
  readonly gga: (() => string) | undefined;
  readonly ggaIntervalMs?: number;
  readonly signal: AbortSignal;
  readonly onAccepted: (connection: OpenConnection, head: ReplyHead) => void;
  /** Views that must not be kept beyond the call. */
  readonly onData: (bytes: Buffer) => void;
}

export type ReceptionEnd = Exclude<ConnectionEnd, { kind: 'table' }>;

const GGA_INTERVAL_MS = 10_000;

/** Resolves when it is over. A sourcetable in place of the stream is a failure: the mountpoint is unknown. */
export async function receiveStream(reception: Reception): Promise<ReceptionEnd> {
  const { target, version, gga, ggaIntervalMs = GGA_INTERVAL_MS, signal, onAccepted, onData } = reception;
  let timer: NodeJS.Timeout | undefined;
  const end = await runConnection({
    target,
    role: 'rover',
    request: roverRequest(target, version, gga?.()),
    signal,
    onAccepted: (connection, head) => {
      if (gga !== undefined) {
        const tellPosition = (): void => void connection.send(Buffer.from(gga()));
        tellPosition();
        timer = setInterval(tellPosition, ggaIntervalMs);
      }
      onAccepted(connection, head);
    },
    onData,
  });
  clearInterval(timer);
  if (end.kind !== 'table') return end;
  const failure: Failure = tableFailure(end.body, target);
  return { kind: 'failed', failure, retryAfterS: undefined };
}
