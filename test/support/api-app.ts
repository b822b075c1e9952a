// The whole HTTP interface over a store, and ways to ask it as whoever one likes. For tests and for benches.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FastifyInstance } from 'fastify';
import { ACCOUNT_KEY_PURPOSE, derivedPassword } from '../../caster/accounts/account-password.ts';
import { BulkJobs } from '../../caster/accounts/bulk/bulk-jobs.ts';
import { type OpenSession, type OpenSessionFacts } from '../../caster/accounts/open-sessions.ts';
import { hashPassword, isPasswordOf } from '../../caster/accounts/password-hash.ts';
import { type TerminalDesk } from '../../caster/accounts/terminal-desk.ts';
import { noClickHouse } from '../../caster/metering/sink/clickhouse-off.ts';
import { CASTER_ERROR_CODES } from '../../caster/routes/caster-error-codes.ts';
import { CASTER_TAGS, casterRoutes } from '../../caster/routes/caster-routes.ts';
import { type MeteringPort } from '../../caster/routes/ports.ts';
import { REFUSAL_ERRORS } from '../../caster/routes/refusal-errors.ts';
import { CLAIM_CODE_PURPOSE } from '../../licensing/drivers/claim-codes.ts';
import { DriverSessions } from '../../licensing/drivers/driver-sessions.ts';
import { type DocumentKeyPair, makeDocumentKey } from '../../licensing/grants/format/signature.ts';
import { signJson, verifyJson } from '../../licensing/grants/format/signed-json.ts';
import type { Held } from '../../licensing/ota/manifests.ts';
import type { OtaOffice } from '../../licensing/ota/ota-office.ts';
import { PackageFiles } from '../../licensing/ota/package-files.ts';
import { CertificateOffice } from '../../licensing/pki/certificate-office.ts';
import { PKI_WORK, type PkiCrypto } from '../../licensing/pki/pki-crypto.ts';
import { RevocationLists } from '../../licensing/pki/revocation-lists.ts';
import { deadLetterRoutes } from '../../licensing/routes/dead-letter-routes.ts';
import { entitlementRoutes } from '../../licensing/routes/entitlement-routes.ts';
import { LICENSING_ERROR_CODES } from '../../licensing/routes/licensing-error-codes.ts';
import { openGrants } from '../../licensing/routes/open-grants.ts';
import { openOta } from '../../licensing/routes/open-ota.ts';
import { LICENSING_TAGS, licensingRoutes } from '../../licensing/routes/licensing-routes.ts';
import { type PaymentProvider } from '../../licensing/shop/payment-provider.ts';
import { type ShopJobs } from '../../licensing/shop/shop-jobs.ts';
import { openShop } from '../../licensing/routes/open-shop.ts';
import { type MountpointConfig } from '../../config/schema.ts';
import { LocalBus } from '../../platform/bus/local-bus.ts';
import { type Change, type ChangeBus } from '../../platform/bus/bus.ts';
import { createHttpApp } from '../../platform/http/app.ts';
import { type Role } from '../../platform/http/roles.ts';
import { Journal } from '../../platform/observe/journal.ts';
import { Metrics } from '../../platform/observe/metrics.ts';
import { type Secrets, secretsUnder } from '../../platform/secrets/sealed-box.ts';
import { newId } from '../../platform/store/id.ts';
import { type Store } from '../../platform/store/store.ts';
import { memoryLog, type MemoryLog } from '../unit/platform/observe/memory-log.ts';
import { grantsHere } from './grants.ts';

/** Of the shop's built-in provider. */
export const TEST_WEBHOOK_SECRET = 'whsec_of_the_tests';

const OWNER_KEY = 'csk_live_testtest_abcdefghijklmnopqrstuvwxyz234567';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** As JSON; a text where it is none. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly text: string;
}

export type Ask = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
  /** Of the peer. */
  from?: string,
) => Promise<ApiAnswer>;

export interface ApiUnderTest {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly jobs: BulkJobs;
  readonly memory: MemoryLog;
  /** Everything that the bus was told, in order. */
  readonly changes: Change[];
  /** Where contents of packages are kept. */
  readonly packagesFolder: string;
  readonly ota: OtaOffice;
  /** Signs the answers to vehicles. */
  readonly offerKey: DocumentKeyPair;
  readonly secrets: Secrets;
  /** Sessions that are open; a test puts them there. */
  readonly open: OpenSession[];
  readonly closed: string[];
  /** What workers would tell of open sessions. */
  readonly facts: Map<string, OpenSessionFacts>;
  readonly accountKey: Buffer;
  readonly claimCodeKey: Buffer;
  /** What the shop does by itself happens when a test says so. */
  readonly shopJobs: ShopJobs;
  readonly ownerKey: string;
  /** As the owner of the caster. */
  readonly owner: Ask;
  /** As somebody without a key. */
  readonly nobody: Ask;
  /** A new customer, asking by a key of its own. */
  readonly customer: (role?: Role) => Promise<{ readonly id: string; readonly ask: Ask }>;
  /** A new key of a customer, or of the operator. */
  readonly key: (role: Role, customerId?: string) => Promise<Ask>;
  readonly close: () => Promise<void>;
}

