// Metering on the main thread, where no other process can look into the ledger.

import { expect, test } from 'vitest';
import { RelayedBus } from '../../../platform/bus/relayed-bus.ts';
import { MeteringHere } from '../../../workers/metering-here.ts';
import { takeMeteringLock } from '../../../workers/metering-lock.ts';
import { useStores } from '../../support/use-stores.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { identity, openLedger, TERMS } from '../../unit/metering/ledger/open-ledger.ts';

const stores = useStores();
const parent = useTempFolder();

test('a store that does not answer keeps no caster from stopping: it is told, and the folder is free', async (context) => {
  const at = await stores.place('sqlite', context);
  const store = await stores.open('sqlite', context, at);
  const { ledger, runs, run, journal, events } = openLedger(parent, { isMapped: false });
  const never = new Promise<never>(() => undefined);
  const silent = new Proxy(store, {
    get: (real, name) => (name === 'write' ? () => never : (Reflect.get(real, name, real) as unknown)),
  });
  const here = await MeteringHere.open(
    {
      ...{ dataDir: at.dataDir, ledgerDir: runs, run, node: 'node-1', url: 'off', store: at },
      ...{ spoolBytesMax: 1e9, retentionMonths: 1, windowMs: 10_000 },
    },
    { journal, bus: new RelayedBus(), store: silent, source: () => ledger, stopMs: 200 },
  );
  // What is over has to be charged before the stop.
  const record = ledger.allot(identity('ses_a'), TERMS, 0, Date.now())!;
  const end = { reason: 'peer_closed', durationMs: 60_000, unacknowledgedBytes: 0, endedAtMs: Date.now() };
  ledger.end(record, end);
  await here.stop();
  expect(events()).toContain('metering_not_stopped');
  (await takeMeteringLock(at.dataDir, 'process', 0))();
  ledger.close();
});
