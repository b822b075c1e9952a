// What the API changes reaches a stream that runs: it ends, or goes on by the new rules, within one second.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CasterProcess, OWNER_KEY, startCasterProcess } from '../../support/caster-process.ts';
import { observationFrame } from '../../support/frames.ts';
import { getRequest, sourceRequest } from '../../support/ntrip-requests.ts';
import { connectPeer, type WirePeer } from '../../support/wire-peer.ts';
import { asOwner } from './fire.ts';

const WITHIN_MS = 1000;

let caster: CasterProcess;
let base: WirePeer;
let appId: string;
let account: { id: string; username: string; password: string };
let rover: WirePeer;

beforeAll(async () => {
  caster = await startCasterProcess({
    config: { mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }] },
  });
  base = await connectPeer(caster.ready.ntrip);
  base.send(sourceRequest('password1', 'TEST1'));
  await base.readHead();
});

afterAll(async () => {
  base.hangUp();
  await caster.stop();
});

beforeEach(async () => {
  const app = (await asOwner(caster, '/v1/apps', { name: 'running' })) as { id: string };
  appId = app.id;
  const pool = (await asOwner(caster, `/v1/apps/${appId}/accounts`, { count: 1 })) as {
    data: (typeof account)[];
  };
  account = pool.data[0]!;
  rover = await connectPeer(caster.ready.ntrip);
  rover.send(getRequest(1, 'TEST1', { login: account }));
  expect(await rover.readHead()).toBe('ICY 200 OK\r\n\r\n');
  const epoch = observationFrame(1, 1000, 60);
  base.send(epoch);
  expect(await rover.read(epoch.length)).toEqual(epoch);
});

async function call(method: string, path: string, body?: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${caster.ready.http}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${OWNER_KEY}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** Milliseconds from the API's answer to the end of the stream, and the reason that the log gives. */
async function endAfter(change: () => Promise<void>): Promise<{ tookMs: number; reason: unknown }> {
  await change();
  const answeredMs = performance.now();
  await rover.readToEnd();
  const tookMs = performance.now() - answeredMs;
  const line = await caster.waitFor('session_closed', (one) => one['account'] === account.username);
  return { tookMs, reason: line['reason'] };
}

describe('a stream ends within a second', () => {
  test.each([
    [
      'its account is suspended',
      'account_suspended',
      () => call('POST', `/v1/accounts/${account.id}/suspend`),
    ],
    ['its app is suspended', 'app_suspended', () => call('POST', `/v1/apps/${appId}/suspend`)],
    ['its account is deleted', 'account_deleted', () => call('DELETE', `/v1/accounts/${account.id}`)],
    [
      'its validity is moved into the past',
      'account_expired',
      () => call('PATCH', `/v1/accounts/${account.id}`, { validUntil: '2020-01-01T00:00:00Z' }),
    ],
    [
      'its app’s service spec leaves its mountpoint out',
      'spec_forbids_mountpoint',
      async () => {
        const spec = (await asOwner(caster, '/v1/service-specs', {
          name: 'elsewhere',
          mountpoints: ['OTHER'],
        })) as {
          id: string;
        };
        await call('PATCH', `/v1/apps/${appId}`, { serviceSpecId: spec.id });
      },
    ],
  ])('it ends when %s', async (_what, expected, change) => {
    const { tookMs, reason } = await endAfter(change);
    expect(reason).toBe(expected);
    expect(tookMs).toBeLessThan(WITHIN_MS);
  });

  test('of the time at which its account runs out', async () => {
    const endsAtMs = Date.now() + 1500;
    await call('PATCH', `/v1/accounts/${account.id}`, { validUntil: new Date(endsAtMs).toISOString() });
    await rover.readToEnd();
    const lateMs = Date.now() - endsAtMs;
    expect(lateMs).toBeGreaterThanOrEqual(-50);
    expect(lateMs).toBeLessThan(WITHIN_MS);
  });
});

test('a stream whose new spec allows its mountpoint goes on', async () => {
  const spec = (await asOwner(caster, '/v1/service-specs', { name: 'here', mountpoints: ['TEST1'] })) as {
    id: string;
  };
  await call('PATCH', `/v1/apps/${appId}`, { serviceSpecId: spec.id });
  const epoch = observationFrame(1, 5000, 60);
  base.send(epoch);
  expect(await rover.read(epoch.length)).toEqual(epoch);
  rover.hangUp();
});
