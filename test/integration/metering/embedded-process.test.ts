// Tests what keeps the embedded engine's process away from the caster: it may hang, die or not be there at all; it never
// outlives its parent and knows nothing that it need not.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { ChdbChild } from '../../../caster/metering/sink/chdb-child.ts';
import { rowsOfLines } from '../../../caster/metering/sink/answer-rows.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { entryUrl } from '../../../workers/entry-url.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const FAKE = pathToFileURL(path.join(import.meta.dirname, 'fake-chdb.ts'));
const QUESTION = { kind: 'query', sql: 'SELECT 1 AS one' } as const;

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-chdb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function childThat(does: string, program = FAKE): { child: ChdbChild; events: () => string[] } {
  const { log, lines } = memoryLog();
  const folder = path.join(temporaryFolder(), does);
  const child = new ChdbChild({ folder, program, journal: new Journal(log) });
  onTestFinished(() => child.close());
  return { child, events: () => lines().map(({ event }) => String(event)) };
}

test('an engine that is not installed is missing, and is not started again', async () => {
  const { child, events } = childThat('missing');
  const missing = { ok: false, reason: 'missing', detail: 'not for this machine' };
  expect(await child.ask(QUESTION, 10_000)).toMatchObject(missing);
  expect(await child.ask(QUESTION, 10_000)).toMatchObject(missing);
  expect(events()).toEqual([]);
});

test('an engine that hangs is too slow, is killed, and another one takes its place', async () => {
  const { child, events } = childThat('hangs');
  const first = child.pid;
  expect(await child.ask(QUESTION, 50)).toMatchObject({ ok: false, reason: 'too_slow' });
  await expect.poll(() => child.pid, { timeout: 10_000 }).not.toBe(first);
  await expect.poll(() => child.pid, { timeout: 10_000 }).toBeDefined();
  expect(() => process.kill(first!, 0)).toThrow(/ESRCH/);
  expect(events()).toEqual(['clickhouse_ended']);
});

test('an engine that dies fails all that it was asked, and those who ask before the next one', async () => {
  const { child } = childThat('dies');
  const away = { ok: false, reason: 'away', detail: 'it ended with 3' };
  expect(await Promise.all([child.ask(QUESTION, 10_000), child.ask(QUESTION, 10_000)])).toMatchObject([
    away,
    away,
  ]);
  expect(await child.ask(QUESTION, 10_000)).toMatchObject(away);
});

test("the engine's process gets no key and no address of the caster", async () => {
  process.env['ROVERCAST_MASTER_KEY'] = 'secret';
  onTestFinished(() => {
    delete process.env['ROVERCAST_MASTER_KEY'];
  });
  const { child } = childThat('env');
  const answer = await child.ask(QUESTION, 10_000);
  const [row] = answer.ok ? await rowsOfLines(answer.bytes) : [];
  expect(row?.['names']).toContain('PATH');
  expect(row?.['names']).not.toContain('ROVERCAST_MASTER_KEY');
});

test('a closed engine has ended when the closing is done', async () => {
  const { child } = childThat('hangs');
  const { pid } = child;
  await child.close();
  expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/);
  expect(await child.ask(QUESTION, 10_000)).toMatchObject({ ok: false, reason: 'away' });
});

test.each(['SIGSEGV', 'SIGKILL'] as const)(
  'the real engine may die by %s and answers again soon',
  async (signal) => {
    const { child, events } = childThat('data', entryUrl('chdb-process'));
    expect(await child.ask(QUESTION, 30_000)).toMatchObject({ ok: true });
    process.kill(child.pid!, signal);
    await expect.poll(events, { timeout: 20_000 }).toEqual(['clickhouse_ended']);
    await expect.poll(() => child.ask(QUESTION, 30_000), { timeout: 20_000 }).toMatchObject({ ok: true });
  },
);

test('the real engine works on when all processes of the caster are told to stop', async () => {
  const { child, events } = childThat('data', entryUrl('chdb-process'));
  expect(await child.ask(QUESTION, 30_000)).toMatchObject({ ok: true });
  const { pid } = child;
  process.kill(pid!, 'SIGINT');
  process.kill(pid!, 'SIGTERM');
  expect(await child.ask(QUESTION, 30_000)).toMatchObject({ ok: true });
  expect([child.pid, events()]).toEqual([pid, []]);
});

test('the real engine does not outlive a parent that is killed', async () => {
  const folder = temporaryFolder();
  const program = entryUrl('chdb-process');
  const parent: ChildProcess = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { spawn } from 'node:child_process';
       const stdio = ['pipe', 'ignore', 'inherit', 'ipc'];
       const child = spawn(process.execPath, [new URL(${JSON.stringify(program.href)}).pathname, ${JSON.stringify(folder)}],
         { stdio, serialization: 'advanced' });
       child.on('message', () => console.log('ready'));`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await once(parent.stdout!, 'data');
  parent.kill('SIGKILL');
  // The engine holds the same pipe as its parent, so the pipe ends with the last of the two.
  await once(parent, 'close');
  expect(parent.signalCode).toBe('SIGKILL');
}, 30_000);
