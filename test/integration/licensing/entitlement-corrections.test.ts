// Where the products meet: a right with a correction service brings the vehicle a login that RTKLIB's str2str receives
// corrections by, and when the right ends, so does the stream, within a second.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CorrectionOffice } from '../../../licensing/entitlements/correction-office.ts';
import type { CorrectionLogin } from '../../../licensing/entitlements/correction-port.ts';
import { deadLetterPorts } from '../../../licensing/entitlements/dead-letters.ts';
import { findEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import { Expiry } from '../../../licensing/entitlements/expiry.ts';
import { Outbox } from '../../../licensing/entitlements/outbox.ts';
import { StoreQueue } from '../../../platform/bus/store-queue.ts';
import { correctionAccounts } from '../../../workers/correction-accounts.ts';
import { addVehicle, change, grant } from '../../support/entitlements.ts';
import { observationFrame } from '../../support/frames.ts';
import { getRequest, sourceRequest } from '../../support/ntrip-requests.ts';
import { type MadeApp, startTierNetwork, type TierNetwork } from '../../support/tier-network.ts';
import { ask, connectPeer, openPeers, type WirePeer } from '../../support/wire-peer.ts';
import { run, type Running, skipNote } from '../interop/programs.ts';

const WITHIN_MS = 1000;
const skipped = skipNote('str2str');

let network: TierNetwork;
let base: WirePeer;
let office: CorrectionOffice;
let outbox: Outbox;
let app: MadeApp;
let folder: string;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-corrections-'));
  network = await startTierNetwork({ mountpoints: [{ name: 'TEST1', sourcePassword: 'choose-one' }] });
  base = await connectPeer(network.port);
  base.send(sourceRequest('choose-one', 'TEST1'));
  expect(await base.readHead()).toBe('ICY 200 OK\r\n\r\n');
  const { store, journal, tier, port } = network;
  const queue = new StoreQueue(store, deadLetterPorts(store, journal));
  outbox = new Outbox({ store, queue, journal, node: 'node-1' });
  const place = { host: '127.0.0.1', port, tls: false };
  const accounts = correctionAccounts(tier.deviceAccounts, () => place);
  office = new CorrectionOffice({ store, queue: outbox, accounts, journal });
  const consumer = office.start();
  const expiry = new Expiry({ store, journal, onEnded: () => outbox.wake() });
  outbox.start();
  expiry.start();
  app = await network.makeApp();
  stops.push(
    () => expiry.stop(),
    () => consumer.stop(),
    () => outbox.stop(),
  );
});

afterAll(async () => {
  for (const peer of openPeers()) peer.hangUp();
  for (const stop of stops) await stop();
  await network.stop();
  rmSync(folder, { recursive: true });
});

interface Bought {
  readonly id: string;
  readonly vehicleId: string;
}

async function buy(vehicleId: string, validSeconds: number | null = null): Promise<Bought> {
  await addVehicle(network.store, vehicleId);
  return { vehicleId, id: await buyAgain(vehicleId, validSeconds) };
}

async function buyAgain(vehicleId: string, validSeconds: number | null = null): Promise<string> {
  const rights = { validSeconds, correction: { appId: app.id } };
  const id = await grant(network.store, { vehicleId, rights, nowMs: Date.now() });
  outbox.wake();
  return id;
}

async function loginFor(id: string): Promise<CorrectionLogin | null> {
  return await office.correctionLoginFor((await findEntitlement(network.store.db, id))!);
}

function receive({ host, port, mountpoint, username, password }: CorrectionLogin, file: string): Running {
  const from = `ntrip://${username}:${password}@${host}:${port}/${mountpoint}`;
  return run('str2str', ['-in', from, '-out', `file://${file}`]);
}

/** The reason for the end of its stream, and how long after `end` that was. */
async function endOf({ username }: CorrectionLogin, end: () => Promise<unknown>) {
  await end();
  const began = performance.now();
  const line = await vi.waitFor(
    () => {
      const found = network.events('session_closed').find(({ fields }) => fields['account'] === username);
      if (found === undefined) throw new Error('it has not ended');
      return found;
    },
    { timeout: 5000, interval: 2 },
  );
  return { reason: line.fields['reason'], afterMs: performance.now() - began };
}

async function stream(login: CorrectionLogin): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, login.mountpoint, { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  // A receiver that hangs up when it is hung up on.
  void peer.readToEnd().then(() => peer.hangUp());
  return peer;
}

async function replyTo(login: CorrectionLogin): Promise<string> {
  return (await ask(network.port, getRequest(2, login.mountpoint, { login }))).toString().split('\r\n')[0]!;
}

async function accountsOf(vehicleId: string) {
  return await network.store.db
    .selectFrom('accounts')
    .innerJoin('devices', 'devices.account_id', 'accounts.id')
    .select(['accounts.id', 'accounts.valid_until'])
    .where('devices.device_id', '=', vehicleId)
    .execute();
}

