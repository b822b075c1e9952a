// `rovercast inspect --diff` as a process: its exit codes, its text and its JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DiffReport } from '../../../cli/inspect/diff/diff-report.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { CliProcess, runCli } from './cli-process.ts';

const folder = useTempFolder();
const before = path.join(folder, 'before.rtcm3');
const after = path.join(folder, 'after.rtcm3');

/** Ten seconds of a simulated base, and GPS and GLONASS of them as MSM4, every two seconds. */
beforeAll(async () => {
  const options = ['--places', '47,8,500', '--start', '2026-11-22T12:00:00Z', '--seconds', '10'];
  const simulate = new CliProcess(['simulate', ...options]);
  expect((await simulate.end()).code).toBe(0);
  writeFileSync(before, simulate.stdoutBytes);
  const spec = '{"constellations":["GPS","GLO"],"msmLevelMax":4,"intervalS":2}';
  expect((await runCli(['reshape', before, '--spec', spec, '--out', after])).code).toBe(0);
});

describe('rovercast inspect --diff', () => {
  test('of a recording and itself says so, and ends with 0', async () => {
    const { code, stdout, stderr } = await runCli(['inspect', '--diff', before, before]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^The same: \d+ frames, byte for byte\.$/m);
  });

  test('of what a reshape made tells what was dropped and rounded, and ends with 1', async () => {
    const { code, stdout } = await runCli(['inspect', '--diff', before, after]);
    expect(code).toBe(1);
    expect(stdout).toContain('Nothing but what a reshape does');
    expect(stdout).toMatch(/^ {2}In both +5$/m);
    expect(stdout).toMatch(/^ {2}1077 → 1074 +GPS MSM7 +5 /m);
    expect(stdout).toMatch(/^ {2}1097 → dropped +Galileo MSM7 +5$/m);
    expect(stdout).toMatch(/^ {2}pseudorange +\d+ equal +\d+ rounded by up to 8\.\d+ mm$/m);
  });

  test('has a stable JSON', async () => {
    const { stdout } = await runCli(['inspect', '--diff', before, after, '--json']);
    const report = JSON.parse(stdout) as DiffReport;
    expect(Object.keys(report).sort()).toEqual([
      ...['after', 'before', 'epochs', 'examples', 'fields', 'findings', 'messages', 'others'],
      ...['same', 'satellites', 'signals'],
    ]);
    expect(report).toMatchObject({
      before: { source: before, epochs: 10 },
      after: { source: after, epochs: 5 },
      same: false,
      findings: [],
      epochs: { inBoth: 5, onlyBefore: { count: 5 }, onlyAfter: { count: 0, times: [] } },
    });
  });

  test('reads one of the two from standard input', async () => {
    const input = readFileSync(before);
    const { code, stdout } = await runCli(['inspect', '--diff', '-', before], { input });
    expect([code, stdout.includes('standard input')]).toEqual([0, true]);
  });

  test('lists the places of the values that are off by more than rounding, all of them with --all', async () => {
    // Another ten seconds of the same base, told to be the first: every range is another one.
    const later = ['--places', '47,8,500', '--start', '2026-11-23T12:00:00Z', '--seconds', '2'];
    const simulate = new CliProcess(['simulate', ...later]);
    await simulate.end();
    const other = path.join(folder, 'other.rtcm3');
    writeFileSync(other, simulate.stdoutBytes);
    const [short, long] = await Promise.all([
      runCli(['inspect', '--diff', before, other]),
      runCli(['inspect', '--diff', before, other, '--all']),
    ]);
    expect([short.code, long.code]).toEqual([1, 1]);
    expect(short.stdout).toMatch(/and \d+ more \(--all\)/);
    expect(long.stdout.length).toBeGreaterThan(short.stdout.length);
  });

  test.each([
    ['one recording alone', ['BEFORE'], 'bad_usage'],
    ['standard input twice', ['-', '-'], 'bad_usage'],
    ['a URL', ['BEFORE', 'ntrip://127.0.0.1/A'], 'bad_usage'],
    ['a missing file', ['BEFORE', path.join(folder, 'missing')], 'file_missing'],
    ['a folder', [folder, 'BEFORE'], 'file_unreadable'],
    ['a file without frames', ['BEFORE', import.meta.filename], 'no_frames'],
  ])('%s is trouble: code 2 and the reason', async (_, words, reason) => {
    const sources = words.map((word) => (word === 'BEFORE' ? before : word));
    const { code, stdout, stderr } = await runCli(['inspect', '--diff', ...sources]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^${reason}: `));
  });
});
