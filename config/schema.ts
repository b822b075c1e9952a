// Every key the configuration file may hold: meaning, unit, default and bounds, in one place. The loader validates by
// it, and the annotated example, docs/configuration.md and the error messages are made from it. It never says what
// two keys may not say together: that is check-relations.ts.

import { z } from 'zod';
import { accountSchema } from './account-schema.ts';
import {
  ADDRESS_RANGES_MAX,
  FILE_ACCOUNTS_MAX,
  METERING_WINDOW_MS_MAX,
  METERING_WINDOW_MS_MIN,
  MOUNTPOINTS_MAX,
  RETENTION_MONTHS_MAX,
  SPOOL_BYTES_MAX_MAX,
  SPOOL_BYTES_MAX_MIN,
  RENEWAL_GRACE_DAYS_MAX,
  STREAM_WORKERS_MAX,
  VEHICLE_CERTIFICATE_DAYS_MAX,
  WORKER_CONNECTIONS_MAX,
} from './limits.ts';
import { mountpointSchema } from './mountpoint-schema.ts';
import {
  addressRange,
  clickHouseUrl,
  country,
  key,
  listenHost,
  liveUrl,
  mqttPublicUrl,
  mqttUrl,
  path,
  perMinute,
  port,
  providerSecret,
  publicHost,
  publicPort,
  publicUrl,
  sourcetableText,
  storeUrl,
  timeoutMs,
  username,
} from './schema-parts.ts';

const listenSchema = z.strictObject({
  host: key(
    listenHost.default('::'),
    'Address of the ports for NTRIP and for vehicles; `::` is every address of both families.',
  ),
  ntripPort: key(
    port.default(2101),
    'TCP port for NTRIP without encryption; 0 is any free port, `off` opens none.',
    {
      env: 'ROVERCAST_NTRIP_PORT',
      option: '--ntrip-port',
    },
  ),
  ntripsPort: key(port.default(2102), 'TCP port for NTRIP over TLS, opened only where `tls` is given.', {
    env: 'ROVERCAST_NTRIPS_PORT',
    option: '--ntrips-port',
  }),
  mqttsPort: key(
    port.default(8883),
    'TCP port for vehicles that show their certificate in the TLS handshake (MQTT); `off` opens none.',
    { env: 'ROVERCAST_MQTTS_PORT', option: '--mqtts-port' },
  ),
  mqttsTokenPort: key(
    port.default(8884),
    'TCP port for vehicles that prove themselves by an SM2 token over TLS (MQTT); `off` opens none.',
    { env: 'ROVERCAST_MQTTS_TOKEN_PORT', option: '--mqtts-token-port' },
  ),
  httpHost: key(
    listenHost.default('::'),
    'Address of console, API and metrics; set 127.0.0.1 behind a reverse proxy on the same machine.',
  ),
  httpPort: key(port.default(8080), 'TCP port of console, API and metrics.', {
    env: 'ROVERCAST_HTTP_PORT',
    option: '--http-port',
  }),
  publicHost: key(
    publicHost.optional(),
    'Host that a signed login tells terminals to connect to; without it, the one that the login was sent to.',
    { example: 'ntrip.example.com' },
  ),
  publicPort: key(
    publicPort.optional(),
    'Port that it tells them, where a load balancer has another; without it, the NTRIP port.',
    { example: 2101 },
  ),
});

const storeSchema = z.strictObject({
  url: key(
    storeUrl.default('rovercast.db'),
    'Where apps, accounts and all that lasts are kept: an SQLite file, relative to `dataDir`, or a PostgreSQL database.',
    { env: 'ROVERCAST_DATABASE_URL', secret: true },
  ),
});

const liveSchema = z.strictObject({
  url: key(
    liveUrl.default('memory:'),
    'Where sessions, nonces and rates are counted; several nodes need one Redis that all of them use.',
    { env: 'ROVERCAST_REDIS_URL', secret: true },
  ),
  onOutage: key(
    z.enum(['refuse', 'allow']).default('refuse'),
    'What happens to new logins while Redis is away: `allow` lets them in uncounted. Running streams go on either way.',
  ),
});

