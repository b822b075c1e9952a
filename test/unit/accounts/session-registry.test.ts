// Tests the registry of sessions against a plain list that is searched from end to end.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newSessionId, type Session, SessionRegistry } from '../../../caster/accounts/session-registry.ts';

const ROVER: Session = {
  id: 'ses_rover',
  role: 'rover',
  worker: 0,
  mountpoint: 'A',
  account: 'anna',
  address: '192.0.2.1',
  userAgent: 'NTRIP test/1',
  version: 2,
  secure: false,
  startedAtMs: 0,
  generation: 0,
};
const BASE: Session = { ...ROVER, id: 'ses_base', role: 'base', account: undefined, generation: 1 };

const mountpoints = ['A', 'B'];
const accounts = ['anna', 'bert', undefined];
const step = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    role: fc.constantFrom('rover' as const, 'base' as const),
    mountpoint: fc.constantFrom(...mountpoints),
    account: fc.constantFrom(...accounts),
  }),
  fc.record({ do: fc.constant('close' as const), which: fc.nat(30) }),
);

test('whoever opens and closes in whatever order, the registry knows what a list knows', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const registry = new SessionRegistry();
      const everyone: Session[] = [];
      let open: Session[] = [];
      for (const one of steps) {
        if (one.do === 'open') {
          const { role, mountpoint } = one;
          const account = role === 'base' ? undefined : one.account;
          const session = { ...ROVER, id: `ses_${everyone.length}`, role, mountpoint, account };
          everyone.push(session);
          open.push(session);
          registry.open(session);
        } else {
          const session = everyone[one.which % Math.max(1, everyone.length)];
          const isOpen = session !== undefined && open.includes(session);
          expect(registry.close(session?.id ?? 'ses_none')).toBe(isOpen ? session : undefined);
          open = open.filter((each) => each !== session);
        }
      }
      // A base that opens takes the mountpoint; one that closes leaves it empty, not to the one before.
      const holders = mountpoints.map((mountpoint) => {
        const newest = everyone.findLast((each) => each.role === 'base' && each.mountpoint === mountpoint);
        return newest !== undefined && open.includes(newest) ? newest : undefined;
      });
      expect(registry.size).toBe(open.length);
      expect([...registry.all()]).toEqual(open);
      expect(mountpoints.map((mountpoint) => registry.baseOf(mountpoint))).toEqual(holders);
      expect(new Set(registry.bases())).toEqual(new Set(holders.filter((holder) => holder !== undefined)));
      for (const account of ['anna', 'bert']) {
        expect([...registry.ofAccount(account)]).toEqual(open.filter((each) => each.account === account));
      }
      for (const session of everyone) {
        expect(registry.get(session.id)).toBe(open.includes(session) ? session : undefined);
      }
    }),
    { seed: 20_260_417, numRuns: 500 },
  );
});

describe('the base of a mountpoint', () => {
  test('is the newer one while the older one still has to be closed', () => {
    const registry = new SessionRegistry();
    const newer = { ...BASE, id: 'ses_newer', generation: 2 };
    registry.open(BASE);
    registry.open(newer);
    registry.close(BASE.id);
    expect(registry.baseOf('A')).toBe(newer);
  });

  test('is never a rover', () => {
    const registry = new SessionRegistry();
    registry.open(ROVER);
    expect([registry.baseOf('A'), [...registry.bases()]]).toEqual([undefined, []]);
  });

  test('stays when a rover of the mountpoint ends', () => {
    const registry = new SessionRegistry();
    registry.open(BASE);
    registry.open(ROVER);
    registry.close(ROVER.id);
    expect(registry.baseOf('A')).toBe(BASE);
  });
});

describe('a session id', () => {
  test('has its prefix and 16 characters of base 32', () => {
    expect(newSessionId()).toMatch(/^ses_[a-z2-7]{16}$/);
  });

  test('never comes twice, and sorts after every earlier one', () => {
    const ids = Array.from({ length: 100_000 }, () => newSessionId());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
  });
});
