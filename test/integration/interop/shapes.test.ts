// Two accounts with different service specs pull one real base's stream by the field's own programs: each gets what
// `rovercast reshape` makes of the recording, byte for byte, and RTKLIB reads in it what the spec asks for and no more.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../faults/until.ts';
import { RECORDINGS_PRESENT, SKIP_NOTE } from '../../recordings/recordings.ts';
import { readRinex, type Rinex } from '../../recordings/reshape/rinex.ts';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { postAsOwner } from '../../support/owner-answers.ts';
import { runCli } from '../cli/cli-process.ts';
import { openWorkshop } from '../simulator-rtklib/rtklib.ts';
import { nextSession, SOURCE_PASSWORD } from './network.ts';
import { run, type Running, skipNote } from './programs.ts';
import { loadRecording } from './recordings.ts';
import { openRecordingServer, playRecording } from './recording-server.ts';

const skipped = skipNote('str2str', 'convbin', 'curl') + SKIP_NOTE;
const RECORDING = 'str17_septentrio_msm7_1hz.rtcm3';
const WEEK = '2024/03/10 00:00:00';

/** str2str takes the empty line behind the first of the reply for corrections. */
const END_OF_REPLY_BYTES = 2;

const SPECS = {
  gpsGalileo: { constellations: ['GPS', 'GAL'], msmLevelMax: 4 },
  slowGps: { constellations: ['GPS'], bands: ['L1', 'L2'], intervalS: 5 },
};

/** What rounding to MSM4 leaves, with the rounding of RINEX. */
const TOLERANCES: Readonly<Record<string, number>> = { C: 0.0101, L: 0.0031, S: 0.76 };

interface Pulled {
  readonly gpsGalileo: Buffer;
  readonly slowGps: Buffer;
}

const workshop = openWorkshop();
let caster: CasterProcess;
let folder: string;
let pulled: Pulled;
let source: Rinex;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-shapes-'));
  if (skipped !== '') return;
  const mountpoints = [{ name: 'CLOSED', sourcePassword: SOURCE_PASSWORD }];
  caster = await startCasterProcess({ config: { mountpoints } });
  pulled = await pullAll();
  source = rinexOf('source', loadRecording(RECORDING).bytes);
}, 120_000);

afterAll(async () => {
  workshop.remove();
  if (skipped === '') await caster.stop();
  rmSync(folder, { recursive: true });
});

/** `user:password` of an account with this spec. */
async function accountWith(spec: object): Promise<string> {
  const { id: serviceSpecId } = await made<{ id: string }>('/v1/service-specs', { name: 'Spec', ...spec });
  const app = await made<{ id: string }>('/v1/apps', { name: 'App', serviceSpecId });
  const { data } = await made<{ data: { username: string; password: string }[] }>(
    `/v1/apps/${app.id}/accounts`,
    { count: 1 },
  );
  return `${data[0]!.username}:${data[0]!.password}`;
}

const made = <Answer>(where: string, body: object): Promise<Answer> =>
  postAsOwner<Answer>(caster, where, body);

/** Everything that comes out from the first epoch to the last; a third rover, without a spec, says how far it is. */
async function pullAll(): Promise<Pulled> {
  const receiver = await openRecordingServer();
  const place = `127.0.0.1:${caster.ready.ntrip}/CLOSED`;
  const programs: Running[] = [];
  const start = async (role: 'base' | 'rover', program: string, args: string[]): Promise<Running> => {
    const opened = nextSession(caster, role, 'CLOSED');
    const running = run(program, args);
    programs.push(running);
    await opened;
    return running;
  };
  const str2str = async (login: string, name: string): Promise<() => Buffer> => {
    const heard = path.join(folder, name);
    writeFileSync(heard, '');
    await start('rover', 'str2str', ['-in', `ntrip://${login}@${place}`, '-out', `file://${heard}`]);
    return () => readFileSync(heard).subarray(END_OF_REPLY_BYTES);
  };
  try {
    const galileo = await str2str(await accountWith(SPECS.gpsGalileo), 'galileo');
    const login = ['-u', await accountWith(SPECS.slowGps), '-H', 'Ntrip-Version: Ntrip/2.0'];
    const slow = await start('rover', 'curl', ['-sN', '-A', 'NTRIP curl/7', ...login, `http://${place}`]);
    await str2str(await accountWith({}), 'all');
    const to = `ntrips://:${SOURCE_PASSWORD}@${place}:CLOSED;RTCM3`;
    await start('base', 'str2str', ['-in', `tcpcli://127.0.0.1:${receiver.port}`, '-out', to]);
    await receiver.connected;
    const all = path.join(folder, 'all');
    await playRecording(
      loadRecording(RECORDING),
      receiver.say,
      () => statSync(all).size - END_OF_REPLY_BYTES,
    );
    const [gpsGalileo, slowGps] = await Promise.all([
      reshaped(SPECS.gpsGalileo, 'galileo'),
      reshaped(SPECS.slowGps, 'slow'),
    ]);
    const isThere = (): boolean =>
      galileo().length >= gpsGalileo.length && slow.output().length >= slowGps.length;
    await until(isThere, () => `${galileo().length} and ${slow.output().length} bytes have come out`);
    return { gpsGalileo: galileo(), slowGps: slow.output() };
  } finally {
    await Promise.all(programs.map((program) => program.stop('SIGINT')));
    await receiver.close();
  }
}

