// A real caster process (test/support/caster-process.ts) that can be ordered to suffer.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import {
  type CasterProcess,
  type CasterProcessOptions,
  startCasterProcess,
} from '../support/caster-process.ts';
import { type FaultOrder, SOCKET_VARIABLE } from './fault-order.ts';

export interface FaultyCaster extends CasterProcess {
  /** Resolves with true when the fault begins, with false where there is no such worker now. */
  suffer(order: FaultOrder): Promise<boolean>;
}

export async function startFaultyCaster(options: CasterProcessOptions = {}): Promise<FaultyCaster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-faults-'));
  const socketPath = path.join(folder, 'orders');
  const preload = pathToFileURL(path.join(import.meta.dirname, 'fault-orders.ts'));
  const caster = await startCasterProcess({
    ...options,
    env: { ...options.env, [SOCKET_VARIABLE]: socketPath, NODE_OPTIONS: `--import=${preload.href}` },
  });
  const line = connect(socketPath);
  await once(line, 'connect');
  line.on('error', () => undefined);
  const waiting: ((began: boolean) => void)[] = [];
  createInterface({ input: line }).on('line', (answer) => waiting.shift()?.(answer === 'true'));
  caster.process.once('exit', () => {
    line.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...caster,
    suffer: (order) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        line.write(`${JSON.stringify(order)}\n`);
      }),
  };
}
