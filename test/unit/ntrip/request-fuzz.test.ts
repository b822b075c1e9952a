import { describe, expect, test } from 'vitest';
import { type NtripRequest } from '../../../caster/ntrip/request.ts';
import { RequestParser } from '../../../caster/ntrip/request-parser.ts';
import { cutRandomly, integerBelow, randomSource } from './random.ts';
import { RECORDED_REQUESTS } from './recorded-requests.ts';

const SEED = 20261121;
const WORDS = [
  'GET ',
  'SOURCE ',
  'POST ',
  'PUT ',
  '/',
  'M',
  ' HTTP/1.1',
  '\r\n',
  '\n',
  '\r',
  ': ',
  ' ',
  '%',
  '?',
  ';',
  'Ntrip-Version: Ntrip/2.0',
  'Authorization: Basic ',
  'dTpw',
  'Content-Length: ',
  '99',
  'http://',
  '\x00',
  '\xff',
];
const KINDS = new Set(['rover', 'sourcetable', 'base', 'bad']);

function randomRequest(random: () => number): Buffer {
  const form = integerBelow(random, 3);
  if (form === 0) {
    return Buffer.from(Array.from({ length: integerBelow(random, 200) }, () => integerBelow(random, 256)));
  }
  if (form === 1) {
    const words = Array.from(
      { length: 1 + integerBelow(random, 30) },
      () => WORDS[integerBelow(random, WORDS.length)],
    );
    return Buffer.from(words.join(''), 'latin1');
  }
  const { bytes } = RECORDED_REQUESTS[integerBelow(random, RECORDED_REQUESTS.length)]!;
  const mutated = Buffer.from(bytes);
  for (let i = integerBelow(random, 4); i >= 0; i--) {
    mutated[integerBelow(random, mutated.length)] = integerBelow(random, 256);
  }
  return mutated.subarray(
    0,
    integerBelow(random, 4) === 0 ? integerBelow(random, mutated.length) : mutated.length,
  );
}

/** The request and how many bytes belong to it; undefined while incomplete. */
function outcomeOf(pieces: Buffer[]): { request: NtripRequest; rest: Buffer } | undefined {
  const parser = new RequestParser();
  for (const [i, piece] of pieces.entries()) {
    const result = parser.push(piece);
    if (!result.done) continue;
    const { request, rest } = result;
    return { request, rest: request.kind === 'bad' ? rest : Buffer.concat([rest, ...pieces.slice(i + 1)]) };
  }
  return undefined;
}

describe(`a hundred thousand random and mutated requests (seed ${SEED})`, () => {
  test('never throw, and mean the same however they are cut', () => {
    const random = randomSource(SEED);
    for (let round = 0; round < 100_000; round++) {
      const bytes = randomRequest(random);
      const whole = outcomeOf([bytes]);
      const cut = outcomeOf(cutRandomly(bytes, random, 1 + integerBelow(random, 40)));
      if (
        JSON.stringify(cut) !== JSON.stringify(whole) ||
        (whole !== undefined && !KINDS.has(whole.request.kind))
      ) {
        expect.fail(`round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`);
      }
    }
  });

  test('are decided by the time the head limit is passed', () => {
    const random = randomSource(SEED + 1);
    const undecided: number[] = [];
    for (let round = 0; round < 2000; round++) {
      const parser = new RequestParser();
      let fed = 0;
      while (fed <= 16_384 + 4096) {
        const piece = randomRequest(random).subarray(0, 4096);
        fed += piece.length;
        if (parser.push(piece).done) break;
      }
      if (!parser.push(Buffer.from('x')).done) undecided.push(round);
    }
    expect(undecided).toStrictEqual([]);
  });
});
