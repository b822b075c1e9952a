// Tests the settings as they are read, checked and written by the API, over a file of a test's own.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig, type LoadedConfig } from '../../../config/load.ts';
import { settingsDesk } from '../../../workers/settings-desk.ts';
import { AUTHORIZATION, appUnderTest } from '../platform/http/app-under-test.ts';

const FILE = `timing: { stallMs: 20000 }
listen: { ntripPort: 2111 } # nothing else
accounts:
  - { username: tractor-1, password: hunter1-hunter1 }
`;

interface Settings {
  readonly settings: readonly { path: string; origin: string; value: unknown; waits: boolean }[];
  readonly file: { etag: string; text: string; writable: boolean };
}

async function house(text = FILE) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'rovercast.yaml');
  writeFileSync(file, text, { mode: 0o640 });
  const sources = {
    file,
    env: { ROVERCAST_HTTP_PORT: '8181' },
    overrides: { listen: { mqttsTokenPort: 8899 } },
  };
  let loaded = loadConfig(sources) as LoadedConfig;
  const taken: LoadedConfig[] = [];
  const desk = settingsDesk({
    ...{ sources, file, started: loaded.config, loaded: () => loaded },
    reload: (next) => {
      loaded = next;
      taken.push(next);
    },
  });
  const { app, store } = await appUnderTest({ settings: desk });
  const ask = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) => {
    const answer = await app.inject({
      ...{ method, url, headers: AUTHORIZATION },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), text: answer.body };
  };
  const read = async () => (await ask('GET', '/v1/settings')).body as unknown as Settings;
  return { folder, file, taken, store, ask, read };
}

test('each setting says who gave it', async () => {
  const { settings } = await (await house()).read();
  const rows = Object.fromEntries(settings.map(({ path: name, origin, value }) => [name, [origin, value]]));
  expect(rows).toMatchObject({
    'listen.ntripPort': ['file', 2111],
    'listen.httpPort': ['environment', 8181],
    'listen.mqttsTokenPort': ['option', 8899],
    'listen.mqttsPort': ['default', 8883],
    accounts: ['file', 1],
  });
});

test('what is checked is told with its lines, what waits for a start apart, and changes nothing', async () => {
  const { file, taken, ask, read } = await house();
  const { etag, text } = (await read()).file;
  const changed = text.replace('20000', '30000').replace('2111', '2112');
  const good = await ask('POST', '/v1/settings/check', { text: changed, etag });
  expect(good.body).toEqual({
    ok: true,
    mistakes: [],
    changes: [
      { path: 'listen.ntripPort', live: false, before: 2111, after: 2112 },
      { path: 'timing.stallMs', live: true, before: 20_000, after: 30_000 },
    ],
  });
  const bad = await ask('POST', '/v1/settings/check', {
    text: `${text}caster: { contry: CHE }\nx: 1\n`,
    etag,
  });
  expect(bad.body['ok']).toBe(false);
  expect(bad.body['mistakes']).toMatchObject([{ line: 5 }, { line: 6 }]);
  expect([readFileSync(file, 'utf8'), taken]).toEqual([FILE, []]);
});

test('what is written keeps the secrets, their places and the mode of the file, and is taken over and audited', async () => {
  const { folder, file, taken, store, ask, read } = await house();
  const { etag, text } = (await read()).file;
  expect(text).not.toContain('hunter1');
  const put = await ask('PUT', '/v1/settings', {
    text: text.replace('20000', '30000'),
    etag,
    reason: 'slow',
  });
  expect([put.status, put.text.includes('hunter1')]).toEqual([200, false]);
  expect(readFileSync(file, 'utf8')).toBe(FILE.replace('20000', '30000'));
  expect([statSync(file).mode & 0o777, readdirSync(folder)]).toEqual([0o640, ['rovercast.yaml']]);
  expect(taken.map(({ config }) => config.timing.stallMs)).toEqual([30_000]);
  const [entry] = await store.db.selectFrom('audit_entries').selectAll().execute();
  expect([entry?.action, entry?.before, entry?.after]).toEqual([
    'replaceSettings',
    JSON.stringify({ 'timing.stallMs': 20_000 }),
    JSON.stringify({ 'timing.stallMs': 30_000, reason: 'slow' }),
  ]);
});

test('what only a start can change stays what it was, and is told to wait', async () => {
  const { ask, read } = await house();
  const { etag, text } = (await read()).file;
  await ask('PUT', '/v1/settings', { text: text.replace('2111', '2112'), etag });
  const row = (await read()).settings.find(({ path: name }) => name === 'listen.ntripPort');
  expect(row).toMatchObject({ value: 2111, waits: true });
});

test.each([
  ['a mistake', { text: 'timing: { stallMs: soon }\n' }, 'settings_invalid'],
  ['a secret brought into sight', { text: 'caster: { operator: __hidden_0__ }\n' }, 'settings_invalid'],
  ['another file than the one that was read', { text: FILE, etag: 'other' }, 'settings_changed'],
])('%s is refused, and nothing is written', async (_name, sent, code) => {
  const { file, taken, ask, read } = await house();
  const { etag } = (await read()).file;
  const refused = await ask('PUT', '/v1/settings', { etag, ...sent });
  expect(refused.body['code']).toBe(code);
  expect([readFileSync(file, 'utf8'), taken]).toEqual([FILE, []]);
});

test('a server without a file says so', async () => {
  const { app } = await appUnderTest();
  const headers = AUTHORIZATION;
  const answer = await app.inject({ method: 'GET', url: '/v1/settings', headers });
  expect(answer.json()).toEqual({ settings: [], file: null });
  const payload = { text: '', etag: '' };
  const put = await app.inject({ method: 'PUT', url: '/v1/settings', headers, payload });
  expect(put.json<{ code: string }>().code).toBe('settings_no_file');
});
