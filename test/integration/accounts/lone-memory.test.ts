// Two nodes at one store that count each for itself are told of, in the log and by readiness; a node that is gone is not.

import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../../platform/observe/journal.ts';
import { createLog } from '../../../platform/observe/log.ts';
import { LoneMemory } from '../../../caster/accounts/lone-memory.ts';
import { startCasterProcess } from '../../support/caster-process.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();

test('two nodes at one store that count in memory are not left unnoticed', { timeout: 60_000 }, async () => {
  const file = path.join(tmpdir(), `rovercast-lone-${process.pid}-${Date.now()}.db`);
  const env = { ROVERCAST_DATABASE_URL: file, ROVERCAST_MASTER_KEY: Buffer.alloc(32, 3).toString('base64') };
  const casters = [await startCasterProcess({ env }), await startCasterProcess({ env })];
  onTestFinished(async () => {
    await Promise.all(casters.map((caster) => caster.stop()));
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  });
  for (const caster of casters) {
    const told = await caster.waitFor('memory_not_shared', undefined, 15_000);
    expect(told).toMatchObject({
      level: 'error',
      nodes: 1,
      fix: expect.stringContaining('live.url') as string,
    });
    const answer = await fetch(`http://127.0.0.1:${caster.ready.http}/readyz`);
    const { checks } = (await answer.json()) as { checks: { name: string; ok: boolean; detail: string }[] };
    expect(checks.find(({ name }) => name === 'live_state')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('not shared') as string,
    });
  }
});

test.for(DIALECTS)(
  'what a dead process has left at the store is not taken for a node, on %s',
  async (dialect, context) => {
    const store = await stores.open(dialect, context);
    const journal = new Journal(createLog({ level: 'silent', node: 'a' }));
    const memory = new LoneMemory({
      ...{ store, journal, nodeId: 'nod_a' },
      onFailure: (error) => {
        throw error;
      },
    });
    const row = { name: 'b', started_at: 1, seen_at: Date.now() };
    await store.db
      .insertInto('nodes')
      .values([
        { ...row, id: 'nod_a' },
        { ...row, id: 'nod_b' },
      ])
      .execute();
    const told = (): number => journal.recent().filter(({ event }) => event === 'memory_not_shared').length;
    await memory.look();
    await memory.look();
    expect([memory.others, told()]).toEqual([[], 0]);
    await store.db
      .updateTable('nodes')
      .set({ seen_at: row.seen_at + 3000 })
      .execute();
    await memory.look();
    expect([memory.others, told()]).toEqual([['b'], 1]);
    await memory.look();
    expect([memory.others, told()]).toEqual([[], 1]);
  },
);