export interface ApiParts {
  readonly mountpoints?: readonly MountpointConfig[];
  readonly usernames?: readonly string[];
  readonly desk?: TerminalDesk;
  /** Nothing was metered where nothing is said. */
  readonly metering?: MeteringPort;
  /** False where it is timed. */
  readonly checksAnswers?: boolean;
  /** What the office that gives certificates out takes for the time. */
  readonly now?: () => number;
  /** Beside the built-in test provider. */
  readonly providers?: readonly PaymentProvider[];
  /** What the shop calls after a change of an entitlement. */
  readonly wakeOutbox?: () => void;
  /** ACCOUNTS_PER_APP_MAX where nothing is said. */
  readonly accountsPerAppMax?: number;
  /** Bytes of a package; PACKAGE_BYTES_MAX where nothing is said. */
  readonly packageBytesMax?: number;
  /** Hears which grants vehicles say to hold. */
  readonly onHeld?: (held: Held) => Promise<void>;
  /** Where vehicles are told to fetch from. */
  readonly publicUrl?: () => string;
  /** Downloads at a time. */
  readonly downloadsMax?: number | undefined;
}

const DAY_MS = 86_400_000;

const NO_DESK: TerminalDesk = {
  login: () => Promise.reject(new Error('no desk')),
  activate: () => Promise.reject(new Error('no desk')),
  status: () => Promise.reject(new Error('no desk')),
};

const NOTHING_METERED: MeteringPort = {
  clickhouse: { ...noClickHouse(), query: () => Promise.resolve({ ok: true, rows: [] }) },
};

