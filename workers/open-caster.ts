// Starts the correction service on its ports. What keeps it from starting is a problem for the operator, told with the
// setting that it comes from.

import type { Config } from '../config/schema.ts';
import type { ListenPorts } from '../caster/net/listeners.ts';
import { LedgerUnusable } from '../caster/metering/ledger/session-ledger.ts';
import { listenProblem, startProblem, type StartProblem } from '../platform/start-problem.ts';
import { Caster, type CasterOptions } from './caster.ts';
import { claimPorts } from './claim-ports.ts';

type CasterStart =
  { ok: true; caster: Caster; ports: ListenPorts; nativeSend: string } | { ok: false; problem: StartProblem };

/** How often another free port is tried: between choosing one and listening on it anybody may take it. */
const FREE_PORT_TRIES = 5;

/** Claims the ports and starts the stream workers on them; where any free port will do, again on others. */
export async function openCaster(
  config: Config,
  parts: Omit<CasterOptions, 'config' | 'ports'>,
): Promise<CasterStart> {
  const isFree = config.listen.ntripPort === 0 || config.listen.ntripsPort === 0;
  for (let tries = 1; ; tries++) {
    const claimed = await claimPorts(config, parts.tls !== undefined);
    if (!claimed.ok) return claimed;
    const { ports } = claimed;
    const made = makeCaster({ config, ports, ...parts });
    if (!made.ok) return made;
    const { caster } = made;
    const started = await caster.start();
    if (started.ok) return { ok: true, caster, ports, nativeSend: started.nativeSend };
    await caster.stop();
    if (started.code === 'EADDRINUSE' && isFree && tries < FREE_PORT_TRIES) continue;
    const setting = started.port === ports.ntripsPort ? 'listen.ntripsPort' : 'listen.ntripPort';
    return {
      ok: false,
      problem: listenProblem(started.code, { host: ports.host, port: started.port, setting }),
    };
  }
}

function makeCaster(
  options: CasterOptions,
): { ok: true; caster: Caster } | { ok: false; problem: StartProblem } {
  try {
    return { ok: true, caster: new Caster(options) };
  } catch (error) {
    if (!(error instanceof LedgerUnusable)) throw error;
    return { ok: false, problem: startProblem('metering_failed', error.message) };
  }
}
