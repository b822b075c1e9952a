// A signer that shares nothing with the server, openssl called from a shell, logs in by API and by NTRIP; and each way
// in which a signature can be wrong is refused with a code of its own.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { observationFrame } from '../../support/frames.ts';
import { getRequest, sourceRequest } from '../../support/ntrip-requests.ts';
import { ask, connectPeer, type WirePeer } from '../../support/wire-peer.ts';
import { skipNote } from '../interop/programs.ts';
import { asOwner, type Fleet, makeFleet } from './fire.ts';

const skipped = skipNote('openssl');

let caster: CasterProcess;
let base: WirePeer;
let fleet: Fleet;
let other: Fleet;

beforeAll(async () => {
  if (skipped !== '') return;
  caster = await startCasterProcess({
    config: { mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }] },
  });
  base = await connectPeer(caster.ready.ntrip);
  base.send(sourceRequest('password1', 'TEST1'));
  await base.readHead();
  fleet = await makeFleet(caster, { accounts: 20 });
  other = await makeFleet(caster, { accounts: 2 });
});

afterAll(async () => {
  if (skipped !== '') return;
  base.hangUp();
  await caster.stop();
});

interface Signing {
  secret: string;
  ts: number;
  nonce: string;
  device: string;
  method: string;
  path: string;
  body: string;
}

/** As an integrator's shell script would: printf, openssl, tr. */
function sign({ secret, ts, nonce, device, method, path, body }: Signing): string {
  const script = `
    hash=$(printf '%s' "$BODY" | openssl dgst -sha256 -r | cut -d' ' -f1)
    printf 'RC1-HMAC-SHA256\\n%s\\n%s\\n%s\\n%s\\n%s\\n%s' "$TS" "$NONCE" "$DEVICE" "$METHOD" "$TARGET" "$hash" |
      openssl dgst -sha256 -hmac "$SECRET" -binary | openssl base64 -A | tr '+/' '-_' | tr -d '='`;
  const env = {
    PATH: process.env['PATH'],
    SECRET: secret,
    TS: `${ts}`,
    NONCE: nonce,
    DEVICE: device,
    METHOD: method,
    TARGET: path,
    BODY: body,
  };
  return execFileSync('bash', ['-c', script], { env }).toString();
}

const LOGIN = '/v1/terminal/login';
const BODY = '{"mountpoint":"TEST1"}';

const now = (): number => Math.floor(Date.now() / 1000);
const freshNonce = (): string => randomBytes(12).toString('base64url');

function apiParts(device: string): Signing {
  const secret = fleet.appSecret;
  return { secret, ts: now(), nonce: freshNonce(), device, method: 'POST', path: LOGIN, body: BODY };
}

interface Sent {
  /** What is sent where it differs from what was signed. */
  readonly appKey?: string;
  readonly body?: string;
  readonly ts?: number;
  readonly device?: string;
  readonly sig?: string;
}

async function logIn(
  signed: Signing,
  sent: Sent = {},
): Promise<{ status: number; said: Record<string, string> }> {
  const { appKey = fleet.appKey, body = signed.body, ts = signed.ts, device = signed.device } = sent;
  const sig = sent.sig ?? sign(signed);
  const response = await fetch(`http://127.0.0.1:${caster.ready.http}${LOGIN}`, {
    method: 'POST',
    headers: {
      authorization: `RC1-HMAC-SHA256 app=${appKey},ts=${ts},nonce=${signed.nonce},device=${device},sig=${sig}`,
      'content-type': 'application/json',
    },
    body,
  });
  return { status: response.status, said: (await response.json()) as Record<string, string> };
}

function ntripLogin(device: string, ts = now()): { username: string; password: string } {
  const nonce = freshNonce();
  const parts = { secret: fleet.appSecret, ts, nonce, device, method: 'NTRIP', path: '/TEST1', body: '' };
  return {
    username: device === '' ? fleet.appKey : `${fleet.appKey}/${device}`,
    password: `rc1.${ts}.${nonce}.${sign(parts)}`,
  };
}

