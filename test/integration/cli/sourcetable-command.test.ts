// `rovercast sourcetable` as a process, against tables of both protocol versions.
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from './cli-process.ts';
import { type ScriptedCaster, startCaster } from './scripted-caster.ts';

const CAS = 'CAS;caster.example;2101;Example;BKG;0;DEU;50.12;8.69;0.0.0.0;0;none';
const FRANKFURT =
  'STR;FFMJ0;Frankfurt;RTCM 3.3;1006(10),1077(1);2;GPS+GLO;EUREF;DEU;50.09;8.66;0;0;JAVAD;none;B;N;9600;';
const PARIS = 'STR;PARI0;Paris;RTCM 3.2;1004(1);2;GPS;EUREF;FRA;48.85;2.35;0;0;LEICA;none;N;N;4800;';
const TABLE = `${[CAS, FRANKFURT, PARIS, 'ENDSOURCETABLE'].join('\r\n')}\r\n`;

const V2 =
  'HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\nServer: NTRIP Example/1\r\nContent-Type: gnss/sourcetable\r\n' +
  `Content-Length: ${TABLE.length}\r\n\r\n${TABLE}`;
const V1 = `SOURCETABLE 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${TABLE.length}\r\n\r\n${TABLE}`;

const open: ScriptedCaster[] = [];
afterAll(async () => {
  await Promise.all(open.map(async (caster) => caster.close()));
});

async function casterFor(reply: string): Promise<ScriptedCaster> {
  const caster = await startCaster(async ({ sendCut, socket }) => {
    await sendCut(reply);
    socket.end();
  });
  open.push(caster);
  return caster;
}

const urlOf = ({ port }: ScriptedCaster): string => `127.0.0.1:${port}`;

describe('rovercast sourcetable', () => {
  test.each([
    ['1', V1, /^GET \/ HTTP\/1\.0\r\n/],
    ['2', V2, /^GET \/ HTTP\/1\.1\r\n(?=.*Ntrip-Version: Ntrip\/2\.0)/s],
    ['2', V1, /^GET \/ /],
  ])('lists the streams of a table, version %s', async (version, reply, request) => {
    const caster = await casterFor(reply);
    const { code, stdout, stderr } = await runCli(['sourcetable', urlOf(caster), '--version', version]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^FFMJ0 +Frankfurt +DEU +50\.09 8\.66 +RTCM 3\.3 +GPS\+GLO +login +9\.6 kbit\/s/m);
    expect(caster.visits[0]?.head).toMatch(request);
  });

  test('prints the records as JSON', async () => {
    const { stdout } = await runCli(['sourcetable', urlOf(await casterFor(V2)), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      server: 'NTRIP Example/1',
      casters: [{ host: 'caster.example', port: 2101 }],
      streams: [
        { mountpoint: 'FFMJ0', latitudeDeg: 50.09, bitrateBps: 9600 },
        { mountpoint: 'PARI0', country: 'FRA' },
      ],
      findings: null,
    });
  });

  test('lists only what a filter lets through, whatever the caster knows of filters', async () => {
    const words = ['--filter', 'STR;;;;;;;;FRA', '--json'];
    const { stdout } = await runCli(['sourcetable', urlOf(await casterFor(V1)), ...words]);
    const { streams } = JSON.parse(stdout) as { streams: { mountpoint: string }[] };
    expect(streams.map(({ mountpoint }) => mountpoint)).toEqual(['PARI0']);
  });

  test('prints the table as it came', async () => {
    const { stdout } = await runCli(['sourcetable', urlOf(await casterFor(V2)), '--raw']);
    expect(stdout).toBe(TABLE);
  });

  test('finds nothing in a good table: code 0', async () => {
    const { code, stderr } = await runCli(['sourcetable', urlOf(await casterFor(V2)), '--check']);
    expect([code, stderr]).toEqual([0, 'nothing to complain of\n']);
  });

  test('finds what receivers stumble over: code 1', async () => {
    const broken = `SOURCETABLE 200 OK\r\n\r\n${FRANKFURT}\r\n${FRANKFURT}\r\n`;
    const { code, stdout } = await runCli([
      'sourcetable',
      urlOf(await casterFor(broken)),
      '--check',
      '--json',
    ]);
    const { findings } = JSON.parse(stdout) as { findings: { level: string; message: string }[] };
    expect(code).toBe(1);
    expect(findings.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn the table may not be whole: the connection was closed',
      expect.stringMatching(/^fail ENDSOURCETABLE is missing/),
      expect.stringMatching(/^fail FFMJ0 \(line 2\): .*twice/),
    ]);
  });

  test('a port that is no caster is a failure', async () => {
    const caster = await casterFor('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    const { code, stdout, stderr } = await runCli(['sourcetable', urlOf(caster)]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^not_a_caster: /);
  });

  test('a filter that cannot be read is a mistake of usage', async () => {
    const { code, stderr } = await runCli(['sourcetable', '127.0.0.1:1', '--filter', 'STR;((']);
    expect([code, stderr.startsWith('bad_usage: the filter')]).toEqual([2, true]);
  });
});
