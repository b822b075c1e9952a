// Every kind of mistake, each at its place. The expected lines and columns were counted by hand in the fixture.

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../config/load.ts';
import { formatProblems } from '../../../config/problem.ts';
import { PROBLEM_CODES } from '../../../config/problem-codes.ts';
import { CONFIG_FILE_BYTES_MAX } from '../../../config/limits.ts';
import { loadText, placesAndCodes, problemsOf, writeConfig } from './write-config.ts';

const FIXTURE = path.join(import.meta.dirname, 'fixtures', 'every-mistake.yaml.txt');

const EXPECTED = [
  '3:1 config_wrong_type',
  '4:16 config_out_of_bounds',
  '6:9 config_bad_form',
  '8:15 config_port_without_tls',
  '9:13 config_port_clash',
  '10:3 config_unknown_key',
  '12:13 config_wrong_type',
  '13:12 config_bad_form',
  '14:13 config_bad_form',
  '18:13 config_not_a_choice',
  '19:14 config_wrong_type',
  '20:11 config_duplicate_name',
  '21:21 config_wrong_type',
  '23:5 config_duplicate_key',
  '24:5 config_no_base_can_push',
  '26:21 config_nearest_with_source',
  '28:28 config_unknown_mountpoint',
  '28:35 config_nearest_of_nearest',
  '30:21 config_wrong_order',
  '31:5 config_missing_key',
  '32:5 config_wrong_type',
  '34:15 config_bad_form',
  '35:15 config_short_password',
  '36:19 config_unknown_mountpoint',
  '37:17 config_bad_form',
  '38:5 config_missing_key',
  '38:25 config_unknown_key',
  '39:5 config_missing_key',
  '40:5 config_yaml_syntax',
  '42:15 config_yaml_syntax',
  '44:15 config_bad_form',
  '45:19 config_wrong_type',
  '45:32 config_yaml_nesting',
  '48:25 config_wrong_order',
  '50:18 config_proxy_without_trust',
  '52:1 config_yaml_syntax',
  '53:1 config_unknown_key',
  'env ROVERCAST_LOG_LEVEL config_not_a_choice',
  'env ROVERCAST_NTRIPPORT config_unknown_env',
];

const SHAPES_OF_NOTHING = `\
mountpoints:
  - { name: BASE, sourcePassword: hidden-secret }
  - { name: BYTES, sourcePassword: hidden-secret, raw: true }
  - { name: SHAPED, of: BASE, shape: { msmLevelMax: 4 } }
  - { name: AGAIN, of: SHAPED }
  - { name: OF_BYTES, of: BYTES }
  - { name: OF_NONE, of: NONE }
  - { name: PUSHED, of: BASE, sourcePassword: hidden-secret }
  - { name: BARE, shape: {}, sourcePassword: hidden-secret }
  - { name: SIX, of: BASE, shape: { msmLevelMax: 6 } }
  - { name: NEAR, nearest: { mountpoints: [SHAPED] } }
`;

const BOTH_PAYMENTS = `\
mountpoints:
  - { name: BASE, sourcePassword: hidden-secret }
licensing:
  payments:
    stripeSecretKey: sk_live_hidden_secret_of_the_account
    stripeWebhookSecret: whsec_hidden_secret_of_the_webhook
    test: true
`;

const BROKER = ['mqttUrl: mqtts://mqtt.example.com:8885', 'mqttCaFile: ca.pem'];
const BY_PASSWORD = ['mqttUsername: cloud.rovercast', 'mqttPasswordFile: password'];

const licensing = (lines: readonly string[]): string =>
  `mountpoints:\n  - { name: BASE, sourcePassword: hidden-secret }\nlicensing:\n  ${lines.join('\n  ')}\n`;

const EXPECTED_OF_BROKER = ['4:12 config_mqtt_incomplete', '4:12 config_mqtt_incomplete'];

const EXPECTED_OF_PAYMENTS = ['7:11 config_test_payments'];

const EXPECTED_OF_SHAPES = [
  '5:24 config_shape_of_unfit',
  '6:27 config_shape_of_unfit',
  '7:26 config_unknown_mountpoint',
  '8:47 config_shape_with_source',
  '9:26 config_shape_without_source',
  '10:50 config_bad_form',
  '11:44 config_nearest_of_nearest',
];

function loadFixture() {
  return loadConfig({ file: FIXTURE, env: { ROVERCAST_LOG_LEVEL: 'loud', ROVERCAST_NTRIPPORT: '2101' } });
}

test('a shape of a mountpoint that cannot be given in one is reported at the name', () => {
  expect(placesAndCodes(loadText(SHAPES_OF_NOTHING))).toEqual(EXPECTED_OF_SHAPES);
});

test('test payments beside a real provider are refused', () => {
  expect(placesAndCodes(loadText(BOTH_PAYMENTS))).toEqual(EXPECTED_OF_PAYMENTS);
});

