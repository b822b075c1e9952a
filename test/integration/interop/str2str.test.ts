// RTKLIB's str2str, the strictest reader of replies there is, as base and as rover, with real recordings between; and
// RTKLIB's convbin as judge of what came out.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RECORDINGS_PRESENT, SKIP_NOTE } from '../../recordings/recordings.ts';
import { until } from '../../faults/until.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { allEnded, CREDENTIALS, nextSession, SOURCE_PASSWORD, startNetwork } from './network.ts';
import { run, type Running, skipNote } from './programs.ts';
import { loadRecording, type Recording } from './recordings.ts';
import { openRecordingServer, playRecording } from './recording-server.ts';

const skipped = skipNote('str2str', 'convbin') + SKIP_NOTE;

/** str2str takes the reply up to its first line end for the reply, and the empty line behind it for corrections. */
const END_OF_REPLY = '\r\n';

/** MSM7, MSM4, legacy, changes between them, frames among NMEA and UBX, and among what merely looks like frames. */
const RECORDINGS = [
  'str17_septentrio_msm7_1hz.rtcm3',
  'str24_msm4_1hz.rtcm3',
  'testglo_1004_1012_1hz.rtcm3',
  'switch_legacy_msm4_msm7.rtcm3',
  'agpartner2_msm5_msm7_legacy_1hz.rtcm3',
  'f9p_mixed_nmea_ubx_158s.bin',
  'gpsd_zed_f9r_mixed.bin',
  'odd/bitflips_every_10th.bin',
  'odd/false_preambles.bin',
  'odd/noise_between_frames.bin',
];

/** Whose week convbin can guess. */
const READABLE = [
  'str17_septentrio_msm7_1hz.rtcm3',
  'str24_msm4_1hz.rtcm3',
  'testglo_1004_1012_1hz.rtcm3',
  'agpartner2_msm5_msm7_legacy_1hz.rtcm3',
  'f9p_mixed_nmea_ubx_158s.bin',
];

let caster: CasterProcess;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rovercast-str2str-'));
  if (skipped === '') caster = await startNetwork();
});

afterAll(async () => {
  if (skipped === '') await caster.stop();
  rmSync(folder, { recursive: true });
});

/** What str2str as a rover writes to its file while another str2str sends the recording. */
async function relay(recording: Recording, name: string): Promise<Buffer> {
  const heard = path.join(folder, `${path.basename(name)}.heard`);
  writeFileSync(heard, '');
  const receiver = await openRecordingServer();
  const place = `127.0.0.1:${caster.ready.ntrip}/CLOSED`;
  const programs: Running[] = [];
  const start = async (role: 'base' | 'rover', from: string, to: string): Promise<Running> => {
    const opened = nextSession(caster, role, 'CLOSED');
    const program = run('str2str', ['-in', from, '-out', to]);
    programs.push(program);
    await opened;
    return program;
  };
  try {
    const rover = await start('rover', `ntrip://${CREDENTIALS}@${place}`, `file://${heard}`);
    await start(
      'base',
      `tcpcli://127.0.0.1:${receiver.port}`,
      `ntrips://:${SOURCE_PASSWORD}@${place}:CLOSED;RTCM3`,
    );
    await receiver.connected;
    await playRecording(recording, receiver.say, () => statSync(heard).size - END_OF_REPLY.length);
    await rover.stop('SIGINT');
    return readFileSync(heard);
  } finally {
    await Promise.all(programs.map((program) => program.stop('SIGINT')));
    await receiver.close();
    await allEnded(caster);
  }
}

/** RINEX observations as convbin reads them out of a stream, without the header, which has the date of the run. */
function observationsOf(stream: Buffer, name: string): string {
  const input = path.join(folder, `${name}.rtcm3`);
  const output = path.join(folder, `${name}.obs`);
  writeFileSync(input, stream);
  // Streams tell the time of the week and not the week; any will do for a comparison.
  const options = ['-r', 'rtcm3', '-v', '3.04', '-od', '-os', '-tr', '2024/03/10', '00:00:00'];
  execFileSync('convbin', [...options, '-o', output, '-n', `${output}.nav`, input], { stdio: 'ignore' });
  const rinex = readFileSync(output, 'latin1');
  return rinex.slice(rinex.indexOf('END OF HEADER'));
}

describe.skipIf(skipped !== '')(`str2str as base and rover${skipped}`, () => {
  const recordings = RECORDINGS_PRESENT ? RECORDINGS : [];

  test.each(recordings)(
    '%s comes out frame by frame, bit for bit, with nothing before or between',
    async (name) => {
      const recording = loadRecording(name);
      const heard = await relay(recording, name);
      expect(heard.toString('latin1', 0, END_OF_REPLY.length)).toBe(END_OF_REPLY);
      const stream = heard.subarray(END_OF_REPLY.length);
      expect(stream.length).toBe(recording.valid.length);
      expect(stream.equals(recording.valid)).toBe(true);
    },
  );

  test.each(recordings.filter((name) => READABLE.includes(name)))(
    'convbin reads the same epochs from it as from %s itself',
    (name) => {
      const heard = readFileSync(path.join(folder, `${path.basename(name)}.heard`));
      const ours = observationsOf(heard, `${path.basename(name)}.out`);
      const theirs = observationsOf(loadRecording(name).bytes, path.basename(name));
      expect(theirs.split('\n> ').length).toBeGreaterThan(15);
      expect(ours).toBe(theirs);
    },
  );

  test('a base with a wrong password is told so, and str2str shows it', async () => {
    const place = `127.0.0.1:${caster.ready.ntrip}/CLOSED`;
    const receiver = await openRecordingServer();
    const base = run('str2str', [
      '-in',
      `tcpcli://127.0.0.1:${receiver.port}`,
      '-out',
      `ntrips://:wrong@${place}`,
    ]);
    try {
      // It prints what it knows every five seconds.
      await until(
        () => base.errors().includes('ERROR - Bad Password'),
        () => base.errors(),
      );
    } finally {
      await base.stop('SIGKILL');
      await receiver.close();
    }
  });
});
