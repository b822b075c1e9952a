// Tests whether a start that cannot succeed ends at once with its exit code, and with words that name the thing, the
// place and the fix; and whether a running caster on the same port notices nothing.

import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type CasterProcess,
  type CasterProcessOptions,
  startCasterProcess,
} from '../support/caster-process.ts';
import { ICY_OK } from '../support/expected-replies.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { connectPeer } from '../support/wire-peer.ts';

const folder = useTempFolder();
let occupant: Server | undefined;
afterEach(() => {
  occupant?.close();
});

/** Exit code and everything said of a start that must fail. */
async function failedStart(options: CasterProcessOptions): Promise<{ code: number; words: string }> {
  const started = await startCasterProcess(options).catch((error: unknown) => String(error));
  if (typeof started !== 'string') {
    await started.stop();
    throw new Error('the caster has started');
  }
  const [, code, words] = /^Error: ended with (\d+): (.*)$/s.exec(started) ?? [];
  return { code: Number(code), words: words ?? started };
}

async function occupy(host: string): Promise<string> {
  const server = createServer();
  occupant = server;
  await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return String(address.port);
}

describe('a port that is taken', () => {
  test.each([
    ['ROVERCAST_NTRIP_PORT', 'listen.ntripPort', '::'],
    ['ROVERCAST_NTRIP_PORT', 'listen.ntripPort', '127.0.0.1'],
    ['ROVERCAST_HTTP_PORT', 'listen.httpPort', '::'],
  ])('%s: port_in_use, with the port, %s and the fix (%s)', async (variable, setting, host) => {
    const port = await occupy(host);
    const { code, words } = await failedStart({ env: { [variable]: port } });
    expect(code).toBe(1);
    expect(words).toContain(`port_in_use: cannot listen on [::]:${port} (${setting}): EADDRINUSE`);
    expect(words).toContain('stop the other program, or choose another port');
  });

  test('of a caster that runs: that one goes on, and no connection of its is taken away', async () => {
    const mountpoints = [{ name: 'TEST1', sourcePassword: 'password1', access: 'open' }];
    const running = await startCasterProcess({ config: { mountpoints } });
    const { ntrip } = running.ready;
    const rover = await connectPeer(ntrip);
    rover.send(getRequest(1, 'TEST1'));
    await rover.readHead();
    const { code, words } = await failedStart({ env: { ROVERCAST_NTRIP_PORT: String(ntrip) } });
    expect([code, words.includes('\nport_in_use: ')]).toEqual([1, true]);
    const base = await connectPeer(ntrip);
    base.send(sourceRequest('password1', 'TEST1'));
    expect(await base.readHead()).toBe(ICY_OK);
    const epoch = observationFrame(1, 1000);
    base.send(epoch);
    expect(await rover.read(epoch.length)).toEqual(epoch);
    rover.hangUp();
    base.hangUp();
    expect(await running.stop()).toBe(0);
  });

  test('by one of three casters that start at the same moment: exactly one has it', async () => {
    const port = await occupy('::');
    await new Promise((resolve) => occupant!.close(resolve));
    const start = (): Promise<CasterProcess | string> =>
      startCasterProcess({ env: { ROVERCAST_NTRIP_PORT: port } }).catch((error: unknown) => String(error));
    const starts = await Promise.all([start(), start(), start()]);
    const running = starts.filter((one) => typeof one !== 'string');
    await Promise.all(running.map((one) => one.stop()));
    expect(running).toHaveLength(1);
    const words = starts.filter((one) => typeof one === 'string');
    expect(words.map((one) => one.includes('port_in_use: '))).toEqual([true, true]);
  });

  test('by another setting of the same file is found before anything is opened', async () => {
    const { code, words } = await failedStart({
      config: { listen: { ntripPort: 2101, httpPort: 2101 } },
      env: { ROVERCAST_NTRIP_PORT: '2101', ROVERCAST_HTTP_PORT: '2101' },
    });
    expect([code, words.includes('2101')]).toEqual([3, true]);
  });
});

describe('a configuration that is wrong', () => {
  test('ends with 3 and names every mistake with file, line, column and fix', async () => {
    const file = path.join(folder, 'bad.yaml');
    writeFileSync(
      file,
      [
        'mountpoints:',
        '  - name: TEST1',
        '    sourcePasword: password1',
        '  - name: "with space"',
        '    sourcePassword: password1',
        'timing:',
        '  stallMs: soon',
        '  epochHoldMs: -5',
        'accounts: [{ username: anna, password: password1, mountpoints: [TEST2] }]',
        '',
      ].join('\n'),
    );
    const { code, words } = await failedStart({ args: ['--config', file] });
    expect(code).toBe(3);
    const places = words
      .split('\n')
      .flatMap((line) => /bad\.yaml:(\d+):\d+: .+\(.+\)$/.exec(line)?.[1] ?? []);
    expect(new Set(places)).toEqual(new Set(['2', '3', '4', '7', '8', '9']));
    expect(words).toContain('did you mean sourcePassword?');
    expect(words).toContain('did you mean TEST1?');
  });

  test.each([
    [
      'a file that is not there',
      { args: ['--config', path.join(folder, 'none.yaml')] },
      /none\.yaml.*\(.+\)/,
    ],
    [
      'an environment variable that is none',
      { env: { ROVERCAST_HTTP_PORT: 'abc' } },
      /ROVERCAST_HTTP_PORT.*abc/,
    ],
    ['an option that is none', { args: ['--stream-workers', 'many'] }, /--stream-workers.*many/],
  ])('%s ends with 3 and is named', async (_what, options, words) => {
    const failed = await failedStart(options);
    expect(failed.code).toBe(3);
    expect(failed.words).toMatch(words);
  });

  test('an option nobody knows ends with 2', async () => {
    const { code, words } = await failedStart({ args: ['--no-such-option'] });
    expect(code).toBe(2);
    expect(words).toContain('--no-such-option');
  });
});

describe('a place or key that cannot be used', () => {
  test('a data folder that is a file is named', async () => {
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, words } = await failedStart({ env: { ROVERCAST_DATA_DIR: file, ROVERCAST_OWNER_KEY: '' } });
    expect(code).toBe(1);
    expect(words).toMatch(
      /^data_dir_not_a_directory: .*a-file.*\(name another folder with dataDir or ROVERCAST_DATA_DIR/m,
    );
  });

  test('an owner key that is too short is refused, and not repeated', async () => {
    const { code, words } = await failedStart({ env: { ROVERCAST_OWNER_KEY: 'short-7311' } });
    expect(code).toBe(1);
    expect(words).toMatch(/^owner_key_malformed: .*\(give at least 24 printable ASCII characters/m);
    expect(words).not.toContain('short-7311');
  });
});
