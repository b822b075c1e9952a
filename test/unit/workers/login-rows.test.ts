// Tests which rows logins become: one for each that was let in, one for all refusals that are alike.

import { expect, test } from 'vitest';
import type { RoverAdmissionRequest } from '../../../caster/accounts/admission.ts';
import type { LoginRow } from '../../../caster/metering/record-rows.ts';
import type { Session } from '../../../caster/accounts/session-registry.ts';
import { LOGIN_KINDS_MAX, LOGIN_TEXT_LENGTH_MAX } from '../../../config/limits.ts';
import { LoginRows } from '../../../workers/login-rows.ts';

const REQUEST: RoverAdmissionRequest = {
  role: 'rover',
  version: 2,
  mountpoint: 'BASE1',
  username: 'rover-1',
  password: 'hidden-secret',
  credentials: 'basic',
  address: '192.0.2.1',
  userAgent: 'NTRIP test',
  secure: false,
  worker: 0,
};
const REFUSAL = {
  ok: false,
  reason: 'credentials_wrong',
  retryAfterS: undefined,
  step: 'credentials',
} as const;

function gathered(): { logins: LoginRows; rows: () => readonly LoginRow[]; sends: () => number } {
  const rows: LoginRow[] = [];
  let sends = 0;
  const logins = new LoginRows({
    node: 'node-1',
    // Nothing goes by itself while a test runs.
    gatherMs: 1e9,
    append: ({ table, rows: more }) => {
      if (table === 'logins') rows.push(...more);
      sends += 1;
    },
  });
  return { logins, rows: () => rows, sends: () => sends };
}

test('who was let in is a row with the session, its owner and what it is sold by', () => {
  const { logins, rows } = gathered();
  const grant = {
    ok: true,
    role: 'rover',
    sessionId: 'ses_1',
    mountpoint: 'NEAR1',
    account: 'rover-1',
  } as const;
  const session: Session = {
    ...{ id: 'ses_1', role: 'rover' as const, worker: 0, mountpoint: 'NEAR1', account: 'rover-1' },
    ...{
      address: '192.0.2.1',
      userAgent: 'NTRIP test',
      version: 2 as const,
      secure: false,
      startedAtMs: 1,
      generation: 0,
    },
    ...{ customerId: 'cus_1', appId: 'app_1', accountId: 'acc_1', device: 'dev-1' },
  };
  const sold = { serviceSpecId: 'spec_1', billingPlanId: 'plan_1' };
  logins.accepted(REQUEST, { ...grant, limits: {} }, { session, terms: { ...sold, shape: '' } });
  logins.flush();
  expect(rows()).toMatchObject([
    {
      ...{ loginId: 'ses_1', sessionId: 'ses_1', outcome: 'accepted', reason: '', step: '', times: 1 },
      ...{ customerId: 'cus_1', appId: 'app_1', accountId: 'acc_1', account: 'rover-1', device: 'dev-1' },
      ...{ ...sold, role: 'rover', node: 'node-1', mountpoint: 'NEAR1', address: '192.0.2.1' },
    },
  ]);
});

test('refusals that are alike are one row with a count, others rows of their own, and none has a password', () => {
  const { logins, rows } = gathered();
  for (let times = 0; times < 7; times++) logins.refused(REQUEST, REFUSAL);
  logins.refused(
    { ...REQUEST, username: 'rover-2' },
    { ...REFUSAL, about: { appId: 'app_1', device: 'dev-2' } },
  );
  logins.flush();
  expect(
    rows().map(({ account, times, appId, device, outcome }) => [account, times, appId, device, outcome]),
  ).toEqual([
    ['rover-1', 7, '', '', 'refused'],
    ['rover-2', 1, 'app_1', 'dev-2', 'refused'],
  ]);
  expect(JSON.stringify(rows())).not.toContain('hidden-secret');
});

test('a flood of made-up names is counted whole in a bounded number of rows', () => {
  const { logins, rows } = gathered();
  const count = 3 * LOGIN_KINDS_MAX;
  for (let n = 0; n < count; n++) logins.refused({ ...REQUEST, username: `${n}` }, REFUSAL);
  logins.flush();
  expect(rows()).toHaveLength(LOGIN_KINDS_MAX + 1);
  expect(rows().reduce((sum, { times }) => sum + times, 0)).toBe(count);
  expect(rows().at(-1)).toMatchObject({
    account: '',
    address: '',
    mountpoint: '',
    times: count - LOGIN_KINDS_MAX,
  });
});

test('what a peer says of itself is cut, and the same rows are not sent again', () => {
  const { logins, rows, sends } = gathered();
  logins.refused({ ...REQUEST, userAgent: 'x'.repeat(10_000) }, REFUSAL);
  logins.flush();
  logins.flush();
  expect([rows().length, rows()[0]?.userAgent.length, sends()]).toEqual([1, LOGIN_TEXT_LENGTH_MAX, 1]);
});
