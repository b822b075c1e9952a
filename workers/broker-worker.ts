// Entry point of the broker's thread: MQTT with its TLS handshakes, and the file of what waits. Rights, certificates and
// the store are the main thread's; it is asked, and what it does not answer in time is refused.

import { parentPort, workerData } from 'node:worker_threads';
import { BROKER_ADMIT_MS, BROKER_REPORT_PERIOD_MS } from '../config/limits.ts';
import { BrokerStore } from '../licensing/broker/broker-store.ts';
import type { Admission } from '../licensing/broker/broker-ports.ts';
import { VehicleBroker } from '../licensing/broker/vehicle-broker.ts';
import { VehicleListeners } from '../licensing/broker/vehicle-listeners.ts';
import type { BrokerStart, FromBroker, ToBroker } from './broker-messages.ts';

const start = workerData as BrokerStart;
const post = (message: FromBroker): void => parentPort!.postMessage(message);

const asked = new Map<number, (admission: Admission) => void>();
let lastAsk = 0;

const store = new BrokerStore(start.file);
const broker = await VehicleBroker.open(store, {
  admit(question) {
    const ask = ++lastAsk;
    const { promise, resolve } = Promise.withResolvers<Admission>();
    const late = setTimeout(() => answer(ask, { ok: false, reason: 'cloud_unavailable' }), BROKER_ADMIT_MS);
    asked.set(ask, (admission) => {
      clearTimeout(late);
      resolve(admission);
    });
    post({ type: 'admit', ask, question });
    return promise;
  },
  connected: (vehicle) => post({ type: 'connected', ...vehicle }),
  disconnected: (vehicle) => post({ type: 'disconnected', ...vehicle }),
  refused: (refused) => post({ type: 'refused', refused }),
  uplinks: (ups) => post({ type: 'uplinks', ups }),
});
const listeners = new VehicleListeners({
  take: (socket, peer) => broker.take(socket, peer),
  refused: (refused) => post({ type: 'refused', refused }),
  needsTls: () => post({ type: 'needsTls' }),
});

parentPort!.on('message', obey);
const reporting = setInterval(report, BROKER_REPORT_PERIOD_MS);
try {
  post({ type: 'listening', ports: await listeners.open(start.doors) });
  report();
} catch (error) {
  const { code = 'unknown', port = 0, message } = error as NodeJS.ErrnoException & { port?: number };
  post({ type: 'listenFailed', code, port, detail: message });
}

function obey(message: ToBroker): void {
  switch (message.type) {
    case 'tls':
      return listeners.useTls(message.tls);
    case 'push': {
      const { ask, vehicleId, kind, body } = message;
      broker.push(vehicleId, kind, Buffer.from(body)).then(
        (isKept) => post({ type: 'pushed', ask, isKept }),
        () => post({ type: 'pushed', ask, isKept: false }),
      );
      return;
    }
    case 'admission':
      return answer(message.ask, message.admission);
    case 'handles':
      return broker.handles(message.kinds);
    case 'taken':
      // Where the disk does not take it they come once more, which they may.
      broker.upsTaken(message.ids).catch(() => undefined);
      return;
    case 'putBack':
      return broker.putBack(message.line);
    case 'again':
      return broker.again(message.line);
    case 'endCertificate':
      return broker.endCertificate(message.certificateId, message.atMs);
    case 'drain':
      void drain();
  }
}

function answer(ask: number, admission: Admission): void {
  asked.get(ask)?.(admission);
  asked.delete(ask);
}

function report(): void {
  const { upsWaiting, downsWaiting } = store;
  post({ type: 'counts', counts: { connected: broker.connected, upsWaiting, downsWaiting } });
}

async function drain(): Promise<void> {
  listeners.close();
  await broker.close();
  clearInterval(reporting);
  store.close();
  parentPort!.off('message', obey);
}
