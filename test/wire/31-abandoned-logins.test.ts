// Logins whose device is gone before they are decided: they take nothing, and give back what they had taken. On real
// sockets, with a live state that answers when the test lets it.

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SlotClaim, SlotVerdict } from '../../caster/accounts/live/live-state.ts';
import { CLOSE_REASON_NAMES } from '../../caster/net/close-reason.ts';
import { MemoryLiveState } from '../../caster/accounts/live/memory-live-state.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { rc1Password } from '../support/rc1.ts';
import {
  type MadeAccount,
  type MadeApp,
  startTierNetwork,
  type TierNetwork,
} from '../support/tier-network.ts';
import { ask as answerOf, connectPeer, openPeers, type WirePeer } from '../support/wire-peer.ts';

const PEER_CLOSED = CLOSE_REASON_NAMES.indexOf('peer_closed');

/** As slow as the test wants it. */
class SlowLiveState extends MemoryLiveState {
  readonly asked: string[] = [];
  readonly released: string[] = [];
  /** The step at which answers wait, and what lets them go. */
  slow: string | undefined;
  letGo: () => void = () => undefined;
  #gate = new Promise<void>((resolve) => (this.letGo = resolve));

  override async countLogin(key: string, perMinute: number): Promise<number> {
    await this.#pass('countLogin');
    return await super.countLogin(key, perMinute);
  }

  override async takeSlots(claim: SlotClaim): Promise<SlotVerdict> {
    const verdict = await super.takeSlots(claim);
    await this.#pass('takeSlots');
    return verdict;
  }

  override releaseSlots(sessionId: string): void {
    this.released.push(sessionId);
    super.releaseSlots(sessionId);
  }

  async #pass(step: string): Promise<void> {
    this.asked.push(step);
    if (step === this.slow) await this.#gate;
  }
}

interface Login {
  readonly username: string;
  readonly password: string;
}

let live: SlowLiveState;
let network: TierNetwork;
let app: MadeApp;
let account: MadeAccount;
let isBalanceSlow: boolean;
let balanceAsks: number;
let letBalanceGo: () => void;

beforeEach(async () => {
  live = new SlowLiveState();
  isBalanceSlow = false;
  balanceAsks = 0;
  const gate = Promise.withResolvers<undefined>();
  letBalanceGo = () => gate.resolve(undefined);
  const mayStart = async (): Promise<boolean> => {
    balanceAsks += 1;
    if (isBalanceSlow) await gate.promise;
    return true;
  };
  network = await startTierNetwork({}, { live, balances: { mayStart } });
  app = await network.makeApp({ quota: '{"loginsPerMinute":100}' });
  [account] = (await network.makeAccounts(app, 1)) as [MadeAccount];
});

afterEach(async () => {
  for (const peer of openPeers()) peer.hangUp();
  live.letGo();
  letBalanceGo();
  await network.stop();
});

function signed(device: string): Login {
  const nonce = randomBytes(12).toString('base64url');
  const parts = { ts: Math.floor(Date.now() / 1000), nonce, device, mountpoint: 'TEST1' };
  return { username: `${app.key}/${device}`, password: rc1Password(app.secret, parts) };
}

async function ask(login: Login): Promise<WirePeer> {
  const peer = await connectPeer(network.port);
  peer.send(getRequest(1, 'TEST1', { login }));
  return peer;
}

/** Hangs up once the login waits at the step, and lets it go on when the caster has noticed. */
async function abandonAt(step: 'countLogin' | 'takeSlots', login: Login): Promise<void> {
  live.slow = step;
  const peer = await ask(login);
  await expect.poll(() => live.asked.at(-1)).toBe(step);
  peer.hangUp();
  await noticed();
  live.slow = undefined;
  live.letGo();
  await expect.poll(() => network.events('refused').at(-1)?.fields['reason']).toBe('login_abandoned');
}

/** The caster knows that a device has hung up. */
async function noticed(): Promise<void> {
  const closed = (): number => network.caster.pool.counters[0]!.readClosed(PEER_CLOSED);
  await expect.poll(closed, { timeout: 5000 }).toBe(1);
  // What the worker says comes in its order: when it has asked this, it has told of that.
  await answerOf(network.port, getRequest(2, 'TEST1'));
}

async function streams(login: Login): Promise<void> {
  expect(await (await ask(login)).readHead()).toBe('ICY 200 OK\r\n\r\n');
}

const accountRow = () =>
  network.store.db.selectFrom('accounts').selectAll().where('id', '=', account.id).executeTakeFirstOrThrow();

test('a login that is abandoned before it has an account takes none, and no device is written down', async () => {
  await abandonAt('countLogin', signed('dev-1'));
  expect(await accountRow()).toMatchObject({ held: 0, holder: null, activated_at: null });
  expect(await network.store.db.selectFrom('devices').selectAll().execute()).toEqual([]);
  expect(live.asked).not.toContain('takeSlots');
}, 20_000);

test.each([
  ['signed', () => signed('dev-1')],
  ['plain', () => account],
])(
  'a %s login that is abandoned with places taken gives all back and activates nothing',
  async (_way, login) => {
    await abandonAt('takeSlots', login());
    expect(live.released).toHaveLength(1);
    expect(network.tier.running.size).toBe(0);
    await expect.poll(async () => (await accountRow()).held, { timeout: 5000 }).toBe(0);
    expect((await accountRow()).activated_at).toBeNull();
    expect(network.events('session_opened')).toEqual([]);
    // The only account of the pool is there for the next.
    await streams(signed('dev-2'));
  },
  20_000,
);

test('a login that is abandoned while the balance is asked for leaves the session that runs alone', async () => {
  await streams(account);
  isBalanceSlow = true;
  const peer = await ask(account);
  await expect.poll(() => balanceAsks).toBe(2);
  peer.hangUp();
  await noticed();
  letBalanceGo();
  await expect.poll(() => network.events('refused').at(-1)?.fields['reason']).toBe('login_abandoned');
  expect(network.events('session_closed')).toEqual([]);
  expect(network.tier.running.size).toBe(1);
}, 20_000);

test('a login that takes long and whose device waits is let in', async () => {
  live.slow = 'takeSlots';
  const peer = await ask(account);
  await expect.poll(() => live.asked.at(-1)).toBe('takeSlots');
  live.letGo();
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
});
