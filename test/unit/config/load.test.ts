// How a configuration comes together: option over environment over file over default.

import { describe, expect, test } from 'vitest';
import { BANDS } from '../../../caster/rtcm/signals.ts';
import { SATELLITE_SYSTEMS } from '../../../caster/rtcm/satellite-system.ts';
import { loadConfig } from '../../../config/load.ts';
import { configOf, loadText, problemsOf, writeConfig } from './write-config.ts';

const FILE = 'listen: { ntripPort: 1000 }\nlog: { level: warn }\ndataDir: ./from-file\n';

describe('precedence', () => {
  test('a default holds where nothing else is given', () => {
    expect(configOf(loadConfig({ env: {} })).listen.ntripPort).toBe(2101);
  });

  test('the file goes before the default', () => {
    expect(configOf(loadText(FILE)).listen.ntripPort).toBe(1000);
  });

  test('the environment goes before the file', () => {
    expect(configOf(loadText(FILE, { ROVERCAST_NTRIP_PORT: '2000' })).listen.ntripPort).toBe(2000);
  });

  test('an option goes before the environment', () => {
    const loaded = loadText(FILE, { ROVERCAST_NTRIP_PORT: '2000' }, { listen: { ntripPort: 3000 } });
    expect(configOf(loaded).listen.ntripPort).toBe(3000);
  });

  test('what one source sets leaves the rest of the section to the others', () => {
    const loaded = loadText(FILE, { ROVERCAST_HTTP_PORT: '2000' }, { listen: { ntripsPort: 'off' } });
    expect(configOf(loaded).listen).toMatchObject({
      ntripPort: 1000,
      httpPort: 2000,
      ntripsPort: 'off',
      host: '::',
    });
  });

  test('an option that was not given changes nothing', () => {
    expect(configOf(loadText(FILE, {}, { dataDir: undefined })).dataDir).toBe('./from-file');
  });

  test('a list given as an option replaces the list of the file', () => {
    const text = 'mountpoints: [{ name: A, sourcePassword: long-enough }]\n';
    const loaded = loadText(text, {}, { mountpoints: [{ name: 'B', nearest: {} }] });
    expect(configOf(loaded).mountpoints.map(({ name }) => name)).toEqual(['B']);
  });

  test('each documented variable sets its key', () => {
    const env = {
      ROVERCAST_DATA_DIR: '/tmp/x',
      ROVERCAST_STREAM_WORKERS: '3',
      ROVERCAST_NTRIP_PORT: '0',
      ROVERCAST_NTRIPS_PORT: 'off',
      ROVERCAST_HTTP_PORT: '18080',
      ROVERCAST_LOG_LEVEL: 'debug',
    };
    expect(configOf(loadConfig({ env }))).toMatchObject({
      dataDir: '/tmp/x',
      streamWorkers: 3,
      listen: { ntripPort: 0, ntripsPort: 'off', httpPort: 18080 },
      log: { level: 'debug' },
    });
  });
});

describe('the environment', () => {
  test('names the file where the command line does not', () => {
    const file = writeConfig(FILE);
    expect(loadConfig({ env: { ROVERCAST_CONFIG: file } })).toMatchObject({
      ok: true,
      file,
      config: { dataDir: './from-file' },
    });
  });

  test('counts an empty variable as not set', () => {
    expect(configOf(loadText(FILE, { ROVERCAST_NTRIP_PORT: '' })).listen.ntripPort).toBe(1000);
  });

  test('may hold names of engines to come, and the owner key, without a word', () => {
    const env = {
      ROVERCAST_OWNER_KEY: 'do-not-show-me',
      ROVERCAST_MASTER_KEY: 'do-not-show-me',
      ROVERCAST_CLICKHOUSE_URL: 'chdb:',
      ROVERCAST_MQTTS_PORT: '8883',
      ROVERCAST_MQTTS_TOKEN_PORT: '8884',
      HOME: '/root',
    };
    expect(loadConfig({ env })).toMatchObject({ ok: true, warnings: [] });
  });

  test('is warned about a mistyped name, and told the right one', () => {
    const loaded = loadConfig({ env: { ROVERCAST_DATADIRR: '/x' } });
    expect(loaded).toMatchObject({
      ok: true,
      warnings: [
        {
          code: 'config_unknown_env',
          where: 'env ROVERCAST_DATADIRR',
          fix: 'did you mean ROVERCAST_DATA_DIR?',
        },
      ],
    });
  });

  test('is named where a value of it is wrong', () => {
    const loaded = loadText(FILE, { ROVERCAST_NTRIP_PORT: '70000' });
    expect(problemsOf(loaded)).toMatchObject([
      { code: 'config_out_of_bounds', where: 'env ROVERCAST_NTRIP_PORT' },
    ]);
  });

  test('does not turn a text of digits into a number', () => {
    expect(configOf(loadConfig({ env: { ROVERCAST_DATA_DIR: '2024' } })).dataDir).toBe('2024');
  });
});