async function joins(login: { username: string; password: string }): Promise<string> {
  const rover = await connectPeer(caster.ready.ntrip);
  rover.send(getRequest(1, 'TEST1', { login }));
  const head = await rover.readHead();
  if (!head.startsWith('ICY')) {
    rover.hangUp();
    return head;
  }
  const epoch = observationFrame(1, now() * 1000, 60);
  base.send(epoch);
  const got = await rover.read(epoch.length);
  rover.hangUp();
  return got.equals(epoch) ? head : 'the epoch came damaged';
}

describe.skipIf(skipped !== '')(`a signature made by openssl ${skipped}`, () => {
  test('gives a device an account by the API, with which a plain receiver then streams', async () => {
    const { status, said } = await logIn(apiParts('dev-api'));
    expect(status, JSON.stringify(said)).toBe(200);
    expect(said).toMatchObject({ mountpoint: 'TEST1' });
    expect(fleet.usernames).toContain(said['username']);
    expect(Date.parse(said['expiresAt']!)).toBeGreaterThan(Date.now());
    expect(await joins({ username: said['username']!, password: said['password']! })).toBe(
      'ICY 200 OK\r\n\r\n',
    );
  });

  test.each([
    ['with a device', 'dev-ntrip'],
    ['without one', ''],
  ])('opens a stream by NTRIP %s', async (_how, device) => {
    expect(await joins(ntripLogin(device))).toBe('ICY 200 OK\r\n\r\n');
  });

  test('opens a stream by NTRIP again when the receiver repeats its password after a drop', async () => {
    const login = ntripLogin('dev-again');
    expect(await joins(login)).toBe('ICY 200 OK\r\n\r\n');
    expect(await joins(login)).toBe('ICY 200 OK\r\n\r\n');
  });

  test('is not asked for the sourcetable, and does not use up its nonce there', async () => {
    const login = ntripLogin('dev-table');
    const table = (await ask(caster.ready.ntrip, getRequest(1, '', { login }))).toString();
    expect(table).toMatch(/^SOURCETABLE 200 OK\r\n/);
    expect(await joins(login)).toBe('ICY 200 OK\r\n\r\n');
  });
});

describe.skipIf(skipped !== '')(`a call that is signed wrongly ${skipped}`, () => {
  test.each([
    ['a changed byte of the body', { body: '{"mountpoint":"TEST2"}' }, 'signature_wrong'],
    ['a changed timestamp', { ts: now() - 7 }, 'signature_wrong'],
    ['another device than was signed', { device: 'dev-else' }, 'signature_wrong'],
    ['a signature that is none', { sig: 'short' }, 'signature_malformed'],
    ['an app that does not exist', { appKey: 'nobody-has-this-key' }, 'app_unknown'],
  ])('with %s is refused as such', async (_what, sent, code) => {
    const { status, said } = await logIn(apiParts('dev-bad'), sent);
    expect({ status, code: said['code'] }).toEqual({ status: 401, code });
  });

  test('with an old clock is refused as clock_outside_window, and told the time', async () => {
    const { status, said } = await logIn({ ...apiParts('dev-old'), ts: now() - 301 - 60 });
    expect({ status, code: said['code'] }).toEqual({ status: 401, code: 'clock_outside_window' });
  });

  test('with a used nonce is refused as nonce_used', async () => {
    const parts = apiParts('dev-nonce');
    expect((await logIn(parts)).status).toBe(200);
    const { status, said } = await logIn(parts);
    expect({ status, code: said['code'] }).toEqual({ status: 401, code: 'nonce_used' });
  });

  test('with another app’s secret is refused as signature_wrong', async () => {
    const { said } = await logIn({ ...apiParts('dev-secret'), secret: other.appSecret });
    expect(said['code']).toBe('signature_wrong');
  });

  test('from a device that is not bound to a bound app is refused as device_not_bound', async () => {
    const bound = await makeFleet(caster, { accounts: 2, app: { bound: true } });
    await asOwner(caster, `/v1/apps/${bound.id}/devices`, { devices: [{ deviceId: 'mine' }] });
    const parts = { ...apiParts('foreign'), secret: bound.appSecret };
    expect((await logIn(parts, { appKey: bound.appKey })).said['code']).toBe('device_not_bound');
    const mine = { ...apiParts('mine'), secret: bound.appSecret };
    expect((await logIn(mine, { appKey: bound.appKey })).status).toBe(200);
  });
});
