// What the scripts answer, read with suspicion: another version of them may run on another node, but a reply that is not
// understood is a bug and never a verdict.

import type { NonceVerdict, SlotVerdict } from './live-state.ts';

const NONCE_VERDICTS: readonly NonceVerdict[] = ['fresh', 'repeat', 'used', 'stale'];

export function readNonces(reply: unknown): NonceVerdict[] {
  return list(reply).map((verdict) => NONCE_VERDICTS[number(verdict)] ?? fail(reply));
}

export function readWaits(reply: unknown): number[] {
  return list(reply).map(number);
}

/** Undefined where the node must report what it holds before. */
export function readTakes(reply: unknown): SlotVerdict[] | undefined {
  if (reply === null) return undefined;
  return list(reply).map((one): SlotVerdict => {
    const [isTaken, what, replaced, over] = list(one);
    if (isTaken === 0) return { ok: false, reason: 'full', key: text(what) };
    return { ok: true, token: number(what), replaced: list(replaced).map(text), over: list(over).map(text) };
  });
}

export interface HoldReply {
  /** In the order of the sessions that were told. */
  readonly tokens: readonly number[];
  readonly lost: readonly { readonly sessionId: string; readonly by: string }[];
}

/** Undefined where a newer report has begun. */
export function readHold(reply: unknown): HoldReply | undefined {
  if (reply === null) return undefined;
  const [tokens, ...rest] = list(reply);
  const lost: { sessionId: string; by: string }[] = [];
  for (let at = 0; at < rest.length; at += 2)
    lost.push({ sessionId: text(rest[at]), by: text(rest[at + 1]) });
  return { tokens: list(tokens).map(number), lost };
}

export function readSessionIds(reply: unknown): string[] {
  return list(reply).map(text);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : fail(value);
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : fail(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : fail(value);
}

function fail(reply: unknown): never {
  throw new Error(`Redis answered ${JSON.stringify(reply)}, which no script does`);
}
