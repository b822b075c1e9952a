// The packet sequences as a vehicle would send them: its own id and topics stand where the suite has names of its own, and
// lengths are right or wrong by as much as they were. What is wrong with a name stays wrong with it.

import type { Sequence, Step, Token } from './sequences.ts';

/** What of its down/ a vehicle subscribes to where the suite has this. */
const FILTERS: Readonly<Record<string, string>> = {
  ...{ p: 'grant', q: 'ota' },
  ...{ 'drash/1/#': '#', 'erash/2/#': '+', 'crash/3/#': 'claim' },
};
const [CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE] = [1, 3, 8, 10];
const WILL = 4;

export interface VehicleFacts {
  readonly vehicleId: string;
  /** The id that the broker gives the next message which it sends. */
  readonly nextMessageId: number;
}

export function asVehicle(sequence: Sequence, facts: VehicleFacts): Sequence {
  return {
    ...sequence,
    clientId: facts.vehicleId,
    steps: sequence.steps.map((step) => (step.type === 'publish' ? step : mapped(step, facts))),
  };
}

function mapped(step: Exclude<Step, { type: 'publish' }>, facts: VehicleFacts): Step {
  const { tokens, type } = step;
  const [first] = tokens;
  const kind = first?.kind === 'bytes' ? first.bytes[0]! >> 4 : 0;
  const names = placesOf(tokens);
  const renamed = new Map<Token, Buffer>();
  const rename = (at: number | undefined, to: (text: Buffer, isText: boolean) => Buffer): void => {
    const token = at === undefined ? undefined : tokens[at];
    if (token?.kind === 'bytes') renamed.set(token, to(token.bytes, token.isText));
  };
  if (kind === CONNECT) {
    const keepAliveAt = tokens.findIndex((token) => token.kind === 'number' && token.letter === 'k');
    const [clientId, will] = names.filter((at) => at > keepAliveAt);
    rename(clientId, (text, isText) => (isText ? Buffer.from(facts.vehicleId) : text));
    if (hasWill(tokens[keepAliveAt - 1])) rename(will, (text, isText) => up(facts, text, isText));
  } else if (kind === PUBLISH) {
    rename(names[0], (text, isText) =>
      type === 'send' ? up(facts, text, isText) : down(facts, text, isText),
    );
  } else if (kind === SUBSCRIBE || kind === UNSUBSCRIBE) {
    for (const at of names) rename(at, (text, isText) => down(facts, text, isText));
  }
  return {
    type,
    tokens: withLengths(tokens, renamed, kind === PUBLISH && type === 'recv' ? facts : undefined),
  };
}

/** Which tokens are texts behind their length. */
function placesOf(tokens: readonly Token[]): number[] {
  return tokens.flatMap((token, index) => {
    const text = tokens[index + 1];
    const isLength = token.kind === 'number' && token.letter === 's' && text?.kind === 'bytes';
    return isLength && text.bytes.length === token.value ? [index + 1] : [];
  });
}

function hasWill(flags: Token | undefined): boolean {
  return flags?.kind === 'bytes' && (flags.bytes[0]! & WILL) !== 0;
}

function up({ vehicleId }: VehicleFacts, text: Buffer, isText: boolean): Buffer {
  const own = `v1/vehicles/${vehicleId}/up/`;
  const isRight = isText && !/[#+]/.test(text.toString());
  return isRight ? Buffer.from(`${own}state`) : Buffer.concat([Buffer.from(own), text]);
}

function down({ vehicleId }: VehicleFacts, text: Buffer, isText: boolean): Buffer {
  const own = `v1/vehicles/${vehicleId}/down/`;
  const filter = isText ? FILTERS[text.toString()] : undefined;
  return Buffer.concat([Buffer.from(own), filter === undefined ? text : Buffer.from(filter)]);
}

function withLengths(
  tokens: readonly Token[],
  renamed: ReadonlyMap<Token, Buffer>,
  received: VehicleFacts | undefined,
): Token[] {
  let grown = 0;
  for (const [token, bytes] of renamed) {
    if (token.kind === 'bytes') grown += bytes.length - token.bytes.length;
  }
  return tokens.map((token, index) => {
    const bytes = renamed.get(token);
    if (bytes !== undefined) return { ...token, bytes } as Token;
    if (token.kind !== 'number') return token;
    const next = tokens[index + 1];
    const text = next === undefined ? undefined : renamed.get(next);
    if (token.letter === 's' && text !== undefined) return { ...token, value: text.length };
    if (token.letter === 'm' && received !== undefined) return { ...token, value: received.nextMessageId };
    return token.letter === 'r' ? { ...token, value: token.value + grown } : token;
  });
}
