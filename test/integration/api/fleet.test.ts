// A fleet as the page on the API sets it up, with curl against a real server: a base and a rover then stream by it, and
// `rovercast why` tells of whoever is not let in.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { OWNER_KEY } from '../../support/caster-process.ts';
import { observationFrame } from '../../support/frames.ts';
import { getRequest, sourceRequest } from '../../support/ntrip-requests.ts';
import { rc1Password } from '../../support/rc1.ts';
import { askOwner, eventually, useCaster } from '../../support/use-caster.ts';
import { connectPeer } from '../../support/wire-peer.ts';
import { runCli } from '../cli/cli-process.ts';
import { run, skipNote } from '../interop/programs.ts';

const DOCS = path.resolve(import.meta.dirname, '../../../docs');
const SAMPLE = path.join(DOCS, 'samples/fleet.sh');
const missing = skipNote('bash', 'curl');

const caster = useCaster({ config: { gates: { failuresPerMinutePerUser: 0 } } });

interface Fleet {
  readonly app: { readonly id: string; readonly key: string; readonly secret: string };
  readonly accounts: readonly { readonly id: string; readonly username: string; readonly password: string }[];
  readonly devices: readonly {
    readonly id: string;
    readonly deviceId: string;
    readonly accountId: string | null;
  }[];
}

let fleet: Fleet | undefined;

const server = (): string => `http://127.0.0.1:${caster().ready.http}`;

beforeAll(async () => {
  if (missing !== '') return;
  const sample = run('env', [`SERVER=${server()}`, `KEY=${OWNER_KEY}`, 'bash', SAMPLE]);
  expect([await sample.exited, sample.errors()]).toEqual([0, '']);
  const [first, accounts, devices] = sample.output().toString().trimEnd().split('\n');
  const [, id, key, secret] = /^app (\S+), key (\S+), secret (\S+)$/.exec(first!)!;
  fleet = {
    app: { id: id!, key: key!, secret: secret! },
    accounts: (JSON.parse(accounts!) as { data: Fleet['accounts'] }).data,
    devices: (JSON.parse(devices!) as { data: Fleet['devices'] }).data,
  };
});

/** The status of what a rover gets. */
async function enter(login: { username: string; password: string }, mountpoint = 'FIELD'): Promise<string> {
  const rover = await connectPeer(caster().ready.ntrip);
  rover.send(getRequest(2, mountpoint, { login }));
  return (await rover.readHead()).split('\r\n', 1)[0]!;
}

const why = async (user: string, ...options: string[]) =>
  await runCli(['why', user, '--url', server(), ...options], { env: { ROVERCAST_OWNER_KEY: OWNER_KEY } });

test('the page shows the very sample that is run here', () => {
  const page = readFileSync(path.join(DOCS, 'api.md'), 'utf8');
  expect(page).toContain(`\`\`\`bash\n${readFileSync(SAMPLE, 'utf8').trimEnd()}\n\`\`\``);
});