const meteringSchema = z.strictObject({
  url: key(
    clickHouseUrl.default('chdb:'),
    'Where usage is kept to be asked for: `chdb:` is ClickHouse embedded, where it is installed for the machine; `off` keeps daily totals only.',
    { env: 'ROVERCAST_CLICKHOUSE_URL', secret: true },
  ),
  windowMs: key(
    z.int().min(METERING_WINDOW_MS_MIN).max(METERING_WINDOW_MS_MAX).default(10_000),
    'What each session used is written down this often, and when it ends.',
    { unit: 'ms' },
  ),
  spoolBytesMax: key(
    z.int().min(SPOOL_BYTES_MAX_MIN).max(SPOOL_BYTES_MAX_MAX).default(10_737_418_240),
    'Room on the disk for rows that ClickHouse has not taken yet; an event warns at 80 %.',
    { unit: 'bytes' },
  ),
  retentionMonths: key(
    z.int().min(1).max(RETENTION_MONTHS_MAX).default(13),
    'Whole months, beside the running one, that ClickHouse keeps rows; then their partition is dropped.',
    { unit: 'months' },
  ),
});

const tlsSchema = z.strictObject({
  certFile: key(path, 'PEM file with the certificate and its chain.', {
    example: '/etc/rovercast/tls/fullchain.pem',
  }),
  keyFile: key(path, 'PEM file with the private key, not encrypted.', {
    example: '/etc/rovercast/tls/privkey.pem',
  }),
});

const casterSchema = z.strictObject({
  identifier: key(sourcetableText.default('Rovercast'), 'Name of this caster (CAS line).'),
  operator: key(sourcetableText.default(''), 'Who runs it, as its users should read it (CAS and NET lines).'),
  country: key(country.default(''), 'Country of the caster (CAS line).'),
  network: key(
    sourcetableText.default(''),
    'Name of the network its mountpoints belong to (NET and STR lines).',
  ),
  latitude: key(z.number().min(-90).max(90).default(0), 'Where the caster is, north positive (CAS line).', {
    unit: 'degrees',
  }),
  longitude: key(z.number().min(-180).max(180).default(0), 'Where the caster is, east positive (CAS line).', {
    unit: 'degrees',
  }),
  url: key(sourcetableText.default(''), 'Web page that tells about the network (NET line).'),
  misc: key(sourcetableText.default(''), 'Free text at the end of the CAS and NET lines.'),
});

const timingSchema = z.strictObject({
  handshakeTimeoutMs: key(
    timeoutMs(100).default(10_000),
    'A peer must have sent its whole request within this time.',
    {
      unit: 'ms',
    },
  ),
  baseIdleMs: key(timeoutMs(1000).default(60_000), 'A base that sends nothing for this long is closed.', {
    unit: 'ms',
  }),
  baseTakeOverSilentMs: key(
    timeoutMs(0).default(10_000),
    'A base silent for this long gives way to another at once; at most `baseIdleMs`.',
    { unit: 'ms' },
  ),
  roverSilentMs: key(
    timeoutMs(0).default(300_000),
    'A rover for which there were no corrections for this long is closed; 0 is never.',
    { unit: 'ms' },
  ),
  stallMs: key(
    timeoutMs(1000).default(30_000),
    'A rover that acknowledges nothing for this long is closed.',
    {
      unit: 'ms',
    },
  ),
  epochHoldMs: key(
    timeoutMs(1, 10_000).default(250),
    'Longest wait for the rest of an epoch; raise it for bases on slow links, lower it for latency.',
    { unit: 'ms' },
  ),
  rideAlongMs: key(
    timeoutMs(0, 60_000).default(1000),
    'Longest time a frame of no epoch (station, ephemeris) waits to go out with the next one.',
    { unit: 'ms' },
  ),
  drainMs: key(
    timeoutMs(0).default(5000),
    'Time given to running sessions when the process is told to stop.',
    {
      unit: 'ms',
    },
  ),
});

