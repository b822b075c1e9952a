// The process that makes rows of what the ledger holds, keeps them, and sends them to ClickHouse. Apart from the caster,
// so that nothing of it is felt by a rover: neither its work (a row costs more than ten epochs to a rover) nor its end.
// It ends when the caster does; what it has not sent by then is on the disk.

import path from 'node:path';
import { mappedSource } from '../caster/metering/ledger/ledger-reader.ts';
import { openMetering, type Metering } from '../caster/metering/open-metering.ts';
import type { BalanceAsk } from '../caster/accounts/steps/check-balance.ts';
import { StoreTrouble } from '../caster/accounts/store-trouble.ts';
import { RelayedBus } from '../platform/bus/relayed-bus.ts';
import { openStore, type Store } from '../platform/store/store.ts';
import { Journal } from '../platform/observe/journal.ts';
import type { Log } from '../platform/observe/log.ts';
import { entryUrl } from './entry-url.ts';
import { takeMeteringLock } from './metering-lock.ts';
import type {
  EngineAnswer,
  EngineWork,
  FromMetering,
  MeteringStart,
  ToMetering,
} from './metering-messages.ts';

/** How often the main thread hears what waits. */
const COUNTS_PERIOD_MS = 1000;

const journal = new Journal(logToMain());
const bus = new RelayedBus();
const { failed } = new StoreTrouble(journal);
let store: Store | undefined;
let metering: Metering | undefined;
/** To be ended, told of together at the end of the turn. */
let ending: string[] = [];

process.on('disconnect', () => process.exit(0));
// Those who stop the caster by Ctrl-C stop the whole group of processes; the caster says when.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('message', (message: ToMetering) => void take(message));

async function take(message: ToMetering): Promise<void> {
  switch (message.type) {
    case 'start': {
      await open(message.start);
      return;
    }
    case 'ask': {
      tell({ type: 'answer', ask: message.ask, answer: await answer(message.work) });
      return;
    }
    case 'rows': {
      const { table, rows } = message.rows;
      // The union says which rows belong to which table, but not to the compiler behind the destructuring.
      metering?.sink.spool.append(table, rows);
      return;
    }
    case 'change':
      bus.publish(message.change);
      return;
    case 'missed':
      bus.miss();
      return;
    case 'askStart': {
      const may = await mayStart(message.use);
      tell({ type: 'mayStart', ask: message.ask, may });
      return;
    }
    case 'stop':
      await metering?.stop();
      await store?.close();
      process.disconnect();
  }
}

async function open(start: MeteringStart): Promise<void> {
  try {
    await takeMeteringLock(start.dataDir, 'process');
    const opened = await openStore(start.store);
    if (!opened.ok) throw new Error(opened.problem.message);
    store = opened.store;
    metering = await openMetering({
      ...start,
      ...{ store, bus, journal, failed, endSession },
      source: mappedSource(path.join(start.ledgerDir, start.run)),
      chdbProgram: entryUrl('chdb-process'),
    });
  } catch (error) {
    tell({ type: 'failed', detail: error instanceof Error ? error.message : String(error) });
    return;
  }
  const opened = metering;
  setInterval(() => tell({ type: 'counts', counts: opened.counts() }), COUNTS_PERIOD_MS).unref();
  tell({ type: 'ready' });
}

async function answer(work: EngineWork): Promise<EngineAnswer> {
  if (metering === undefined) {
    return { ok: false, reason: 'away', detail: 'metering is starting', code: undefined };
  }
  const { clickhouse } = metering.sink;
  switch (work.kind) {
    case 'query':
      return await clickhouse.query(work.sql, work.params);
    case 'command':
      return await clickhouse.command(work.sql);
    case 'insert':
      return await clickhouse.insert(work.table, work.lines);
    case 'ping':
      return await clickhouse.ping();
  }
}

/** Whom nobody can judge is let in: what he uses is charged all the same. */
async function mayStart(use: BalanceAsk): Promise<boolean> {
  try {
    return metering === undefined || (await metering.budgets.mayStart(use, Date.now()));
  } catch (error) {
    failed(error);
    return true;
  }
}

function endSession(sessionId: string): void {
  ending.push(sessionId);
  if (ending.length > 1) return;
  setImmediate(() => {
    tell({ type: 'endSessions', sessionIds: ending, reason: 'balance_empty' });
    ending = [];
  });
}

function tell(message: FromMetering): void {
  if (process.connected) process.send!(message);
}

/** Every event goes to the main thread, whose log and live events it is then in. */
function logToMain(): Log {
  return {
    level: 'info',
    linesLost: 0,
    writes: (level) => level !== 'debug',
    write: ({ level, event, fields }) => tell({ type: 'log', level, event, fields }),
  };
}
