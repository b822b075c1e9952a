// No descriptors left: whoever comes is refused or waits, whoever is there notices nothing, the log says what is
// wrong, and with the first descriptor that comes free it is over.

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadyLine } from '../support/caster-process.ts';
import { type BareCaster, startBareCaster } from './bare-caster.ts';
import { type Field, fieldConfig, openField } from './field.ts';
import { type Connection, openRover } from './peers.ts';
import { until } from './until.ts';

const DESCRIPTORS = 160;
const CROWD = 300;
const TICKS_PER_SECOND = 100;

let caster: BareCaster;
let ready: ReadyLine;
let field: Field;
let crowd: { readonly member: Connection; state: 'waits' | 'served' | 'gone' }[];
let cpuShareFull = 0;

const countOf = (state: string): number => crowd.filter((one) => one.state === state).length;

/** Processor time of the whole process so far, in seconds. */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${ready.pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

beforeAll(async () => {
  caster = startBareCaster(fieldConfig(1), { setup: `ulimit -n ${DESCRIPTORS}` });
  ready = await caster.ready;
  field = openField(ready.ntrip, { mountpoints: 1, rovers: 12, intervalMs: 30 });
  await field.flowing();
  crowd = Array.from({ length: CROWD }, (_, index) => {
    const place = { port: ready.ntrip, mountpoint: 'M0', name: `crowd-${index}` };
    return { member: openRover(place, () => undefined), state: 'waits' };
  });
  for (const one of crowd) {
    void one.member.granted.then((granted) => (one.state = granted ? 'served' : 'gone'));
  }
  await until(
    () => countOf('waits') === 0 || readdirSync(`/proc/${ready.pid}/fd`).length >= DESCRIPTORS - 12,
    () => `all know, or the descriptors run out; ${countOf('waits')} wait`,
  );
  // Whatever it does about those that are left over, it does it for a while.
  const [begunMs, begunCpuS] = [performance.now(), cpuSeconds()];
  await field.ticks(30);
  cpuShareFull = (cpuSeconds() - begunCpuS) / ((performance.now() - begunMs) / 1000);
});

afterAll(async () => {
  await field.stop();
  caster.process.kill('SIGTERM');
  await caster.ended;
});

describe(`a process with ${DESCRIPTORS} descriptors and ${CROWD} rovers too many`, () => {
  test('serves as many as it can and lets no stream suffer', async () => {
    expect(countOf('served')).toBeGreaterThan(10);
    expect(countOf('served')).toBeLessThan(CROWD);
    await field.flowing();
    expect(field.mistakes()).toEqual([]);
    expect(field.rovers.every(({ lives }) => lives.length === 1)).toBe(true);
  });

  test('says in its log that connections are refused, and why', () => {
    const words = caster.log().filter(({ level }) => level === 'warn' || level === 'error');
    expect(words.map((line) => JSON.stringify(line)).join('\n')).toMatch(
      /too_many_connections|EMFILE|descriptors|open files/,
    );
  });

  test('does not spin', () => {
    expect(cpuShareFull).toBeLessThan(0.4);
  });

  test('serves again as soon as some have gone, and leaves nobody waiting', async () => {
    for (const { member, state } of crowd) if (state === 'served') member.socket.destroy();
    await until(
      () => countOf('waits') === 0,
      () => `${countOf('waits')} still wait`,
    );
    for (const { member } of crowd) member.socket.destroy();
    const served = async (): Promise<boolean> => {
      const rover = openRover({ port: ready.ntrip, mountpoint: 'M0', name: 'late' }, () => undefined);
      const granted = await rover.granted;
      rover.socket.destroy();
      return granted;
    };
    await until(served, () => 'a new rover is served', 5000);
    await field.flowing();
    expect(field.mistakes()).toEqual([]);
  });
});
