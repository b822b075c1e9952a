// Tests the gate against counts kept by the test.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADDRESSES_COUNTED_MAX } from '../../../config/limits.ts';
import { AddressGate } from '../../../caster/net/address-gate.ts';

const NO_LIMIT = 0;

describe('the number of open connections', () => {
  const limits = { openMax: 2, perMinuteMax: NO_LIMIT };

  test('lets in as many as it says and no more', () => {
    const gate = new AddressGate();
    expect([1, 2, 3].map(() => gate.enter('192.0.2.1', limits, 0))).toEqual([true, true, false]);
  });

  test('counts each address by itself', () => {
    const gate = new AddressGate();
    for (let n = 0; n < 3; n++) gate.enter('192.0.2.1', limits, 0);
    expect(gate.enter('192.0.2.2', limits, 0)).toBe(true);
  });

  test('has room again for each that leaves, and no more than that', () => {
    const gate = new AddressGate();
    for (let n = 0; n < 3; n++) gate.enter('192.0.2.1', limits, 0);
    gate.leave('192.0.2.1');
    expect([gate.enter('192.0.2.1', limits, 0), gate.enter('192.0.2.1', limits, 0)]).toEqual([true, false]);
  });

  test('never lets more be open than it says, whoever comes and goes', () => {
    const step = fc.record({ address: fc.constantFrom('a', 'b', 'c'), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const gate = new AddressGate();
        const open: Record<string, number> = { a: 0, b: 0, c: 0 };
        for (const { address, leaves } of steps) {
          const before = open[address]!;
          if (!leaves) {
            const entered = gate.enter(address, limits, 0);
            expect(entered).toBe(before < 2);
            if (entered) open[address] = before + 1;
          } else if (before > 0) {
            gate.leave(address);
            open[address] = before - 1;
          }
        }
      }),
      { seed: 20_260_417 },
    );
  });

  test('does not become less than none where somebody leaves who never came', () => {
    const gate = new AddressGate();
    gate.leave('192.0.2.1');
    expect([1, 2, 3].map(() => gate.enter('192.0.2.1', limits, 0))).toEqual([true, true, false]);
  });
});

describe('the number of connections in a minute', () => {
  const limits = { openMax: NO_LIMIT, perMinuteMax: 3 };
  const enterAt = (gate: AddressGate, nowMs: number, address = '192.0.2.1'): boolean => {
    const entered = gate.enter(address, limits, nowMs);
    if (entered) gate.leave(address);
    return entered;
  };

  test('lets in as many as it says, though none stays', () => {
    const gate = new AddressGate();
    expect([0, 10, 20, 30].map((nowMs) => enterAt(gate, 1e6 + nowMs))).toEqual([true, true, true, false]);
  });

  test('begins anew a minute after its first', () => {
    const gate = new AddressGate();
    for (let n = 0; n < 4; n++) enterAt(gate, 1e6);
    expect(enterAt(gate, 1e6 + 59_999)).toBe(false);
    expect(enterAt(gate, 1e6 + 60_000)).toBe(true);
  });

  test('is not used up by those that are refused', () => {
    const gate = new AddressGate();
    for (let n = 0; n < 100; n++) enterAt(gate, 1e6);
    expect([1, 2, 3, 4].map(() => enterAt(gate, 1e6 + 60_000))).toEqual([true, true, true, false]);
  });

  test('holds beside the number of open ones', () => {
    const gate = new AddressGate();
    const both = { openMax: 1, perMinuteMax: 3 };
    expect([1, 2].map(() => gate.enter('192.0.2.1', both, 1e6))).toEqual([true, false]);
  });

  test('counts strangers also once as many addresses are counted as there is room for', () => {
    const gate = new AddressGate();
    for (let n = 0; n < ADDRESSES_COUNTED_MAX; n++) enterAt(gate, 1e6, `host-${n}`);
    const stranger = [1, 2, 3, 4, 5].map(() => enterAt(gate, 1e6, 'stranger'));
    expect(stranger).toContain(false);
  });

  test('still holds for known addresses then', () => {
    const gate = new AddressGate();
    for (let n = 0; n < ADDRESSES_COUNTED_MAX; n++) enterAt(gate, 1e6, `host-${n}`);
    expect([1, 2, 3].map(() => enterAt(gate, 1e6, 'host-0'))).toEqual([true, true, false]);
  });
});

test('without limits everybody may enter', () => {
  const gate = new AddressGate();
  const limits = { openMax: NO_LIMIT, perMinuteMax: NO_LIMIT };
  const entered = Array.from({ length: 1000 }, () => gate.enter('192.0.2.1', limits, 0));
  expect(new Set(entered)).toEqual(new Set([true]));
});