/** By `rovercast reshape`. */
async function reshaped(spec: object, name: string): Promise<Buffer> {
  const [input, output] = [path.join(folder, 'recording'), path.join(folder, `${name}.reshaped`)];
  writeFileSync(input, loadRecording(RECORDING).bytes);
  const { code } = await runCli(['reshape', input, '--spec', JSON.stringify(spec), '--out', output]);
  if (code !== 0) throw new Error(`rovercast reshape ended with ${code}`);
  return readFileSync(output);
}

function rinexOf(name: string, stream: Buffer): Rinex {
  return readRinex(readFileSync(workshop.convert(name, [stream], WEEK).observations, 'latin1'));
}

/** Values of `ours` that the source has otherwise or not at all, in the epochs whose time RTKLIB knows in both. */
function strangers(ours: Rinex): string[] {
  const found: string[] = [];
  for (const [time, satellites] of ours.epochs) {
    const epoch = source.epochs.get(time);
    if (epoch === undefined) continue;
    for (const [satellite, values] of satellites) {
      for (const [code, value] of values) {
        const sent = epoch.get(satellite)?.get(code);
        const isSame = sent !== undefined && Math.abs(sent - value) <= (TOLERANCES[code[0]!] ?? 0);
        if (!isSame) found.push(`${time} ${satellite} ${code}: ${value} instead of ${sent}`);
      }
    }
  }
  return found.slice(0, 5);
}

/**
 * The epochs of the source, which is of whole seconds. RTKLIB guesses the day of GLONASS, and around midnight gives a few
 * epochs of the source a time that is not theirs.
 */
function sourceTimes(intervalS: number): string[] {
  return [...source.epochs.keys()].filter((time) => Number(time.slice(6)) % intervalS === 0);
}

function namesIn(rinex: Rinex): { systems: string[]; bands: string[] } {
  const systems = new Set<string>();
  const bands = new Set<string>();
  for (const satellites of rinex.epochs.values()) {
    for (const [satellite, values] of satellites) {
      systems.add(satellite[0]!);
      for (const code of values.keys()) bands.add(`${satellite[0]}${code[1]}`);
    }
  }
  return { systems: [...systems].sort(), bands: [...bands].sort() };
}

describe.skipIf(skipped !== '' || !RECORDINGS_PRESENT)(`two specs on one base${skipped}`, () => {
  test('give str2str GPS and Galileo as MSM4, byte for byte as reshape makes them', async () => {
    expect(pulled.gpsGalileo.equals(await reshaped(SPECS.gpsGalileo, 'galileo'))).toBe(true);
  });

  test('give curl the GPS of every fifth second, byte for byte as reshape makes it', async () => {
    expect(pulled.slowGps.equals(await reshaped(SPECS.slowGps, 'slow'))).toBe(true);
  });

  test('leave convbin nothing of other systems, every epoch, and the values that were sent but for rounding', () => {
    const ours = rinexOf('galileo', pulled.gpsGalileo);
    expect(namesIn(ours).systems).toEqual(['E', 'G']);
    expect(sourceTimes(1).filter((time) => !ours.epochs.has(time))).toEqual([]);
    expect(ours.epochs.size).toBe(source.epochs.size);
    expect(strangers(ours)).toEqual([]);
  });

  test('leave convbin nothing of other bands, every fifth second, and the values that were sent', () => {
    const ours = rinexOf('slow', pulled.slowGps);
    expect(namesIn(ours)).toEqual({ systems: ['G'], bands: ['G1', 'G2'] });
    expect(sourceTimes(5).filter((time) => !ours.epochs.has(time))).toEqual([]);
    expect([...ours.epochs.keys()].filter((time) => Number(time.slice(6)) % 5 !== 0)).toEqual([]);
    expect(strangers(ours)).toEqual([]);
  });
});
