// Tests the log: its lines, its level, and that a standard error which takes nothing costs lines and nothing else.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { LOG_BACKLOG_BYTES_MAX } from '../../../../config/limits.ts';
import { type LogEvent } from '../../../../platform/observe/log-event.ts';
import { memoryLog } from './memory-log.ts';

const event: LogEvent = {
  time: '2026-11-22T00:00:00.123Z',
  level: 'warn',
  event: 'base_silent',
  fields: { mountpoint: 'TEST1', silentMs: 60_000, live: false },
};

describe('a line', () => {
  test('a line is one JSON object with time, level, process, node, event and the fields', () => {
    const { log, lines } = memoryLog();
    log.write(event);
    expect(lines()).toEqual([
      {
        time: '2026-11-22T00:00:00.123Z',
        level: 'warn',
        pid: process.pid,
        node: 'node-1',
        event: 'base_silent',
        mountpoint: 'TEST1',
        silentMs: 60_000,
        live: false,
      },
    ]);
  });

  test('a text with line ends, quotes and control characters stays on one line', () => {
    const { log, lines } = memoryLog();
    const userAgent = 'NTRIP "x"\r\n{"level":"error"}\u001b[31m\u2028é';
    log.write({ ...event, fields: { userAgent } });
    expect(lines()).toMatchObject([{ userAgent }]);
  });
});

describe('the level', () => {
  test('events below the level are not written', () => {
    const { log, lines } = memoryLog('error');
    log.write(event);
    expect(lines()).toEqual([]);
  });

  test('a changed level holds from the next event on', () => {
    const { log, lines } = memoryLog('error');
    log.level = 'debug';
    log.write({ ...event, level: 'debug' });
    expect(lines()).toMatchObject([{ level: 'debug' }]);
    expect(log.level).toBe('debug');
  });

  test('silent writes nothing at all', () => {
    const { log } = memoryLog('silent');
    expect((['debug', 'info', 'warn', 'error'] as const).filter((level) => log.writes(level))).toEqual([]);
  });
});

describe('a standard error that takes nothing', () => {
  test('lines beyond the backlog are counted, and told once there is room again', () => {
    const memory = memoryLog();
    memory.waitingBytes = LOG_BACKLOG_BYTES_MAX;
    for (let n = 0; n < 3; n++) memory.log.write(event);
    expect(memory.log.linesLost).toBe(3);
    memory.waitingBytes = 0;
    memory.log.write(event);
    memory.log.write(event);
    expect(memory.lines().map((line) => [line.event, line.lines])).toEqual([
      ['log_lines_lost', 3],
      ['base_silent', undefined],
      ['base_silent', undefined],
    ]);
  });

  test('a failed write is counted as a lost line', () => {
    const memory = memoryLog();
    memory.failure = new Error('ENOSPC');
    memory.log.write(event);
    expect(memory.log.linesLost).toBe(1);
  });
});

// The reader is a real process's other end: what Node does with a pipe cannot be judged from inside.
describe('a process that logs 20,000 lines', () => {
  const program = path.join(import.meta.dirname, 'log-20000-lines.ts');

  const exitCode = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.once('exit', resolve));

  test('a reader that never reads neither stops nor ends the process, and the lost lines are known', async () => {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [answer, code] = await Promise.all([text(child.stdout), exitCode(child)]);
    child.stderr.destroy();
    expect(code).toBe(0);
    // About 200 bytes a line: the backlog, and what the kernel holds, take a part of them.
    expect(JSON.parse(answer)).toSatisfy((told: { linesLost: number }) => told.linesLost > 10_000);
  });

  test('a reader that has gone away does not end the process', async () => {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.destroy();
    const [answer, code] = await Promise.all([text(child.stdout), exitCode(child)]);
    expect(code).toBe(0);
    expect(JSON.parse(answer)).toEqual({ logged: 20_000, linesLost: 20_000 });
  });

  test('a reader that reads gets every line', async () => {
    const child = spawn(process.execPath, [program, 'slowly'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [answer, log] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(JSON.parse(answer)).toEqual({ logged: 20_000, linesLost: 0 });
    expect(log.split('\n')).toHaveLength(20_001);
  });

  test.skipIf(process.platform !== 'linux')('a full disk does not end the process', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', full] });
    closeSync(full);
    const [answer, code] = await Promise.all([text(child.stdout!), exitCode(child)]);
    expect(code).toBe(0);
    expect(JSON.parse(answer)).toEqual({ logged: 20_000, linesLost: 20_000 });
  });
});