export async function openApi(store: Store, parts: ApiParts = {}): Promise<ApiUnderTest> {
  const memory = memoryLog('debug');
  const journal = new Journal(memory.log);
  const bus = new LocalBus();
  const changes: Change[] = [];
  bus.subscribe((change) => void changes.push(change));
  const secrets = secretsUnder(randomBytes(32));
  const accountKey = secrets.deriveKey(ACCOUNT_KEY_PURPOSE);
  const jobs = new BulkJobs({ store, journal, nodeId: newId('nod') });
  const open: OpenSession[] = [];
  const closed: string[] = [];
  const facts = new Map<string, OpenSessionFacts>();
  const sessions = new DriverSessions(store, parts.now);
  const app = createHttpApp({
    sessions,
    journal,
    store,
    changes: bus,
    sealer: secrets,
    checksAnswers: parts.checksAnswers ?? true,
    metrics: new Metrics({ version: '1.2.3', node: 'node-1' }),
    readiness: [],
    ownerKey: OWNER_KEY,
    version: '1.2.3',
    codes: [CASTER_ERROR_CODES, REFUSAL_ERRORS, LICENSING_ERROR_CODES],
    tags: { ...CASTER_TAGS, ...LICENSING_TAGS },
  });
  casterRoutes(app, {
    store,
    accountsPerAppMax: parts.accountsPerAppMax,
    bus,
    secrets,
    jobs,
    passwords: {
      derived: (id, version) => derivedPassword(accountKey, id, version),
      hash: hashPassword,
    },
    sessions: {
      all: () => open,
      get: (id) => open.find((session) => session.id === id),
      facts: (ids) =>
        Promise.resolve(ids.map((id) => facts.get(id) ?? { counts: undefined, fix: undefined })),
      health: () => undefined,
      close: (id) => open.some((session) => session.id === id) && closed.push(id) > 0,
    },
    terminal: { desk: parts.desk ?? NO_DESK, placeFor: () => ({ host: 'ntrip.example.com', port: 2101 }) },
    configuration: {
      mountpoints: () => parts.mountpoints ?? [],
      accountNames: () => new Set(parts.usernames),
    },
    metering: parts.metering ?? NOTHING_METERED,
    flushRefusals: () => Promise.resolve(),
  });
  const crypto = directCrypto();
  const office = new CertificateOffice({
    ...{ store, secrets, bus, crypto },
    now: parts.now ?? Date.now,
    terms: {
      publicUrl: () => 'http://pki.example.com',
      certificateMs: 100 * DAY_MS,
      renewalGraceMs: 10 * DAY_MS,
    },
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-packages-'));
  const packages = new PackageFiles(folder, parts.packageBytesMax);
  licensingRoutes(app, {
    ...{ store, bus, journal, office },
    presenceOf: () => Promise.resolve({ connected: false, sinceMs: null }),
    revocationLists: new RevocationLists(store, crypto),
    packages,
  });
  const shop = await openShop(app, {
    ...{ store, journal, secrets, sessions },
    payments: { test: true, testWebhookSecret: TEST_WEBHOOK_SECRET },
    publicUrl: () => 'http://shop.example.com',
    providers: parts.providers ?? [],
    passwords: {
      hash: hashPassword,
      verify: async (hash, presented) => ((await isPasswordOf(hash, presented)) ? 'right' : 'wrong'),
    },
    wakeOutbox: parts.wakeOutbox ?? (() => undefined),
    now: parts.now ?? Date.now,
  });
  const outbox = { wake: () => undefined };
  for (const add of [entitlementRoutes, deadLetterRoutes]) add(app, { store, journal, outbox });
  const offerKey = makeDocumentKey('es256');
  const ota = openOta(app, {
    ...{ store, journal, secrets },
    publicUrl: parts.publicUrl ?? (() => 'http://ota.example.com'),
    downloadsMax: parts.downloadsMax,
    ...(parts.onHeld === undefined ? {} : { onHeld: parts.onHeld }),
    now: parts.now ?? Date.now,
    packages,
    verify: ({ key, document }) => Promise.resolve(verifyJson(key, document)),
    sign: (_algorithm, document) => Promise.resolve(JSON.stringify(signJson(offerKey, document))),
  });
  openGrants(app, {
    ...{ store, bus, journal, secrets, authorities: office.authorities, crypto: grantsHere() },
    line: { push: () => Promise.resolve(false), handle: () => undefined, onConnected: () => undefined },
    queue: { consume: () => ({ stop: () => Promise.resolve() }) },
    correctionLoginFor: () => Promise.resolve(null),
    broker: () => Promise.resolve({ host: 'mqtt.example.com', port: 8883, tokenPort: 8884 }),
    otaRootUrl: () => 'http://ota.example.com/v1/ota/root.json',
    now: parts.now ?? Date.now,
  });
  await app.ready();

  const asking =
    (key: string | undefined): Ask =>
    async (method, url, body, headers = {}, from?: string) => {
      const isText = typeof body === 'string';
      const answer = await app.inject({
        method,
        url,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': isText ? 'text/csv' : 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: isText ? body : JSON.stringify(body) }),
        ...(from === undefined ? {} : { remoteAddress: from }),
      });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: jsonOf(answer.body),
        text: answer.body,
      };
    };
  const owner = asking(OWNER_KEY);

  async function key(role: Role, customerId?: string): Promise<Ask> {
    const made = await owner('POST', '/v1/api-keys', { name: role, role, customerId });
    if (made.status !== 201) throw new Error(`no key: ${made.text}`);
    return asking((made.body as { key: string }).key);
  }

  return {
    app,
    store,
    bus,
    jobs,
    memory,
    changes,
    packagesFolder: folder,
    ota,
    offerKey,
    secrets,
    open,
    closed,
    facts,
    accountKey,
    claimCodeKey: secrets.deriveKey(CLAIM_CODE_PURPOSE),
    shopJobs: shop.jobs,
    ownerKey: OWNER_KEY,
    owner,
    nobody: asking(undefined),
    key,
    async close() {
      await jobs.stop();
      await shop.stop();
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
    async customer(role = 'owner') {
      const made = await owner('POST', '/v1/customers', { name: 'Somebody' });
      const { id } = made.body as { id: string };
      return { id, ask: await key(role, id) };
    },
  };
}

/** The work of the crypto pool, on this thread. */
export function directCrypto(): PkiCrypto {
  return {
    prove: (ask) => Promise.resolve(PKI_WORK.prove(ask)),
    makeAuthorities: (ask) => Promise.resolve(PKI_WORK.makeAuthorities(ask)),
    issue: (ask) => Promise.resolve(PKI_WORK.issue(ask)),
    makeCrl: (ask) => Promise.resolve(PKI_WORK.makeCrl(ask)),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What the body of a good answer has; fails with the whole answer otherwise. */
export async function good<Body = Record<string, never>>(asked: Promise<ApiAnswer>): Promise<Body> {
  const answer = await asked;
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body as Body;
}

/** An app with so many accounts. */
export async function fleet(
  ask: Ask,
  count: number,
  settings: object = {},
): Promise<{ id: string; accounts: { id: string; username: string; password: string }[] }> {
  const { id } = await good<{ id: string }>(ask('POST', '/v1/apps', { name: 'Fleet', ...settings }));
  if (count === 0) return { id, accounts: [] };
  const { data } = await good<{ data: { id: string; username: string; password: string }[] }>(
    ask('POST', `/v1/apps/${id}/accounts`, { count }),
  );
  return { id, accounts: data };
}

/** Every entry of a list, page by page. */
export async function everything<Entry>(ask: Ask, path: string, limit = 7): Promise<Entry[]> {
  const all: Entry[] = [];
  const separator = path.includes('?') ? '&' : '?';
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { data: Entry[]; nextCursor: string | null } = await good(
      ask('GET', `${path}${separator}limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`),
    );
    all.push(...page.data);
    cursor = page.nextCursor;
  }
  return all;
}