describe('a right with a correction service', () => {
  test.skipIf(skipped !== '')(`lets str2str receive corrections, until it is revoked${skipped}`, async () => {
    const { id } = await buy('VEHICLE-1');
    const login = (await loginFor(id))!;
    const heard = path.join(folder, 'heard.rtcm3');
    const rover = receive(login, heard);
    const epochs: Buffer[] = [];
    await vi.waitFor(
      () => {
        const epoch = observationFrame(1, 1000 * (epochs.length + 1), 60);
        epochs.push(epoch);
        base.send(epoch);
        const bytes = existsSync(heard) ? readFileSync(heard) : Buffer.alloc(0);
        if (!epochs.some((one) => bytes.includes(one))) throw new Error('nothing heard');
      },
      { timeout: 15_000, interval: 100 },
    );
    const { reason, afterMs } = await endOf(login, async () => {
      await change(network.store, id, 'revoke', Date.now());
      outbox.wake();
    });
    await rover.stop('SIGINT');
    expect(reason).toBe('account_expired');
    expect(afterMs).toBeLessThan(WITHIN_MS);
    process.stdout.write(`revoked right to ended stream: ${afterMs.toFixed(1)} ms\n`);
  });

  test('is refused a new stream when it is over, and has the same login when it is given again', async () => {
    const { id, vehicleId } = await buy('VEHICLE-2');
    const login = (await loginFor(id))!;
    await change(network.store, id, 'revoke', Date.now());
    outbox.wake();
    await vi.waitFor(async () => expect(await replyTo(login)).toContain(' 403 '), { timeout: 5000 });
    expect(await loginFor(id)).toBeNull();
    const again = await buyAgain(vehicleId);
    expect(await loginFor(again)).toEqual(login);
    (await stream(login)).hangUp();
    expect(await accountsOf(vehicleId)).toHaveLength(1);
  });

  test('ends its stream within a second of its own end', async () => {
    const { id } = await buy('VEHICLE-3', 2);
    const login = (await loginFor(id))!;
    await stream(login);
    const endsAt = (await findEntitlement(network.store.db, id))!.ends_at!;
    const { reason } = await endOf(login, () => Promise.resolve());
    expect(reason).toBe('account_expired');
    expect(Date.now() - endsAt).toBeGreaterThanOrEqual(0);
    expect(Date.now() - endsAt).toBeLessThan(WITHIN_MS);
  });

  test('that is suspended ends the stream, and resumed lets it in again', async () => {
    const { id } = await buy('VEHICLE-4');
    const login = (await loginFor(id))!;
    await stream(login);
    const { afterMs } = await endOf(login, async () => {
      await change(network.store, id, 'suspend', Date.now());
      outbox.wake();
    });
    expect(afterMs).toBeLessThan(WITHIN_MS);
    await change(network.store, id, 'resume', Date.now());
    outbox.wake();
    await vi.waitFor(async () => (await stream(login)).hangUp(), { timeout: 5000 });
  });

  test('bought again goes on without the stream noticing', async () => {
    const { id, vehicleId } = await buy('VEHICLE-5', 2);
    const login = (await loginFor(id))!;
    const second = await buyAgain(vehicleId, 3600);
    const peer = await stream(login);
    await vi.waitFor(
      async () => expect(await findEntitlement(network.store.db, second)).toMatchObject({ state: 'active' }),
      { timeout: 5000 },
    );
    const epoch = observationFrame(1, 900_000, 60);
    base.send(epoch);
    await vi.waitFor(async () => expect(await left(network.store)).toBe(0), { timeout: 5000 });
    expect(network.events('session_closed').some(({ fields }) => fields['account'] === login.username)).toBe(
      false,
    );
    peer.hangUp();
  });

  test('asked for by fifty at once makes one account', async () => {
    const { id, vehicleId } = await buy('VEHICLE-6');
    const logins = await Promise.all(Array.from({ length: 50 }, () => loginFor(id)));
    expect(new Set(logins.map((login) => login?.username)).size).toBe(1);
    expect(await accountsOf(vehicleId)).toHaveLength(1);
  });

  test('leaves an account alone that its device has from elsewhere', async () => {
    const [sold] = await network.makeAccounts(app, 1, { valid_until: Date.now() + 86_400_000 });
    const device = await network.makeDevice(app, 'VEHICLE-8', { bound: 1, account_id: sold!.id });
    await network.change('account', 'accounts', sold!.id, { bound_device_id: device });
    const before = await accountsOf('VEHICLE-8');
    const { id, vehicleId } = await buy('VEHICLE-8');
    expect(await loginFor(id)).toBeNull();
    expect(refusalsOf(vehicleId)).toContain('device_has_account');
    await change(network.store, id, 'revoke', Date.now());
    expect(await loginFor(id)).toBeNull();
    expect(await accountsOf(vehicleId)).toEqual(before);
  });

  test('brings no login where its account is suspended by an operator, and says so', async () => {
    const { id, vehicleId } = await buy('VEHICLE-7');
    await loginFor(id);
    const [account] = await accountsOf(vehicleId);
    await network.change('account', 'accounts', account!.id, { status: 'suspended' });
    expect(await loginFor(id)).toBeNull();
    expect(refusalsOf(vehicleId)).toContain('account_suspended');
  });
});

function refusalsOf(vehicleId: string): unknown[] {
  return network
    .events('correction_refused')
    .filter(({ fields }) => fields['vehicle'] === vehicleId && fields['app'] === app.id)
    .map(({ fields }) => fields['reason']);
}

async function left({ db }: TierNetwork['store']): Promise<number> {
  return (await db.selectFrom('outbox').select('seq').where('topic', '=', 'corrections').execute()).length;
}