test('test payments beside a real provider are refused also where its key is in the environment', () => {
  const text = BOTH_PAYMENTS.replaceAll(/.*stripe.*\n/gi, '');
  const file = writeConfig(text);
  expect(placesAndCodes(loadConfig({ file, env: {} }))).toEqual([]);
  const env = { ROVERCAST_STRIPE_SECRET_KEY: 'sk_live_hidden_secret_of_the_account' };
  const codes = problemsOf(loadConfig({ file, env })).map(({ code }) => code);
  expect(codes).toEqual(['config_test_payments']);
});

test.each([
  ['nothing else', ['mqttUrl: mqtts://mqtt.example.com:8885'], EXPECTED_OF_BROKER],
  ['a user without a password', [...BROKER, 'mqttUsername: cloud.rovercast'], EXPECTED_OF_BROKER.slice(1)],
  [
    'two kinds of credentials',
    [...BROKER, ...BY_PASSWORD, 'mqttCertFile: c.pem', 'mqttKeyFile: c.key'],
    EXPECTED_OF_BROKER.slice(1),
  ],
  [
    'no TLS for vehicles',
    ['mqttUrl: mqtt://127.0.0.1:1883', 'mqttCaFile: ca.pem', ...BY_PASSWORD],
    EXPECTED_OF_BROKER.slice(1),
  ],
  ['credentials and no address', BY_PASSWORD, ['4:17 config_mqtt_incomplete', '5:21 config_mqtt_incomplete']],
])('an external broker with %s is refused', (_, lines, expected) => {
  expect(placesAndCodes(loadText(licensing(lines)))).toEqual(expected);
});

test('an external broker that has all it needs is taken', () => {
  expect(placesAndCodes(loadText(licensing([...BROKER, ...BY_PASSWORD])))).toEqual([]);
});

test('an address of a broker with a password in it is refused, and not told back', () => {
  const [problem] = problemsOf(loadText(licensing(['mqttUrl: mqtts://user:hidden-secret@mqtt.example.com'])));
  expect(problem).toMatchObject({ code: 'config_bad_form' });
  expect(JSON.stringify(problem)).not.toContain('hidden-secret');
});

describe('a file with every mistake', () => {
  test('is reported in one run, each mistake with its code, line and column', () => {
    const found = problemsOf(loadFixture()).map(
      ({ where, code }) => `${where.replace(`${FIXTURE}:`, '')} ${code}`,
    );
    expect(found).toEqual(EXPECTED);
  });

  test('together with the tests of whole files below meets every problem code there is', () => {
    const ofWholeFiles = ['missing', 'unreadable', 'too_large', 'not_text'].map(
      (kind) => `config_file_${kind}`,
    );
    const ofLines = [...EXPECTED, ...EXPECTED_OF_SHAPES, ...EXPECTED_OF_PAYMENTS, ...EXPECTED_OF_BROKER].map(
      (line) => line.split(' ').at(-1),
    );
    // What comes back from where secrets are hidden: hidden-secrets.test.ts.
    const met = new Set([...ofLines, ...ofWholeFiles, 'config_hidden_misplaced']);
    expect([...met].sort()).toEqual(Object.keys(PROBLEM_CODES).sort());
  });

  test('is told to people in one line for each mistake, with what to do about it', () => {
    const lines = formatProblems(problemsOf(loadFixture())).trimEnd().split('\n');
    expect(lines).toHaveLength(EXPECTED.length);
    for (const line of lines) expect(line).toMatch(/^(.+:\d+:\d+|env \w+): .+ \(.+\)$/);
  });

  test('names what was probably meant', () => {
    const fixes = problemsOf(loadFixture()).map(({ fix }) => fix);
    for (const meant of ['ntripsPort', 'BASE1', 'open', 'listen.ntripPort', 'ROVERCAST_NTRIP_PORT']) {
      expect(fixes).toContain(`did you mean ${meant}?`);
    }
  });

  test('shows no secret, not even one that lost its key or its colon', () => {
    expect(JSON.stringify(problemsOf(loadFixture()))).not.toMatch(/hidden-secret|shorty|12345678/);
  });
});

describe('a secret', () => {
  test.each([
    ['that became a key below its own', 'accounts: [{ username: u, password: { hush: *hush } }]'],
    ['given twice below its key', 'accounts: [{ username: u, password: { hush: 1, hush: 2 } }]'],
    ['that lost its space', 'accounts:\n  - username: u\n    password:hush\n'],
    ['that lost its key', 'accounts: [{ username: u, hush }]'],
    ['in place of an account', 'accounts: [hush]'],
    ['in place of the accounts', 'accounts: hush'],
    ['swallowed by an open quote', 'mountpoints:\n  - place: "x;\n    sourcePassword: hush\n'],
    ['that is an alias', 'accounts: [{ username: u, password: *hush }]'],
    ['that is a tag', 'accounts: [{ username: u, password: !hush x }]'],
    ['with a character it may not have', 'accounts: [{ username: u, password: hushö }]'],
    ['that is a list', 'accounts: [{ username: u, password: [hush] }]'],
    ['on a line that goes on', 'mountpoints:\n  - access: opened\n      sourcePassword hush\n'],
  ])('%s is reported and not shown', (_, text) => {
    const problems = problemsOf(loadText(text));
    expect(problems).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toContain('hush');
  });
});

