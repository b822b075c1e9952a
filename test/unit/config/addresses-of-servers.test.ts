import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../config/load.ts';
import { configOf, loadText, problemsOf } from './write-config.ts';

const load = (name: string, value: string) => loadConfig({ env: { [name]: value } });

describe('the store', () => {
  test('is a file in the data folder where nothing is said', () => {
    expect(configOf(loadText('')).store).toEqual({ url: 'rovercast.db' });
  });

  test.each([
    'accounts.db',
    './data/accounts.db',
    '/var/lib/rovercast/accounts.db',
    'postgres://rovercast:p%40ss@db.example:5432/rovercast?sslmode=verify-full',
    'postgresql://db.example/rovercast',
    'postgres:///rovercast?host=/run/postgresql',
  ])('may be %s', (url) => {
    expect(configOf(load('ROVERCAST_DATABASE_URL', url)).store.url).toBe(url);
  });

  test.each(['mysql://u:hidden-secret@h/d', 'postgres:hidden-secret', 'https://hidden-secret.example'])(
    'is never %s, and the message does not show it',
    (url) => {
      const problems = problemsOf(load('ROVERCAST_DATABASE_URL', url));
      expect(problems).toMatchObject([{ code: 'config_bad_form', path: 'store.url' }]);
      expect(JSON.stringify(problems)).not.toContain('hidden-secret');
    },
  );
});

describe('live state', () => {
  test('is in memory where nothing is said, and refuses during an outage', () => {
    expect(configOf(loadText('')).live).toEqual({ url: 'memory:', onOutage: 'refuse' });
  });

  test.each(['redis://cache.example', 'redis://:p@cache.example:6379/2', 'rediss://cache.example:6380'])(
    'may be %s',
    (url) => expect(configOf(load('ROVERCAST_REDIS_URL', url)).live.url).toBe(url),
  );

  test.each(['cache.example:6379', 'memory', 'http://hidden-secret.example', 'redis:hidden-secret'])(
    'is never %s, and the message does not show it',
    (url) => {
      const problems = problemsOf(load('ROVERCAST_REDIS_URL', url));
      expect(problems).toMatchObject([{ code: 'config_bad_form', path: 'live.url' }]);
      expect(JSON.stringify(problems)).not.toContain('hidden-secret');
    },
  );
});

describe('metering', () => {
  test('is kept embedded where nothing is said', () => {
    expect(configOf(loadText('')).metering).toEqual({
      url: 'chdb:',
      windowMs: 10_000,
      spoolBytesMax: 10_737_418_240,
      retentionMonths: 13,
    });
  });

  test.each(['off', 'chdb:', 'http://click.example:8123', 'https://u:p%40ss@click.example/metering'])(
    'may go to %s',
    (url) => expect(configOf(load('ROVERCAST_CLICKHOUSE_URL', url)).metering.url).toBe(url),
  );

  test.each([
    'click.example:8123',
    'tcp://u:hidden-secret@click.example:9000',
    'http://u:hidden-secret@click.example/a/b',
    'http://u:hidden-secret@click.example/db?max_threads=1',
  ])('never goes to %s, and the message does not show it', (url) => {
    const problems = problemsOf(load('ROVERCAST_CLICKHOUSE_URL', url));
    expect(problems).toMatchObject([{ code: 'config_bad_form', path: 'metering.url' }]);
    expect(JSON.stringify(problems)).not.toContain('hidden-secret');
  });
});

describe('the public host', () => {
  test.each(['ntrip.example.com', 'localhost', '192.0.2.7', '2001:db8::7'])('may be %s', (host) => {
    expect(configOf(loadText(`listen: { publicHost: '${host}' }`)).listen.publicHost).toBe(host);
  });

  test.each(['http://ntrip.example.com', 'a b', 'ntrip.example.com:2101', '-a', ''])(
    'is never "%s", which no terminal could connect to',
    (host) => {
      expect(problemsOf(loadText(`listen: { publicHost: '${host}' }`))).toMatchObject([
        { code: 'config_bad_form', path: 'listen.publicHost' },
      ]);
    },
  );
});
