// `rovercast reshape` as a process: it writes what the spec makes of a recording, and says what is wrong with its words.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framesOf } from '../../recordings/recordings.ts';
import { CliProcess, runCli } from './cli-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-reshape-'));
const recording = path.join(folder, 'base.rtcm3');

/** Ten seconds of a simulated base: MSM7 of GPS, GLONASS, Galileo and BeiDou, station and ephemeris messages. */
beforeAll(async () => {
  const options = ['--places', '47,8,500', '--start', '2026-11-22T12:00:00Z', '--seconds', '10'];
  const simulate = new CliProcess(['simulate', ...options]);
  const { code, stderr } = await simulate.end();
  expect(code, stderr).toBe(0);
  writeFileSync(recording, simulate.stdoutBytes);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbersOf = (bytes: Buffer): number[] => framesOf(bytes).map(({ messageNumber }) => messageNumber);
const isMsm = (number: number): boolean => number > 1070 && number < 1140;

describe('rovercast reshape', () => {
  test('writes the frames that are left, to standard output', async () => {
    const reshape = new CliProcess([
      'reshape',
      recording,
      '--spec',
      '{"constellations":["GPS"],"msmLevelMax":4}',
    ]);
    const { code, stderr } = await reshape.end();
    expect(code, stderr).toBe(0);
    expect(numbersOf(reshape.stdoutBytes).filter(isMsm)).toEqual(new Array<number>(10).fill(1074));
  });

  test('takes the spec from a file and the recording from standard input', async () => {
    const spec = path.join(folder, 'spec.json');
    const out = path.join(folder, 'out.rtcm3');
    writeFileSync(spec, JSON.stringify({ intervalS: 5, messagesKept: [1077, 1005, 1006] }));
    const words = ['reshape', '-', '--spec', spec, '--out', out, '--json'];
    const { code, stdout, stderr } = await runCli(words, { input: readFileSync(recording) });
    expect(code, stderr).toBe(0);
    expect(numbersOf(readFileSync(out)).filter(isMsm)).toEqual([1077, 1077]);
    expect(JSON.parse(stdout)).toMatchObject({ received: { epochs: 10 }, reshaped: { epochs: 2 } });
  });

  test('without anything asked for, every frame goes out as it came', async () => {
    const reshape = new CliProcess(['reshape', recording, '--spec', '{}']);
    await reshape.end();
    expect(reshape.stdoutBytes.equals(readFileSync(recording))).toBe(true);
  });

  test.each([
    ['{"msmLevelMax":6}', 'msmLevelMax'],
    ['{"constellation":["GPS"]}', 'constellation'],
    ['{"messagesKept":[1005],"messagesDropped":[1005]}', 'messagesDropped'],
    ['{"msmLevelMax":', 'no JSON'],
  ])('refuses the spec %s and names what is wrong', async (spec, named) => {
    const { code, stderr } = await runCli(['reshape', recording, '--spec', spec]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^bad_usage: /);
    expect(stderr).toContain(named);
  });

  test('says so where the file is missing or holds no frame', async () => {
    const text = path.join(folder, 'text');
    writeFileSync(text, 'no frame in here');
    const [missing, empty] = await Promise.all(
      [path.join(folder, 'missing'), text].map((file) => runCli(['reshape', file, '--spec', '{}'])),
    );
    expect(missing!.stderr).toMatch(/^file_missing: /);
    expect(empty!.stderr).toMatch(/^no_frames: /);
    expect([missing!.code, empty!.code]).toEqual([1, 1]);
  });
});
