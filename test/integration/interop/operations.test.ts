// What operations programs read: liveness, readiness, and a metrics page that Prometheus's own tool has no word against.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeEpoch } from '../../faults/numbered-epochs.ts';
import { until } from '../../faults/until.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { startBase, startNetwork } from './network.ts';
import { run, skipNote } from './programs.ts';

let caster: CasterProcess;

const page = async (path: string): Promise<{ status: number; type: string; text: string }> => {
  const answer = await fetch(`http://127.0.0.1:${caster.ready.http}${path}`);
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
};

beforeAll(async () => {
  caster = await startNetwork();
  const base = await startBase(caster, 'OPEN');
  base.say(makeEpoch({ base: 1, sequence: 0 }));
  const isCounted = async (): Promise<boolean> =>
    (await page('/metrics')).text.includes('caster_frames_received_total 3');
  await until(isCounted, () => 'three frames are counted');
});

afterAll(() => caster.stop());

test('liveness and readiness answer with what they looked at', async () => {
  expect(await page('/livez')).toMatchObject({
    status: 200,
    text: expect.stringContaining('"live"') as string,
  });
  const { status, text } = await page('/readyz');
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ status: 'ready', checks: expect.any(Array) as unknown[] });
});

test('every metric of the page is described once, before its samples', async () => {
  const { type, text } = await page('/metrics');
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  const described = new Set<string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const comment = /^# (HELP|TYPE) (\w+) \S/.exec(line);
    if (comment !== null) {
      const key = `${comment[1]} ${comment[2]}`;
      expect(described, key).not.toContain(key);
      described.add(key);
      continue;
    }
    const name =
      /^([a-zA-Z_:][\w:]*)(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})? (?:[-+]?[\d.]+(?:e[-+]?\d+)?|[-+]Inf|Na[Nn])$/.exec(
        line,
      )?.[1];
    expect(name, line).toBeDefined();
    const family = [name!, name!.replace(/_(?:bucket|sum|count)$/, '')].find((one) =>
      described.has(`TYPE ${one}`),
    );
    expect(family, `TYPE of ${name}`).toBeDefined();
  }
});

describe.skipIf(skipNote('promtool') !== '')(`promtool${skipNote('promtool')}`, () => {
  test('has no word against the metrics page', async () => {
    const promtool = run('promtool', ['check', 'metrics']);
    promtool.process.stdin!.end((await page('/metrics')).text);
    const code = await promtool.exited;
    expect(promtool.errors()).toBe('');
    expect(code).toBe(0);
  });
});
