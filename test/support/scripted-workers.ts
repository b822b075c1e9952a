// Stream workers as they are in service, threads and sockets included, whose main thread is the test: it answers what
// they ask as the test has scripted it, and keeps what they tell.

import { afterAll, beforeAll } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import type { Config, ConfigInput } from '../../config/schema.ts';
import type { AdmissionRequest, RoverGrant, Verdict } from '../../caster/accounts/admission.ts';
import type { GrantLimits } from '../../caster/accounts/grant-limits.ts';
import type { RefusalReason } from '../../caster/accounts/refusal-reason.ts';
import { newSessionId } from '../../caster/accounts/session-registry.ts';
import type { SessionEnd } from '../../caster/net/session-end.ts';
import type { PositionReport } from '../../caster/net/session-facts.ts';
import { makeLiveDirectory } from '../../caster/stream/live-directory.ts';
import type { BasePosition } from '../../caster/stream/nearest.ts';
import { claimPorts } from '../../workers/claim-ports.ts';
import type { FromWorker } from '../../workers/messages.ts';
import { StreamWorkerPool } from '../../workers/pool.ts';
import { looseLedgerStart } from './loose-ledger.ts';
import { eventually } from './use-caster.ts';

export type Script = (request: AdmissionRequest) => Verdict | Promise<Verdict>;

export class ScriptedWorkers {
  readonly pool: StreamWorkerPool;
  readonly port: number;
  readonly asked: AdmissionRequest[] = [];
  readonly ends: SessionEnd[] = [];
  readonly positions: PositionReport[] = [];
  /** Answers rovers; bases are always let in. */
  script: Script = () => refusal('unknown_mountpoint');
  readonly #config: Config;
  #generation = 0;

  constructor(config: Config, port: number, workers: number) {
    this.#config = config;
    this.port = port;
    const { timing, gates, mountpoints } = config;
    const handling = mountpoints.map(
      ({ name, chunked, raw }) => [name, { chunked, raw, nearest: undefined }] as const,
    );
    this.pool = new StreamWorkerPool(
      workers,
      () => ({
        ports: { host: '127.0.0.1', ntripPort: port, ntripsPort: undefined },
        tls: undefined,
        settings: { timing, gates, mountpoints: new Map(handling) },
        directory: makeLiveDirectory(config, new Map(), port),
        nativeSend: true,
        ledger: looseLedgerStart(),
      }),
      {
        onMessage: (worker, message) => void this.#take(worker, message),
        onLost: (_worker, detail) => {
          throw new Error(detail);
        },
        onStuck: () => undefined,
        onUnstoppable: () => undefined,
      },
    );
  }

  /** Tells the workers where bases are; by their own word only the real main thread would know. */
  placeBases(...positions: readonly BasePosition[]): void {
    const directory = { ...makeLiveDirectory(this.#config, new Map(), this.port), positions };
    this.pool.broadcast({ type: 'directory', directory });
  }

  updateGrant(sessionId: string, limits: GrantLimits): void {
    this.pool.broadcast({ type: 'updateGrant', sessionId, limits });
  }

  async endOf(sessionId: string): Promise<SessionEnd> {
    return await eventually(`the end of ${sessionId}`, () =>
      this.ends.find((end) => end.sessionId === sessionId),
    );
  }

  async #take(worker: number, message: FromWorker): Promise<void> {
    if (message.type === 'ends') this.ends.push(...message.ends);
    if (message.type === 'positions') this.positions.push(...message.positions);
    if (message.type !== 'asks') return;
    for (const { ask, request } of message.asks) {
      this.asked.push(request);
      const verdict = request.role === 'base' ? this.#letBaseIn(request) : await this.script(request);
      this.pool.post(worker, { type: 'verdicts', verdicts: [{ ask, verdict }] });
    }
  }

  #letBaseIn({ mountpoint }: AdmissionRequest): Verdict {
    this.#generation += 1;
    return { ok: true, role: 'base', sessionId: newSessionId(), mountpoint, generation: this.#generation };
  }
}

/** Two workers for all tests of a file. */
export function useScriptedWorkers(config: ConfigInput): () => ScriptedWorkers {
  let workers: ScriptedWorkers | undefined;
  beforeAll(async () => {
    const listen = { host: '127.0.0.1', ntripPort: 0, ntripsPort: 'off' } as const;
    const loaded = loadConfig({ env: {}, overrides: { ...config, listen } });
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
    const claimed = await claimPorts(loaded.config, false);
    if (!claimed.ok) throw new Error(claimed.problem.message);
    workers = new ScriptedWorkers(loaded.config, claimed.ports.ntripPort!, 2);
    const started = await workers.pool.start();
    if (!started.ok) throw new Error(started.detail);
  });
  afterAll(async () => await workers?.pool.drain(1000));
  return () => workers!;
}

export function refusal(reason: RefusalReason, retryAfterS?: number): Verdict {
  return { ok: false, reason, retryAfterS };
}

export function grant({ mountpoint }: AdmissionRequest, limits: GrantLimits = {}): RoverGrant {
  return { ok: true, role: 'rover', sessionId: newSessionId(), mountpoint, account: undefined, limits };
}
