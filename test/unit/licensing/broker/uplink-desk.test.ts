// Tests how the cloud works on messages from vehicles: in order for each vehicle and kind, again where it failed, and never
// told as taken before it is.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UplinkDesk } from '../../../../licensing/broker/uplink-desk.ts';
import { CryptoBusy } from '../../../../licensing/pki/pki-crypto.ts';
import type { KeptUp } from '../../../../licensing/broker/broker-store.ts';

let taken: number[];
/** What the broker has, taken or not. */
let kept: KeptUp[];
let told: string[];
let desk: UplinkDesk;

beforeEach(() => {
  vi.useFakeTimers();
  taken = [];
  kept = [];
  told = [];
  desk = new UplinkDesk({
    journal: { recordSampled: (_key, _level, event) => void told.push(event) },
    taken: (ids) => void taken.push(...ids),
    handles: (kinds) => void told.push(`handles ${kinds.join(' ')}`),
    putBack: ({ kind }) => void told.push(`putBack ${kind}`),
    again: ({ vehicleId, kind }) => {
      const left = kept.filter((one) => one.vehicleId === vehicleId && one.kind === kind);
      desk.take(left.filter(({ id }) => !taken.includes(id)));
    },
  });
});
afterEach(() => {
  desk.stop();
  vi.useRealTimers();
});

function up(id: number, vehicleId = 'car1', kind: KeptUp['kind'] = 'uses'): KeptUp {
  return { id, vehicleId, certificateId: 'cert_1', kind, body: Buffer.from(`${id}`), atMs: 1 };
}

function hand(...ups: KeptUp[]): void {
  kept.push(...ups);
  desk.take(ups);
}

const turn = () => vi.advanceTimersByTimeAsync(0);

test('messages of one vehicle and kind are worked on one after the other', async () => {
  const open: (() => void)[] = [];
  const seen: string[] = [];
  desk.handle('uses', ({ body }) => {
    seen.push(Buffer.from(body).toString());
    return new Promise((resolve) => open.push(resolve));
  });
  hand(up(1), up(2));
  await turn();
  expect([seen, taken]).toEqual([['1'], []]);
  open[0]!();
  await turn();
  expect([seen, taken]).toEqual([['1', '2'], [1]]);
});

test('one vehicle does not wait for another', async () => {
  const seen: string[] = [];
  desk.handle('uses', ({ vehicleId }) => {
    seen.push(vehicleId);
    return new Promise(() => undefined);
  });
  hand(up(1, 'car1'), up(2, 'car2'));
  await turn();
  expect(seen).toEqual(['car1', 'car2']);
});

test('what fails is tried again with growing pauses, and those behind it wait', async () => {
  let tries = 0;
  desk.handle('uses', () => (++tries <= 2 ? Promise.reject(new Error('store away')) : Promise.resolve()));
  hand(up(1), up(2));
  await turn();
  expect([tries, taken]).toEqual([1, []]);
  await vi.advanceTimersByTimeAsync(1000);
  expect([tries, taken]).toEqual([2, []]);
  await vi.advanceTimersByTimeAsync(1999);
  expect(tries).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(taken).toEqual([1, 2]);
  expect(told.filter((event) => event === 'uplink_failed')).toHaveLength(2);
});

test.each([
  ['a value that no store takes', () => new TypeError('parameter 1 has a NUL character')],
  [
    'a text that PostgreSQL refuses',
    () => Object.assign(new Error('invalid byte sequence'), { code: '22021' }),
  ],
  ['a row that SQLite refuses', () => Object.assign(new Error('x'), { code: 'SQLITE_CONSTRAINT_CHECK' })],
])(
  'one that by itself cannot be worked on, %s, is given up and told, and those behind it go on',
  async (_, failure) => {
    desk.handle('uses', ({ body }) =>
      Buffer.from(body).toString() === '1' ? Promise.reject(failure()) : Promise.resolve(),
    );
    hand(up(1), up(2));
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect([taken, told.filter((event) => event === 'uplink_given_up')]).toEqual([
      [1, 2],
      ['uplink_given_up'],
    ]);
  },
);

test.each<[string, () => Error]>([
  ['the store is away', () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  ['the store shuts down', () => Object.assign(new Error('terminating'), { code: '57P01' })],
  ['the disk is full', () => Object.assign(new Error('full'), { code: 'SQLITE_FULL' })],
  ['too much waits for the crypto pool', () => new CryptoBusy()],
])('none is given up while %s', async (_, failure) => {
  desk.handle('uses', () => Promise.reject(failure()));
  hand(up(1));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect([taken, told.includes('uplink_given_up')]).toEqual([[], false]);
});

test('what the broker had handed on is forgotten with it, also where it was just worked on', async () => {
  const open: (() => void)[] = [];
  desk.handle('uses', () => new Promise((resolve) => open.push(resolve)));
  hand(up(1), up(2));
  await turn();
  desk.forget();
  hand(up(1));
  await turn();
  open[0]!();
  await turn();
  expect([taken, open.length]).toEqual([[], 2]);
  open[1]!();
  await turn();
  expect(taken).toEqual([1]);
});

test('the broker hears of each kind that there is a handler for, and no kind has two', () => {
  desk.handle('uses', () => Promise.resolve());
  desk.handle('ota', () => Promise.resolve());
  expect(told).toEqual(['handles uses', 'handles uses ota']);
  expect(() => desk.handle('ota', () => Promise.resolve())).toThrow('already');
});

test('what was on its way while those before it were put back waits for its turn', async () => {
  const seen: string[] = [];
  let isAway = true;
  desk.handle('uses', ({ body }) => {
    seen.push(Buffer.from(body).toString());
    return isAway ? Promise.reject(new Error('store away')) : Promise.resolve();
  });
  hand(up(1));
  await turn();
  hand(up(2));
  await turn();
  expect([seen, told.includes('putBack uses')]).toEqual([['1'], true]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect([seen, taken]).toEqual([
    ['1', '1', '2'],
    [1, 2],
  ]);
});