describe('the fleet of the sample', () => {
  test('has its app, accounts and devices', (context) => {
    context.skip(missing !== '', missing);
    expect(fleet?.accounts).toHaveLength(3);
    expect(fleet?.accounts[0]!.username).toMatch(/^tractor-[a-z2-7]{10}$/);
    expect(fleet?.devices.map(({ deviceId }) => deviceId)).toEqual(['17', '18']);
  });

  test('streams: by an account typed in, and by the signature of a device', async (context) => {
    context.skip(missing !== '', missing);
    const { app, accounts } = fleet!;
    const base = await connectPeer(caster().ready.ntrip);
    base.send(sourceRequest('choose-one-for-the-base', 'FIELD'));
    expect(await base.readHead()).toBe('ICY 200 OK\r\n\r\n');
    const rover = await connectPeer(caster().ready.ntrip);
    rover.send(getRequest(2, 'FIELD', { login: accounts[0]! }));
    expect((await rover.readHead()).split('\r\n', 1)[0]).toBe('HTTP/1.1 200 OK');
    const frame = observationFrame(1, 1000);
    await eventually('a frame has come through', async () => {
      base.send(frame);
      return (
        (await Promise.race([rover.read(6), pause()]))?.equals(frame.subarray(0, 6)) === true || undefined
      );
    });
    const ts = Math.floor(Date.now() / 1000);
    const signed = { ts, nonce: 'a-nonce-of-this-test', device: '18', mountpoint: 'FIELD' };
    const login = { username: `${app.key}/18`, password: rc1Password(app.secret, signed) };
    expect(await enter(login)).toBe('HTTP/1.1 200 OK');
    const sessions = await (await askOwner(caster(), `/v1/sessions?appId=${app.id}`)).json();
    expect(sessions).toMatchObject({ data: [{ account: accounts[0]!.username }, { device: '18' }] });
    expect((await why(accounts[0]!.username)).stdout).toMatch(
      /^connected to FIELD from \S+ since .* ago \(ses_\w+\)\naccount tractor-\w+ \(acc_\w+\): it is usable;/,
    );
  });
});

describe('rovercast why', () => {
  test('tells who was refused, how often, at which step, and what to do', async (context) => {
    context.skip(missing !== '', missing);
    const { username } = fleet!.accounts[1]!;
    for (let n = 0; n < 3; n++) {
      expect(await enter({ username, password: 'not-it' })).toContain('401');
    }
    const { code, stdout } = await why(username);
    expect(code).toBe(0);
    expect(stdout).toContain(`account ${username}`);
    expect(stdout).toMatch(
      /credentials_wrong: user name or password is wrong\n {2}3 times, last \S+ s ago, as rover/,
    );
    expect(stdout).toContain('what to do: check both');
    expect(stdout).not.toContain('not-it');
  });

  test('tells of an account that is suspended, before anybody has tried', async (context) => {
    context.skip(missing !== '', missing);
    const { id, username } = fleet!.accounts[2]!;
    await askOwner(caster(), `/v1/accounts/${id}/suspend`, { method: 'POST' });
    expect((await why(username)).stdout).toContain('it is suspended: reinstate it');
  });

  test('finds signed logins by app key, by device, and by both', async (context) => {
    context.skip(missing !== '', missing);
    const { app } = fleet!;
    const ts = Math.floor(Date.now() / 1000) - 4000;
    const signed = { ts, nonce: 'another-nonce-here', device: '99', mountpoint: 'FIELD' };
    const login = { username: `${app.key}/99`, password: rc1Password(app.secret, signed) };
    expect(await enter(login)).toContain('401');
    for (const user of [app.key, '99', `${app.key}/99`]) {
      const { stdout } = await why(user, '--json');
      const { refusals } = JSON.parse(stdout) as { refusals: { reason: string; username: string }[] };
      expect(refusals.map(({ reason, username }) => [reason, username])).toContainEqual([
        'clock_outside_window',
        `${app.key}/99`,
      ]);
    }
  });

  test('says where nothing is known, and what is wrong with key and address', async () => {
    const nobody = await why('nobody');
    expect([nobody.code, nobody.stdout]).toEqual([
      0,
      'nobody was refused lately as nobody, and no account has this name: it may not have come as far as this caster; check host, port and network\n',
    ]);
    const wrongKey = await why('nobody', '--key', 'csk_live_wrong');
    expect([wrongKey.code, wrongKey.stderr]).toEqual([1, expect.stringMatching(/^key_refused: /) as string]);
    const nowhere = await runCli(['why', 'nobody', '--url', 'http://127.0.0.1:1', '--key', 'x']);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringMatching(/^connection_refused: nothing listens at /) as string,
    ]);
    expect((await runCli(['why'])).code).toBe(2);
  });
});

function pause(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), 50));
}