const gatesSchema = z.strictObject({
  trustedProxies: key(
    z.array(addressRange).max(ADDRESS_RANGES_MAX).default([]),
    'Proxies and load balancers whose word on the address of a peer is taken.',
  ),
  proxyProtocol: key(
    z.boolean().default(false),
    'Expect the PROXY protocol (v1 or v2) from trusted proxies on the NTRIP ports.',
  ),
  forwardedFor: key(z.boolean().default(false), 'Read X-Forwarded-For from trusted proxies.'),
  connectionsMax: key(
    z.int().min(1).max(WORKER_CONNECTIONS_MAX).default(20_000),
    'Connections of one stream worker; all workers together share the limit of open files.',
    { unit: 'connections' },
  ),
  connectionsPerAddressMax: key(
    z.int().min(0).max(WORKER_CONNECTIONS_MAX).default(0),
    'Connections of one address at a time; 0 is no limit, as mobile networks hide many rovers behind one address.',
    { unit: 'connections' },
  ),
  connectsPerMinutePerAddress: key(
    perMinute.default(0),
    'New connections of one address within a minute; 0 is no limit.',
    { unit: 'connections' },
  ),
  failuresPerMinutePerUser: key(
    perMinute.default(10),
    'Failed logins of one username from one address within a minute before it must wait; 0 is no limit.',
    { unit: 'failures' },
  ),
  failuresPerMinutePerAddress: key(
    perMinute.default(300),
    'Failed logins of one address within a minute before wrong ones must wait; 0 is no limit.',
    { unit: 'failures' },
  ),
});

const apiSchema = z.strictObject({
  requestsPerMinutePerKey: key(
    perMinute.default(6000),
    'Requests of one API key within a minute; 0 is no limit. The owner key has none.',
    { unit: 'requests' },
  ),
  requestsPerMinutePerAddress: key(
    perMinute.default(0),
    'Requests of one address to the API within a minute; 0 is no limit, as many may be behind one address.',
    { unit: 'requests' },
  ),
  failuresPerMinutePerAddress: key(
    perMinute.default(300),
    'Wrong keys and signatures of one address within a minute that are told so; more are told to wait. Right ones pass.',
    { unit: 'failures' },
  ),
});

const paymentsSchema = z.strictObject({
  test: key(
    z.boolean().default(false),
    'Whether orders can be paid at the built-in test provider, where nobody pays; for demonstrations and tests.',
  ),
  testWebhookSecret: key(
    providerSecret.optional(),
    'Secret by which the test provider signs its webhooks; without it, one that follows from the master key.',
    { env: 'ROVERCAST_TEST_WEBHOOK_SECRET', secret: true, example: 'whsec_of_the_test_provider' },
  ),
  stripeSecretKey: key(
    providerSecret.optional(),
    'Secret key of a Stripe account; orders are paid there where `stripeWebhookSecret` is given too.',
    { env: 'ROVERCAST_STRIPE_SECRET_KEY', secret: true, example: 'sk_live_of_the_account' },
  ),
  stripeWebhookSecret: key(
    providerSecret.optional(),
    'Secret of its webhook endpoint, `POST /v1/payments/stripe/webhook`.',
    { env: 'ROVERCAST_STRIPE_WEBHOOK_SECRET', secret: true, example: 'whsec_of_the_endpoint' },
  ),
});

