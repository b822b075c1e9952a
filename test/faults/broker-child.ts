// A process with nothing but the broker in it, to be killed: its store, its vehicle and what waits are in the folder given
// as first argument, the vehicle's id is the second.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { openBrokerHouse } from '../support/broker-house.ts';

export type FromBrokerChild =
  | {
      readonly type: 'ready';
      readonly port: number;
      readonly root: string;
      readonly certFile: string;
      readonly keyFile: string;
    }
  | { readonly type: 'up'; readonly body: string }
  | { readonly type: 'pushed'; readonly ask: number; readonly isKept: boolean };

export interface ToBrokerChild {
  readonly type: 'push';
  readonly ask: number;
  readonly body: string;
}

const [, , dataDir = '', vehicleId = ''] = process.argv;
const tell = (message: FromBrokerChild): void => void process.send!(message);

const house = await openBrokerHouse({ dataDir });
house.line.handle('state', ({ body }) => {
  tell({ type: 'up', body: Buffer.from(body).toString() });
  return Promise.resolve();
});
const [certFile, keyFile] = ['crt', 'key'].map((end) => path.join(dataDir, `${vehicleId}.${end}`));
if (!existsSync(certFile!)) await house.enrol(vehicleId);
process.on('message', ({ ask, body }: ToBrokerChild) => {
  void house.line
    .push({ vehicleId, kind: 'grant', body })
    .then((isKept) => tell({ type: 'pushed', ask, isKept }));
});
tell({ type: 'ready', port: house.mqtts, root: house.root, certFile: certFile!, keyFile: keyFile! });
