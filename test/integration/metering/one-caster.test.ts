// A data folder belongs to one caster for as long as that runs, whatever its metering process does meanwhile.

import { expect, onTestFinished, test } from 'vitest';
import { whyNotMapped } from '../../../caster/metering/ledger/ledger-memory.ts';
import { configSchema } from '../../../config/schema.ts';
import { RelayedBus } from '../../../platform/bus/relayed-bus.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { MeteringLink } from '../../../workers/metering-link.ts';
import { type MeteringParts, type MeteringStarted, startMetering } from '../../../workers/start-metering.ts';
import { until } from '../../faults/until.ts';
import { useStores } from '../../support/use-stores.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const stores = useStores();

test('no other caster takes it between two metering processes, and one does once the first has stopped', async (context) => {
  const missing = whyNotMapped();
  context.skip(missing !== undefined, missing);
  const at = await stores.place('sqlite', context);
  const store = await stores.open('sqlite', context, at);
  // Nothing answers there; what is metered waits in the spool.
  const metering = { url: 'http://127.0.0.1:9/default' };
  const config = configSchema.parse({ dataDir: at.dataDir, store: { url: at.url }, metering });
  const { log, lines } = memoryLog();
  const parts: MeteringParts = {
    ...{ node: 'node-1', journal: new Journal(log), bus: new RelayedBus(), store, mayMap: true },
    ...{ source: () => undefined, lockWaitMs: 300 },
  };
  const start = async (): Promise<MeteringStarted> => {
    const started = await startMetering(config, parts);
    if (started.ok) onTestFinished(() => started.metering?.stop());
    return started;
  };
  const first = await start();
  const port = first.ok ? first.metering?.port : undefined;
  if (!(port instanceof MeteringLink))
    throw new Error('it meters in another process where files can be mapped');
  process.kill(port.pid!, 'SIGKILL');
  await until(
    () => lines().some(({ event }) => event === 'metering_ended'),
    () => 'the metering process is gone',
  );
  expect(await start()).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining('another process still meters') as string },
  });
  if (first.ok) await first.metering?.stop();
  expect(await start()).toMatchObject({ ok: true });
});