const licensingSchema = z.strictObject({
  publicUrl: key(
    publicUrl.optional(),
    'Address of this server from outside, which certificates carry for good; without it, the name of the machine and the HTTP port.',
    { example: 'https://licensing.example.com' },
  ),
  certificateDays: key(
    z.int().min(1).max(VEHICLE_CERTIFICATE_DAYS_MAX).default(1096),
    'How long the certificate of a vehicle lasts.',
    { unit: 'days' },
  ),
  renewalGraceDays: key(
    z.int().min(0).max(RENEWAL_GRACE_DAYS_MAX).default(180),
    'How long after its end a certificate may still be renewed: cars sleep for months.',
    { unit: 'days' },
  ),
  payments: key(paymentsSchema.prefault({}), 'Who takes the money for orders.'),
  brokerCertificate: key(
    z.enum(['own', 'tls']).default('own'),
    'Certificate that vehicles are shown: `own` is made and renewed by the RSA issuing authority, `tls` is that of the files of `tls`.',
  ),
  brokerCaFile: key(
    path.optional(),
    'Authorities (PEM) of the certificate of `tls`, for vehicles with `brokerCertificate: tls`; without it, a root at the end of `tls.certFile`.',
    { example: '/etc/rovercast/ca.pem' },
  ),
  mqttUrl: key(
    mqttUrl.optional(),
    'External MQTT broker for vehicles with RSA certificates, instead of `listen.mqttsPort`: where this server finds it.',
    { env: 'ROVERCAST_MQTT_URL', secret: true, example: 'mqtts://mqtt.example.com:8885' },
  ),
  mqttPublicUrl: key(
    mqttPublicUrl.optional(),
    'Where vehicles find the external broker; without it, where this server does.',
    { example: 'mqtts://mqtt.example.com:8883' },
  ),
  mqttCaFile: key(
    path.optional(),
    'Authorities (PEM) that the certificate of the external broker comes from: checked here, and told to vehicles.',
    { example: '/etc/rovercast/mqtt/ca.pem' },
  ),
  mqttUsername: key(username.optional(), 'User name of this server at the external broker.', {
    example: 'cloud.rovercast',
  }),
  mqttPasswordFile: key(path.optional(), 'File with the password for it, in its first line.', {
    secret: true,
    example: '/etc/rovercast/mqtt/password',
  }),
  mqttCertFile: key(
    path.optional(),
    'Certificate of this server for the external broker (PEM), instead of a user name.',
    { example: '/etc/rovercast/mqtt/cloud.pem' },
  ),
  mqttKeyFile: key(path.optional(), 'Its private key (PEM).', { example: '/etc/rovercast/mqtt/cloud.key' }),
});

const logSchema = z.strictObject({
  level: key(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    'Least important kind of line that is logged.',
    { env: 'ROVERCAST_LOG_LEVEL', option: '--log-level' },
  ),
});

export const configSchema = z.strictObject({
  dataDir: key(
    path.default('./rovercast-data'),
    'Folder for all that the process keeps, made where missing; relative to the working directory.',
    { env: 'ROVERCAST_DATA_DIR', option: '--data-dir' },
  ),
  streamWorkers: key(
    z.union([z.literal('auto'), z.int().min(1).max(STREAM_WORKERS_MAX)]).default('auto'),
    'Threads that carry the streams; `auto` is one less than the machine has cores, at least one.',
    { unit: 'threads', env: 'ROVERCAST_STREAM_WORKERS', option: '--stream-workers' },
  ),
  listen: key(listenSchema.prefault({}), 'Where the process listens.'),
  store: key(storeSchema.prefault({}), 'What lasts.'),
  live: key(liveSchema.prefault({}), 'What counts only while it happens.'),
  metering: key(meteringSchema.prefault({}), 'What is counted, and where it goes.'),
  tls: key(tlsSchema.optional(), 'Certificate for NTRIP over TLS; without it that port stays closed.'),
  caster: key(casterSchema.prefault({}), 'What the sourcetable says about the caster itself.'),
  mountpoints: key(
    z.array(mountpointSchema).max(MOUNTPOINTS_MAX).default([]),
    'The mountpoints: one for each base, and any number that give the nearest base.',
  ),
  accounts: key(z.array(accountSchema).max(FILE_ACCOUNTS_MAX).default([]), 'The accounts of rovers.'),
  timing: key(timingSchema.prefault({}), 'How long things may take.'),
  gates: key(gatesSchema.prefault({}), 'What one peer may ask of the process.'),
  api: key(apiSchema.prefault({}), 'How often one may ask the API; each process counts for itself.'),
  licensing: key(licensingSchema.prefault({}), 'Certificates of vehicles.'),
  log: key(logSchema.prefault({}), 'The log, one JSON object a line.'),
});

/** Deeply read-only, as the loader freezes it. */
type Frozen<Value> = Value extends object ? { readonly [Name in keyof Value]: Frozen<Value[Name]> } : Value;

/** The configuration as the process uses it: every default filled in; frozen plain data that can go to any thread. */
export type Config = Frozen<z.output<typeof configSchema>>;
export type MountpointConfig = Config['mountpoints'][number];
export type AccountConfig = Config['accounts'][number];

/** What may be given from outside: everything that has a default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