describe('options', () => {
  test('are named where a value of them is wrong', () => {
    const loaded = loadConfig({ env: {}, overrides: { listen: { ntripPort: -1 } } });
    expect(problemsOf(loaded)).toMatchObject([
      { code: 'config_out_of_bounds', where: 'option --ntrip-port' },
    ]);
  });
});

describe('the file', () => {
  test.each(['', '\n\n', '# nothing\n', 'mountpoints:\naccounts:\nlisten:\n'])(
    '%j means all defaults',
    (text) => {
      expect(configOf(loadText(text))).toEqual(configOf(loadConfig({ env: {} })));
    },
  );

  test('may be JSON', () => {
    expect(configOf(loadText('{"log": {"level": "error"}}')).log.level).toBe('error');
  });

  test('may use anchors and aliases', () => {
    const text =
      'accounts:\n  - { username: a, password: &p long-enough }\n  - { username: b, password: *p }\n';
    expect(configOf(loadText(text)).accounts[1]!.password).toBe('long-enough');
  });

  test('takes `off` for a port as the word it is', () => {
    expect(configOf(loadText('listen: { ntripPort: off }\n')).listen.ntripPort).toBe('off');
  });

  test('may give one port number to two listeners where it means any free port', () => {
    expect(loadText('listen: { ntripPort: 0, httpPort: 0 }\n').ok).toBe(true);
  });
});

describe('the configuration', () => {
  const text =
    'mountpoints: [{ name: A, nearest: {} }]\naccounts: [{ username: u, password: long-enough }]\n';

  test('is frozen in every part', () => {
    const parts: unknown[] = [configOf(loadText(text))];
    for (const part of parts) {
      expect(Object.isFrozen(part)).toBe(true);
      parts.push(
        ...Object.values(part as Record<string, unknown>).filter((value) => typeof value === 'object'),
      );
    }
    expect(parts.length).toBeGreaterThan(10);
  });

  test('can be sent to a thread', () => {
    const config = configOf(loadText(text));
    expect(structuredClone(config)).toEqual(config);
  });

  test('may shape a mountpoint by every constellation and band that there is', () => {
    const shape = { constellations: [...SATELLITE_SYSTEMS], bands: [...BANDS] };
    const mountpoints = [
      { name: 'A', sourcePassword: 'choose-one' },
      { name: 'A_ALL', of: 'A', shape },
    ];
    expect(configOf(loadText(JSON.stringify({ mountpoints }))).mountpoints[1]!.shape).toEqual(shape);
  });

  test('fills in the defaults of a nearest mountpoint', () => {
    expect(configOf(loadText(text)).mountpoints[0]!.nearest).toEqual({ maxBaselineKm: 50, hysteresisKm: 2 });
  });
});

describe('values', () => {
  test.each([
    ['listen: { host: 127.0.0.1 }', true],
    ['listen: { host: "::1" }', true],
    ['listen: { host: rovers.example }', false],
    ['gates: { trustedProxies: [10.0.0.0/8, "2001:db8::/32", 192.0.2.7] }', true],
    ['gates: { trustedProxies: [10.0.0.0/33] }', false],
    ['gates: { trustedProxies: ["2001:db8::/129"] }', false],
    ['gates: { trustedProxies: [10.0.0.0/] }', false],
    ['gates: { trustedProxies: [10.0.0.0/8/8] }', false],
    ['caster: { country: CHN }', true],
    ['caster: { country: "" }', true],
    ['caster: { country: chn }', false],
    ['caster: { operator: 千寻位置 }', true],
    ['caster: { misc: "two\\nlines" }', false],
    ['caster: { latitude: 90 }', true],
    ['caster: { latitude: 90.0001 }', false],
    ['caster: { latitude: .nan }', false],
    ['streamWorkers: 0', false],
    ['streamWorkers: 64', true],
    ['streamWorkers: 1.5', false],
    ['accounts: [{ username: u, password: long-enough, validUntil: 2030-02-28T00:00:00+08:00 }]', true],
    ['accounts: [{ username: u, password: long-enough, validUntil: 2030-02-30T00:00:00Z }]', false],
    ['accounts: [{ username: u, password: long-enough, validUntil: 2030-02-28 }]', false],
    ['accounts: [{ username: u, password: with a space }]', true],
    ['mountpoints: [{ name: A, sourcePassword: with a space }]', false],
    ['mountpoints: [{ name: "A B", sourcePassword: long-enough }]', false],
    [`mountpoints: [{ name: ${'A'.repeat(100)}, sourcePassword: long-enough }]`, true],
    [`mountpoints: [{ name: ${'A'.repeat(101)}, sourcePassword: long-enough }]`, false],
    [
      'mountpoints: [{ name: a, sourcePassword: long-enough }, { name: A, sourcePassword: long-enough }]',
      true,
    ],
    ['timing: { baseIdleMs: 5000, baseTakeOverSilentMs: 5000 }', true],
  ])('%s is taken: %s', (text, taken) => {
    expect(loadText(`${text}\n`).ok).toBe(taken);
  });
});
