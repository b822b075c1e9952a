// The Debian packages that tests use as real peers and servers, and their installation where that is allowed: as root
// on a machine with apt-get. Where it is not, the tests that need one skip themselves, and this says which package
// would bring it. It must never upgrade or remove a package, nor start a service.

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './project.mjs';

/** One row a package: the command that shows it is there, and what tests want it for. */
export const DEBIAN_PACKAGES = [
  { name: 'rtklib', command: 'str2str', why: 'reads and sends NTRIP as receivers do; judges RTCM and fixes' },
  { name: 'gpsd', command: 'gpsd', why: 'a second NTRIP receiver, written by others' },
  { name: 'gpsd-clients', command: 'gpspipe', why: 'shows what gpsd made of the stream' },
  { name: 'curl', command: 'curl', why: 'NTRIP v2 and the HTTP endpoints, seen by an ordinary HTTP program' },
  {
    name: 'openssl',
    command: 'openssl',
    why: 'makes certificates for the TLS tests and talks TLS to the caster',
  },
  { name: 'argon2', command: 'argon2', why: 'hashes passwords as its authors do, to judge ours' },
  { name: 'gcc', command: 'gcc', why: 'builds the C sample of a signing terminal' },
  {
    name: 'libssl-dev',
    command: '/usr/include/openssl/hmac.h',
    why: 'OpenSSL for that sample to be built with',
  },
  { name: 'python3', command: 'python3', why: 'runs the Python sample, and a small NTRIP client' },
  {
    name: 'python3-securesystemslib',
    command: '/usr/lib/python3/dist-packages/securesystemslib',
    why: 'the library of the authors of The Update Framework: reads what vehicles are given',
  },
  {
    name: 'clickhouse-server',
    command: 'clickhouse-server',
    why: 'the oldest ClickHouse that metering must suit',
  },
  { name: 'redis-server', command: 'redis-server', why: 'live state that several nodes share' },
  {
    name: 'postgresql',
    command: '/usr/lib/postgresql/15/bin/initdb',
    why: 'the relational store of a large network; tests run a cluster of their own',
  },
  {
    name: 'prometheus',
    command: 'promtool',
    why: 'judges the metrics page and the alerts, and lets each alert fire',
  },
  {
    name: 'mosquitto',
    command: 'mosquitto',
    why: 'a second MQTT broker: ours is measured beside it, and vehicles may use it instead',
  },
  { name: 'mosquitto-clients', command: 'mosquitto_sub', why: 'MQTT clients that others wrote' },
  { name: 'chromium', command: 'chromium', why: 'a browser, in which the console is tried' },
  {
    name: 'fonts-wqy-zenhei',
    command: '/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc',
    why: 'Chinese characters for that browser',
  },
  { name: 'clickhouse-client', command: 'clickhouse-client', why: 'asks that server what really arrived' },
];

/** Set to 0, `npm test` leaves the machine's packages alone even where it could install some. */
const SWITCH = 'ROVERCAST_INSTALL_DEBIAN';
const POLICY = '/usr/sbin/policy-rc.d';
const APT_GET = [
  '-qq',
  '-o',
  'Dpkg::Use-Pty=0',
  '-o',
  'Acquire::Retries=2',
  '-o',
  'Acquire::http::Timeout=30',
  '-o',
  'DPkg::Lock::Timeout=120',
];
const APT_ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' };

const aptGet = (...args) => run('apt-get', [...APT_GET, ...args], { env: APT_ENVIRONMENT });

/** The full path of a command, in the user's PATH or among the system's own; undefined where there is none. */
export function findCommand(name) {
  if (path.isAbsolute(name)) return existsSync(name) ? name : undefined;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return [...folders, '/usr/sbin', '/sbin']
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

/** The rows of `packages` whose command this machine lacks. */
export function missingPackages(packages = DEBIAN_PACKAGES) {
  return packages.filter(({ command }) => !findCommand(command));
}

/** Installs what is missing where it may; resolves to the rows that are still missing after saying so. */
export async function ensureDebianPackages(packages = DEBIAN_PACKAGES) {
  const missing = missingPackages(packages);
  if (missing.length === 0) return [];

  const obstacle = whyNotInstall();
  if (!obstacle) await install(missing.map(({ name }) => name));
  const left = missingPackages(missing);
  if (left.length > 0) {
    console.error(
      `Missing Debian packages${obstacle ? `, not installed (${obstacle})` : ''}; tests with them will skip:`,
    );
    for (const { name, why } of left) console.error(`  ${name.padEnd(18)} ${why}`);
    console.error(`  To have them: apt-get install ${left.map(({ name }) => name).join(' ')}`);
  }
  return left;
}

function whyNotInstall() {
  if (process.env[SWITCH] === '0') return `${SWITCH}=0`;
  if (!findCommand('apt-get')) return 'there is no apt-get here';
  if (process.getuid?.() !== 0) return 'that needs root';
  return undefined;
}

async function install(names) {
  console.error(
    `Installing Debian packages that tests use (${SWITCH}=0 prevents it): ${names.join(' ')} ...`,
  );
  const forbidding = forbidServices();
  try {
    await aptGet('update');
    const code = await aptGet('install', '--yes', '--no-install-recommends', '--no-upgrade', ...names);
    if (code === 0 || names.length === 1) return;
    // One package that this Debian does not have must not keep the others away.
    for (const name of names)
      await aptGet('install', '--yes', '--no-install-recommends', '--no-upgrade', name);
  } finally {
    if (forbidding) rmSync(POLICY);
  }
}

/** Debian starts a server as soon as it is installed, unless this file says no (deb-systemd-invoke(1p)). */
function forbidServices() {
  if (existsSync(POLICY)) return false;
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return true;
}