describe('a file as a whole', () => {
  function codeOf(file: string) {
    const loaded = loadConfig({ file, env: {} });
    return problemsOf(loaded).map(({ code, where }) => [code, where]);
  }

  test('that is not there is a problem', () => {
    const file = `${writeConfig('')}-missing`;
    expect(codeOf(file)).toEqual([['config_file_missing', file]]);
  });

  test('that is a folder is a problem', () => {
    expect(codeOf(import.meta.dirname)).toEqual([['config_file_unreadable', import.meta.dirname]]);
  });

  test('that is a device is a problem, and is not waited for', () => {
    expect(codeOf('/dev/zero')).toEqual([['config_file_unreadable', '/dev/zero']]);
  });

  test('whose path the system refuses is a problem', () => {
    expect(codeOf('x'.repeat(5000)).map(([code]) => code)).toEqual(['config_file_unreadable']);
  });

  test('that is too large is a problem', () => {
    const file = writeConfig(Buffer.alloc(CONFIG_FILE_BYTES_MAX + 1, '#'));
    expect(codeOf(file)).toEqual([['config_file_too_large', file]]);
  });

  test('that is not UTF-8 is a problem', () => {
    const file = writeConfig(Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0xfe));
    expect(codeOf(file)).toEqual([['config_file_not_text', file]]);
  });

  test('that is missing does not hide what is wrong with the environment', () => {
    const loaded = loadConfig({ file: '/nowhere/at-all.yaml', env: { ROVERCAST_HTTP_PORT: 'eighty' } });
    expect(
      problemsOf(loaded)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['config_file_missing', 'config_not_a_choice']);
  });

  test('that holds a list instead of keys is a problem', () => {
    expect(placesAndCodes(loadText('- a\n- b\n'))).toEqual(['1:1 config_wrong_type']);
  });
});

describe('places', () => {
  test('half of a TLS section is reported at the section', () => {
    expect(placesAndCodes(loadText('tls:\n  keyFile: key.pem\n'))).toEqual(['1:1 config_missing_key']);
  });

  test('a port that clashes with a default is reported where the port is given', () => {
    expect(placesAndCodes(loadText('listen: { httpPort: 2101 }\n'))).toEqual(['1:21 config_port_clash']);
  });

  test('lines are counted alike with Windows line ends and a byte order mark', () => {
    const text = '\uFEFFlisten:\r\n  host: "::"\r\nlog:\r\n  level: loud\r\n';
    expect(placesAndCodes(loadText(text))).toEqual(['4:10 config_not_a_choice']);
  });

  test('a mistake behind an alias is reported at its anchor', () => {
    const text = [
      'mountpoints:',
      '  - { name: A, sourcePassword: long-enough, place: &p "x;y" }',
      '  - { name: B, sourcePassword: long-enough, place: *p }',
      '',
    ].join('\n');
    expect(placesAndCodes(loadText(text))).toEqual(['2:55 config_bad_form', '2:55 config_bad_form']);
  });

  test('a key named __proto__ is unknown like any other', () => {
    expect(placesAndCodes(loadText('log:\n  __proto__: { level: debug }\n'))).toEqual([
      '2:3 config_unknown_key',
    ]);
  });

  test('a date made by a YAML 1.1 directive is not taken for a text', () => {
    expect(placesAndCodes(loadText('%YAML 1.1\n---\ndataDir: 2001-01-01\n'))).toEqual([
      '3:10 config_yaml_syntax',
    ]);
  });

  test('aliases of aliases end in one problem instead of millions of values', () => {
    const lines = Array.from({ length: 12 }, (_, level) => {
      const entries = Array.from({ length: 10 }, () => (level === 0 ? 'x' : `*a${level - 1}`)).join(', ');
      return `a${level}: &a${level} [${entries}]`;
    });
    const codes = problemsOf(loadText(`${lines.join('\n')}\n`)).map(({ code }) => code);
    expect(codes.filter((code) => code !== 'config_unknown_key')).toEqual(['config_yaml_nesting']);
  });

  test('an alias of what it stands in ends in one problem', () => {
    const codes = problemsOf(loadText('accounts: &a\n  - *a\n')).map(({ code }) => code);
    expect(codes).toContain('config_yaml_nesting');
  });
});
