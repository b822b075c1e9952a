// The composition root: the only file that knows everybody. It starts and stops the parts in order; what a part does
// is the part's own business.
//
//   start   data folder and owner key -> certificate -> store -> metering -> ports -> stream workers -> HTTP -> ready
//   stop    HTTP says not ready -> stream workers drain -> metering -> HTTP closes -> store closes -> journal

import { availableParallelism, hostname } from 'node:os';
import type { ConfigSources, LoadedConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { streamWorkerCount } from './config/stream-workers.ts';
import type { RedisConnection } from './platform/bus/redis-connection.ts';
import type { ChangeBus } from './platform/bus/bus.ts';
import { type ApiOptions } from './platform/http/api-options.ts';
import { createHttpApp } from './platform/http/app.ts';
import { type SettingsPort } from './platform/http/settings-port.ts';
import { listenHttp } from './platform/http/listen.ts';
import { Journal } from './platform/observe/journal.ts';
import { createLog } from './platform/observe/log.ts';
import { Metrics } from './platform/observe/metrics.ts';
import { makeDataDir } from './platform/secrets/data-dir.ts';
import { loadMasterKey } from './platform/secrets/master-key.ts';
import { loadOwnerKey } from './platform/secrets/owner-key.ts';
import type { Secrets } from './platform/secrets/sealed-box.ts';
import { newId } from './platform/store/id.ts';
import { openStore, type Store } from './platform/store/store.ts';
import type { StartProblem } from './platform/start-problem.ts';
import { ACCOUNT_KEY_PURPOSE, derivedPassword } from './caster/accounts/account-password.ts';
import { BulkJobs } from './caster/accounts/bulk/bulk-jobs.ts';
import { openLive } from './caster/accounts/live/open-live.ts';
import { checkMasterKey } from './caster/accounts/master-key-check.ts';
import { PasswordVerifier } from './caster/accounts/password-verifier.ts';
import { SecondTier } from './caster/accounts/second-tier.ts';
import type { ClickHouse } from './caster/metering/sink/clickhouse.ts';
import { storeBalances } from './caster/metering/queries/store-balances.ts';
import { noClickHouse } from './caster/metering/sink/clickhouse-off.ts';
import type { TlsMaterial } from './caster/net/listeners.ts';
import { CASTER_ERROR_CODES } from './caster/routes/caster-error-codes.ts';
import { CASTER_TAGS, casterRoutes } from './caster/routes/caster-routes.ts';
import { REFUSAL_ERRORS } from './caster/routes/refusal-errors.ts';
import { DriverSessions } from './licensing/drivers/driver-sessions.ts';
import { LICENSING_ERROR_CODES } from './licensing/routes/licensing-error-codes.ts';
import { LICENSING_TAGS } from './licensing/routes/licensing-routes.ts';
import { openLicensing } from './licensing/routes/open-licensing.ts';
import type { Caster } from './workers/caster.ts';
import type { Ready, Start } from './workers/running.ts';
import { LoginRows, terminalLogins } from './workers/login-rows.ts';
import { supplyCasterMetrics } from './workers/caster-metrics.ts';
import { CertificateWatch } from './workers/certificate-watch.ts';
import { correctionAccounts } from './workers/correction-accounts.ts';
import { startCryptoPool } from './workers/crypto-pool.ts';
import { httpConnectionsMax, openFilesMax } from './workers/descriptor-limit.ts';
import { startDailyTotals } from './workers/daily-totals.ts';
import { supplyMeteringMetrics } from './workers/metering-metrics.ts';
import { startMetering } from './workers/start-metering.ts';
import type { LooseRows } from './workers/metering-messages.ts';
import { openBroker, type BrokerReady } from './workers/open-broker.ts';
import { openCaster } from './workers/open-caster.ts';
import { readinessChecks } from './workers/readiness.ts';
import { reload } from './workers/reload.ts';
import { settingsDesk } from './workers/settings-desk.ts';
import { watchRedis } from './workers/redis-watch.ts';
import { StreamQuality } from './workers/stream-quality.ts';
import { supplyTierMetrics } from './workers/tier-metrics.ts';
import { readTlsMaterial } from './workers/tls-material.ts';

export interface StartOptions {
  readonly loaded: LoadedConfig;
  /** Where it was loaded from, for whoever changes it while the process runs. */
  readonly sources: ConfigSources;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** False only to compare: every byte then goes through Node's own writes. */
  readonly nativeSend?: boolean;
}

export async function start(options: StartOptions): Promise<Start> {
  const { version, loaded } = options;
  const { config } = loaded;
  const node = hostname();
  const log = createLog({ level: config.log.level, node });
  const journal = new Journal(log);

  const ownerKey = loadOwnerKey({ dataDir: config.dataDir, env: options.env });
  if (!ownerKey.ok) return ownerKey;
  if (ownerKey.warning !== undefined)
    journal.record('warn', 'owner_key_warning', { detail: ownerKey.warning });
  const reading = readTlsMaterial(config);
  if (!reading.ok) return reading;
  const certificate = new CertificateWatch(journal);
  certificate.use(reading.expiresAtMs);
  const dataDirProblem = makeDataDir(config.dataDir);
  if (dataDirProblem !== undefined) return { ok: false, problem: dataDirProblem };
  const opening = await openStore({ url: config.store.url, dataDir: config.dataDir });
  if (!opening.ok) return opening;
  const { store } = opening;
  const masterKey = loadMasterKey({ dataDir: config.dataDir, env: options.env });
  if (!masterKey.ok) return await closing(store, masterKey.problem);
  if (masterKey.warning !== undefined)
    journal.record('warn', 'master_key_warning', { detail: masterKey.warning });
  const keyProblem = await checkMasterKey(store, masterKey.secrets);
  if (keyProblem !== undefined) return await closing(store, keyProblem);
  const nodeId = newId('nod');
  const liveOpened = await openLive({ url: config.live.url, node: nodeId });
  const { live, bus, redis } = liveOpened;
  if (redis !== undefined) watchRedis(redis, journal, config.live.onOutage);
  // Redis that answers does so at once; one that is away must keep nobody from starting.
  await Promise.race([
    liveOpened.ready,
    new Promise((resolve) => setTimeout(resolve, REDIS_FIRST_MS).unref()),
  ]);
  const made: { caster?: Caster } = {};
  const meterParts = {
    ...{ node, journal, bus, store },
    mayMap: options.nativeSend ?? true,
    source: () => made.caster?.ledger,
  };
  const meter = await startMetering(config, meterParts);
  if (!meter.ok) {
    await liveOpened.close();
    return await closing(store, meter.problem);
  }
  const { metering } = meter;
  const daily = await startDailyTotals(config, meterParts);
  if (!daily.ok) {
    await liveOpened.close();
    return await closing(store, daily.problem);
  }
  const passwords = new PasswordVerifier();
  const append = (rows: LooseRows): void => metering?.port.append(rows);
  const logins = metering && new LoginRows({ node, append });
  const tier = new SecondTier({
    ...{ store, secrets: masterKey.secrets, live, bus, journal, nodeId, nodeName: node },
    chosenPasswords: passwords,
    onOutage: config.live.onOutage,
    balances: metering?.port,
    terminalLogins: logins && terminalLogins(logins),
  });
  await tier.start();
  const jobs = new BulkJobs({ store, journal, nodeId });
  await jobs.start();
  const closeTier = async (): Promise<void> => {
    await metering?.stop();
    await daily.totals?.stop();
    await jobs.stop();
    await tier.stop();
    await liveOpened.close();
    await store.close();
  };
  const quality = metering && new StreamQuality({ node, append });
  const workerCount = streamWorkerCount(config.streamWorkers, availableParallelism());
  const opened = await openCaster(config, {
    tls: reading.tls,
    workerCount,
    nativeSend: options.nativeSend ?? true,
    journal,
    tier,
    ledger: metering?.ledger ?? daily.totals?.ledger,
    logins,
    quality,
  });
  if (!opened.ok) {
    await closeTier();
    return opened;
  }
  const { caster, ports, nativeSend } = opened;
  made.caster = caster;
  metering?.port.onBalanceEmpty((sessionId, reason) => caster.endSession(sessionId, reason));

  let stopping = false;
  let inForce = loaded;
  const takeOver = (next: LoadedConfig): void => {
    // What was refused leaves what was before.
    if (reload({ caster, journal, certificate }, inForce.config, next.config) === next.config) inForce = next;
    log.level = inForce.config.log.level;
  };
  const metrics = new Metrics({ version, node });
  supplyCasterMetrics(metrics, caster);
  supplyTierMetrics(metrics, tier);
  supplyMeteringMetrics(metrics, () => metering?.port);
  metrics.supply('caster_log_lines_lost_total', () => [{ labels: {}, value: log.linesLost }]);
  const http = await openHttp(config, {
    version,
    journal,
    metrics,
    ownerKey: ownerKey.key,
    store,
    bus,
    secrets: masterKey.secrets,
    jobs,
    tls: reading.tls,
    terminalPort: config.listen.publicPort ?? ports.ntripPort ?? ports.ntripsPort ?? 0,
    isTlsOnly: ports.ntripPort === undefined,
    rateLimits: () => inForce.config.api,
    settings: settingsDesk({
      ...{ sources: options.sources, file: loaded.file, started: config },
      ...{ loaded: () => inForce, reload: takeOver },
    }),
    caster,
    tier,
    redis,
    passwords,
    clickhouse: metering?.port.clickhouse ?? noClickHouse(),
    isStopping: () => stopping,
  });
  if (!http.ok) {
    await caster.stop();
    await closeTier();
    return http;
  }

  const ready: Ready = {
    event: 'ready',
    pid: process.pid,
    ...(ports.ntripPort === undefined ? {} : { ntrip: ports.ntripPort }),
    ...(ports.ntripsPort === undefined ? {} : { ntrips: ports.ntripsPort }),
    ...(http.port === undefined ? {} : { http: http.port }),
    ...http.broker,
    version,
    dataDir: config.dataDir,
    workers: workerCount,
  };
  journal.record('info', 'started', {
    ...ready,
    event: undefined,
    pid: undefined,
    config: loaded.file ?? 'defaults and environment',
    mountpoints: config.mountpoints.length,
    accounts: config.accounts.length,
    nativeSend,
  });

  let stopped: Promise<void> | undefined;
  return {
    ok: true,
    running: {
      ready,
      caster,
      journal,
      newOwnerKey: ownerKey.origin === 'made' ? { key: ownerKey.key, file: ownerKey.file } : undefined,
      reload: takeOver,
      stop() {
        stopping = true;
        stopped ??= (async () => {
          journal.record('info', 'stopping', { sessions: caster.sessions.size });
          certificate.stop();
          await caster.stop();
          logins?.flush();
          quality?.flush();
          await metering?.stop();
          await http.close();
          await closeTier();
          journal.record('info', 'stopped');
          journal.close();
        })();
        return stopped;
      },
    },
  };
}

async function closing(store: Store, problem: StartProblem): Promise<Start> {
  await store.close();
  return { ok: false, problem };
}

/** How long the start waits for Redis. */
const REDIS_FIRST_MS = 2000;

interface HttpParts extends Omit<ApiOptions, 'changes' | 'sealer'> {
  readonly settings: SettingsPort;
  readonly bus: ChangeBus;
  readonly secrets: Secrets;
  readonly jobs: BulkJobs;
  /** Where a signed login tells devices to connect to; 0 where no NTRIP port is open. */
  readonly terminalPort: number;
  /** NTRIP is open over TLS alone. */
  readonly isTlsOnly: boolean;
  readonly version: string;
  readonly tls: TlsMaterial | undefined;
  readonly metrics: Metrics;
  readonly caster: Caster;
  readonly tier: SecondTier;
  readonly redis: RedisConnection | undefined;
  readonly passwords: PasswordVerifier;
  readonly clickhouse: ClickHouse;
  readonly isStopping: () => boolean;
}

type HttpStart =
  | { ok: true; close: () => Promise<void>; port: number | undefined; broker?: BrokerReady }
  | { ok: false; problem: StartProblem };

async function openHttp({ listen, licensing, dataDir }: Config, parts: HttpParts): Promise<HttpStart> {
  if (listen.httpPort === 'off') return { ok: true, close: () => Promise.resolve(), port: undefined };
  const {
    caster,
    tier,
    bus,
    secrets,
    jobs,
    terminalPort,
    isTlsOnly,
    redis,
    passwords,
    clickhouse,
    tls,
    isStopping,
    ...rest
  } = parts;
  const sessions = new DriverSessions(rest.store);
  const app = createHttpApp({
    ...{ ...rest, sessions },
    changes: bus,
    sealer: secrets,
    codes: [CASTER_ERROR_CODES, REFUSAL_ERRORS, LICENSING_ERROR_CODES],
    tags: { ...CASTER_TAGS, ...LICENSING_TAGS },
    connectionsMax: httpConnectionsMax(openFilesMax()),
    isTrustedProxy: (address) => caster.trustsForwarded(address),
    readiness: readinessChecks({ caster, tier, redis, isStopping }),
    ntrip: { host: listen.publicHost ?? null, port: terminalPort === 0 ? null : terminalPort },
  });
  const accountKey = secrets.deriveKey(ACCOUNT_KEY_PURPOSE);
  casterRoutes(app, {
    store: rest.store,
    bus,
    secrets,
    jobs,
    passwords: {
      derived: (accountId, passwordVersion) => derivedPassword(accountKey, accountId, passwordVersion),
      hash: (password) => passwords.hash(password),
    },
    sessions: {
      all: () => caster.sessions.all(),
      get: (id) => caster.sessions.get(id),
      facts: (ids) => caster.openSessionFacts(ids),
      health: (id) => caster.picture.healthOf(id),
      close: (id) => caster.endSession(id, 'operator_closed'),
    },
    terminal: {
      desk: tier.desk,
      // Without a setting: where the device found the API, it finds the streams.
      placeFor: ({ hostname: host }) => ({ host: listen.publicHost ?? host, port: terminalPort }),
    },
    configuration: {
      mountpoints: () => caster.fileConfig.mountpoints,
      accountNames: () => new Set(caster.fileConfig.accounts.map(({ username }) => username)),
    },
    metering: { clickhouse, balances: storeBalances(rest.store) },
    flushRefusals: () => tier.flushRefusals(),
  });
  const crypto = startCryptoPool();
  const ports = { store: rest.store, bus, journal: rest.journal, secrets, crypto };
  const isShared = rest.store.dialect === 'postgres' || redis !== undefined;
  const broker = await openBroker(
    { dataDir, listen, licensing },
    { ...ports, metrics: rest.metrics, tls, node: isShared ? tier.node.id : undefined },
  );
  if (!broker.ok) return broker;
  let port = listen.httpPort;
  const publicUrl = (): string => licensing.publicUrl ?? `http://${listen.publicHost ?? hostname()}:${port}`;
  const opened = await openLicensing(app, {
    ...{ redis, nodeId: tier.node.id, metrics: rest.metrics },
    corrections: correctionAccounts(tier.deviceAccounts, () => ({
      host: listen.publicHost ?? hostname(),
      port: terminalPort === 0 ? undefined : terminalPort,
      tls: isTlsOnly,
    })),
    ...ports,
    line: broker.line,
    presenceOf: broker.presenceOf,
    broker: broker.addressOf,
    ...{ settings: licensing, publicUrl, dataDir, sessions, passwords },
  });
  const listening = await listenHttp(app, { host: listen.httpHost, port: listen.httpPort });
  if (!listening.ok) return listening;
  port = listening.port;
  return {
    ok: true,
    port,
    broker: broker.ready,
    async close() {
      await app.close();
      await opened.stop();
      await broker.stop();
      await crypto.stop();
    },
  };
}
