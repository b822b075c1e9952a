// `rovercast simulate` as a process: the same options give the same bytes, and each place its own base. Whether the
// simulation is right is judged by RTKLIB in the simulator's own tests.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeStationPosition } from '../../../caster/rtcm/station-messages.ts';
import { framesOf } from '../../recordings/recordings.ts';
import { CliProcess, runCli } from './cli-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-simulate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const START = ['--start', '2026-11-22T12:00:00Z', '--seconds', '5'];

async function bytesOf(...words: string[]): Promise<Buffer> {
  const simulate = new CliProcess(['simulate', ...words]);
  const { code, stderr } = await simulate.end();
  expect(code, stderr).toBe(0);
  return simulate.stdoutBytes;
}

const countOf = (bytes: Buffer, number: number): number =>
  framesOf(bytes).filter(({ messageNumber }) => messageNumber === number).length;

describe('rovercast simulate', () => {
  test('the same options give the same bytes, another seed gives others', async () => {
    const [first, second, other] = await Promise.all([
      bytesOf('--places', '47,8,500', ...START),
      bytesOf('--places', '47,8,500', ...START),
      bytesOf('--places', '47,8,500', ...START, '--seed', '2'),
    ]);
    expect(first.equals(second)).toBe(true);
    expect(first.equals(other)).toBe(false);
  });

  test.each([
    ['1', 5],
    ['5', 25],
    ['0.5', 3],
  ])('at %s Hz there are %i epochs in five seconds', async (rate, epochs) => {
    const bytes = await bytesOf('--places', '-33.9,151.2,40', ...START, '--rate', rate);
    expect([countOf(bytes, 1077), countOf(bytes, 1127)]).toEqual([epochs, epochs]);
  });

  test('several places are files of their own in a folder', async () => {
    const places = path.join(folder, 'places.txt');
    writeFileSync(
      places,
      '# name, latitude, longitude, height\nNORTH,60,25,10\n\nEAST, 35, 139, 40\n-10,20\n',
    );
    const out = path.join(folder, 'out');
    const { code } = await runCli(['simulate', '--places', places, '--out', out, ...START]);
    expect(code).toBe(0);
    expect(readdirSync(out).toSorted()).toEqual(['EAST.rtcm3', 'NORTH.rtcm3', 'base-3.rtcm3']);
    const stations = readdirSync(out)
      .toSorted()
      .map((name) =>
        framesOf(readFileSync(path.join(out, name))).map(({ bytes }) => decodeStationPosition(bytes)),
      )
      .map((positions) => positions.find((position) => position !== undefined)?.station);
    expect(stations).toEqual([2, 1, 3]);
  });

  test.each([
    [['simulate', '--places', path.join(folder, 'none')], 1, 'file_missing'],
    [['simulate', '--places', '47,8', '--out', path.join(folder, 'no', 'where')], 1, 'file_unwritable'],
    [['simulate'], 2, '--places'],
    [['simulate', '--places', '47,8', '--rate', '100'], 2, '0.1 to 20'],
    [['simulate', '--places', '47,8', '--start', 'yesterday'], 2, '2026-11-22T12:00:00Z'],
  ])('%j ends with code %i, naming %s', async (words, code, part) => {
    const result = await runCli(words);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(part);
  });

  test('a line that is no place is named', async () => {
    const places = path.join(folder, 'wrong.txt');
    writeFileSync(places, 'A,47,8,500\nB,97,8,500\n');
    const { code, stderr } = await runCli(['simulate', '--places', places, '--out', folder]);
    expect([code, /place_invalid: line 2 of .*wrong\.txt/.test(stderr)]).toEqual([1, true]);
  });
});
