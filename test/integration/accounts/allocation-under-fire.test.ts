// A fleet four times as large as its pool logs in at once. Whatever the order: every account is given once, to one
// device, and the rest of the fleet is told why it has none.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { type Fleet, logInAll, makeFleet, type Outcome, tally } from './fire.ts';

const POOL = 5000;
const FLEET = 20_000;
const CONNECTIONS = 2000;

const devices = Array.from({ length: FLEET }, (_, n) => `dev-${n}`);

describe('20,000 logins over 2,000 connections for a pool of 5,000, all in one process', () => {
  let caster: CasterProcess;
  let fleet: Fleet;
  let outcomes: Outcome[];
  beforeAll(async () => {
    caster = await startCasterProcess({
      config: {
        mountpoints: [{ name: 'TEST1', sourcePassword: 'choose-one-for-the-base' }],
        log: { level: 'warn' },
      },
    });
    fleet = await makeFleet(caster, { accounts: POOL });
    outcomes = await logInAll([caster], fleet, devices, CONNECTIONS);
  }, 120_000);
  afterAll(async () => await caster.stop());

  test('give exactly 5,000 accounts, and tell the other 15,000 that the pool is exhausted', () => {
    expect(tally(outcomes)).toEqual({ 200: POOL, '409 pool_exhausted': FLEET - POOL });
  });

  test('give no account twice, and none that is not of the pool', () => {
    const given = outcomes.flatMap(({ username }) => (username === undefined ? [] : [username]));
    expect(new Set(given).size).toBe(POOL);
    expect(given.toSorted()).toEqual(fleet.usernames.toSorted());
  });

  test('give a device that has an account the same one again', async () => {
    const served = outcomes.filter(({ status }) => status === 200).slice(0, 200);
    const again = await logInAll(
      [caster],
      fleet,
      served.map(({ device }) => device),
      20,
    );
    expect(again.map(({ username }) => username)).toEqual(served.map(({ username }) => username));
  });
});
