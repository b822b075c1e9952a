// `rovercast inspect` as a process: files, standard input and streams; text for people, JSON for programs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { CliProcess, runCli } from './cli-process.ts';
import { type ScriptedCaster, startCaster } from './scripted-caster.ts';
import { simulatedEpochs } from './stream-bytes.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../../cli/rovercast.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-inspect-'));
const open: ScriptedCaster[] = [];
const EPOCHS = simulatedEpochs(10);

afterAll(async () => {
  await Promise.all(open.map(async (caster) => caster.close()));
  rmSync(folder, { recursive: true, force: true });
});

function fileOf(name: string, bytes: Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

describe('rovercast inspect FILE', () => {
  const file = fileOf('ten.rtcm3', Buffer.concat(EPOCHS));
  const faulty = fileOf(
    'faulty.rtcm3',
    Buffer.concat([
      Buffer.from('noise '),
      ...EPOCHS.slice(0, 4),
      ...EPOCHS.slice(7),
      EPOCHS[0]!.subarray(0, 40),
    ]),
  );

  test('tells a person station, epochs, signals and messages', async () => {
    const { code, stdout, stderr } = await runCli(['inspect', file]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /Station 77\n {2}Position {8}47\.0000000\d\d° N {2}8\.0000000\d\d° E {2}500\.000\d m/,
    );
    expect(stdout).toContain('10, 12:00:00 to 12:00:09 GPS time, every 1 s');
    expect(stdout).toContain('No faults found.');
  });

  test('tells a program the same', async () => {
    const { stdout } = await runCli(['inspect', file, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      source: file,
      bytes: Buffer.concat(EPOCHS).length,
      crcErrors: 0,
      bytesOutsideFrames: 0,
      stations: [{ id: 77, position: { antennaHeightM: 0 } }],
      epochs: { count: 10, intervalMs: 1000, missing: 0, completeness: 1 },
      live: null,
      faults: [],
    });
  });

  test('tells what is wrong with a stream', async () => {
    const { code, stdout } = await runCli(['inspect', faulty]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Faults\n/);
    expect(stdout).toContain('6 bytes (');
    expect(stdout).toContain('It ends in the middle of a frame');
    expect(stdout).toContain('3 epochs missing; the longest gap is 4 s');
  });

  test('reads standard input', async () => {
    const { code, stdout } = await runCli(['inspect', '-', '--json'], { input: Buffer.concat(EPOCHS) });
    expect([code, (JSON.parse(stdout) as { source: string }).source]).toEqual([0, 'standard input']);
  });

  test.each([
    [path.join(folder, 'none.rtcm3'), 'file_missing'],
    [folder, 'file_unreadable'],
    [fileOf('text.txt', Buffer.from('no corrections here')), 'no_frames'],
    [fileOf('empty.rtcm3', Buffer.alloc(0)), 'no_frames'],
  ])('%s is a failure with code 1: %s', async (source, failure) => {
    const { code, stderr } = await runCli(['inspect', source, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: failure } });
  });

  test('a caster without its scheme is told apart from a missing file', async () => {
    const { stderr } = await runCli(['inspect', 'caster.example:2101/MOUNT1']);
    expect(stderr).toContain('ntrip://caster.example:2101/MOUNT1');
  });

  test('a reader that goes away ends it quietly', () => {
    // The shell closes the pipe before anything is written.
    const line = `"${process.execPath}" "${PROGRAM}" inspect "${file}" --json | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect([stdout.trim(), stderr]).toEqual(['0', '']);
  });

  test.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ NO_COLOR: '1' }, false],
    [{}, false],
  ])('with %j in the environment there is color: %s', async (env, isColored) => {
    const { stdout } = await runCli(['inspect', file], { env });
    expect(stdout.includes('\u001b[')).toBe(isColored);
  });

  test('a recording much larger than its memory is read through', () => {
    const large = path.join(folder, 'large.rtcm3');
    const block = Buffer.concat(Array.from({ length: 800 }, () => Buffer.concat(EPOCHS)));
    for (let count = 0; count < 4; count++) writeFileSync(large, block, { flag: 'a' });
    const words = ['--max-old-space-size=24', PROGRAM, 'inspect', large, '--json'];
    const report = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as {
      bytes: number;
      epochs: { count: number };
    };
    rmSync(large);
    expect(report.bytes).toBe(4 * block.length);
    expect(report.epochs.count).toBe(4 * 800 * EPOCHS.length);
  });
});

describe('rovercast inspect URL', () => {
  async function casterFor(epochs: readonly Buffer[], ends: boolean): Promise<string> {
    const caster = await startCaster(async ({ sendCut, socket }) => {
      await sendCut('ICY 200 OK\r\n\r\n');
      await sendCut(Buffer.concat(epochs));
      if (ends) socket.end();
    });
    open.push(caster);
    return `ntrip://u:hunter2@127.0.0.1:${caster.port}/M`;
  }

  test('watches a stream for the time it was given', async () => {
    const { code, stdout } = await runCli([
      'inspect',
      await casterFor(EPOCHS, false),
      '--seconds',
      '1',
      '--json',
    ]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as { source: string; live: { watchedMs: number } };
    expect(report).toMatchObject({ epochs: { count: 10 }, faults: [] });
    expect(report.live.watchedMs).toBeGreaterThanOrEqual(990);
    expect(report.source).toMatch(/^ntrip:\/\/u:\*\*\*@/);
  });

  test('tells what came until the caster closed', async () => {
    const { code, stdout, stderr } = await runCli(['inspect', await casterFor(EPOCHS, true)]);
    expect([code, stderr.includes('the caster closed the connection')]).toEqual([0, true]);
    expect(stdout).toContain('10, 12:00:00 to 12:00:09 GPS time');
  });

  test('tells after Ctrl-C what came until then', async () => {
    let sent = 0;
    const block = Buffer.concat(EPOCHS);
    const caster = await startCaster(async ({ socket }) => {
      socket.write('ICY 200 OK\r\n\r\n');
      while (!socket.destroyed) {
        if (socket.writableNeedDrain) await turn();
        else socket.write(block);
        sent = socket.bytesWritten;
      }
    });
    open.push(caster);
    const inspect = new CliProcess(['inspect', `ntrip://127.0.0.1:${caster.port}/M`, '--json']);
    // More than the kernel can hold, so that some of it must have been taken.
    while (sent < 32_000_000) await wait(20);
    inspect.child.kill('SIGINT');
    const { code, stdout } = await inspect.end();
    expect([code, (JSON.parse(stdout) as { frames: number }).frames > 0]).toEqual([0, true]);
  });

  test('a stream in which nothing comes is a failure', async () => {
    const { code, stderr } = await runCli(['inspect', await casterFor([], false), '--seconds', '0.3']);
    expect([code, /^nothing_received: /m.test(stderr)]).toEqual([1, true]);
  });
});
