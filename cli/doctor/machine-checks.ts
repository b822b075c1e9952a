// Checks of the machine: Node, clock, cores, limits of the kernel, the native send, IPv6. What this kind of machine does
// not tell is said to be unknown and counts as well.

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { LISTEN_BACKLOG } from '../../config/limits.ts';
import { type Config } from '../../config/schema.ts';
import { streamWorkerCount } from '../../config/stream-workers.ts';
import { errorText } from '../failure.ts';
import { isNodeNewEnough, NODE_VERSION_MIN } from '../node-version.ts';
import { failing, fine, type Finding, warning } from './finding.ts';

/** Descriptors that are no connections: listeners, files, pipes of the threads. */
const OTHER_FILES = 200;
/** No clock that is right shows a time before this program was written. */
const CLOCK_MS_MIN = Date.UTC(2026, 0, 1);
const CLOCK_MS_MAX = Date.UTC(2100, 0, 1);

export function checkNode(version = process.versions.node): Finding {
  return isNodeNewEnough(version)
    ? fine('Node', version)
    : failing('Node', `${version} is too old`, `install Node ${NODE_VERSION_MIN} or newer`);
}

export function checkClock(nowMs = Date.now()): Finding {
  const now = new Date(nowMs).toISOString().slice(0, 19);
  const isSane = nowMs >= CLOCK_MS_MIN && nowMs < CLOCK_MS_MAX;
  return isSane
    ? fine('clock', `${now} UTC`)
    : failing(
        'clock',
        `it says ${now} UTC`,
        'set it, and keep it right with NTP: signatures and certificates need it',
      );
}

export function checkWorkers({ streamWorkers }: Config, cores: number): Finding {
  const count = streamWorkerCount(streamWorkers, cores);
  const detail = `${count} on ${cores} ${cores === 1 ? 'core' : 'cores'}`;
  if (count <= cores) return fine('stream workers', detail);
  return warning(
    'stream workers',
    detail,
    "more workers than cores only get in each other's way: lower streamWorkers",
  );
}

/** `limit` is how many files the process may open; undefined where that is not told. */
export function checkOpenFiles(
  { gates, streamWorkers }: Config,
  cores: number,
  limit = openFileLimit(),
): Finding {
  const wanted = streamWorkerCount(streamWorkers, cores) * gates.connectionsMax + OTHER_FILES;
  if (limit === undefined) return fine('open files', 'this machine does not tell the limit');
  if (limit >= wanted) return fine('open files', limit === Infinity ? 'unlimited' : `at most ${limit}`);
  return warning(
    'open files',
    `at most ${limit}, so about ${Math.max(0, limit - OTHER_FILES)} connections instead of ${wanted - OTHER_FILES}`,
    `raise it to ${wanted} (ulimit -n, LimitNOFILE= in systemd, --ulimit nofile= in Docker), or lower gates.connectionsMax`,
  );
}

/** How many connections wait while all workers are busy, as after an outage when everybody comes back. */
export function checkBacklog(kernelMax = readNumber('/proc/sys/net/core/somaxconn')): Finding {
  if (kernelMax === undefined) return fine('accept queue', 'this machine does not tell its limit');
  if (kernelMax >= LISTEN_BACKLOG) return fine('accept queue', `${LISTEN_BACKLOG} for each worker`);
  return warning(
    'accept queue',
    `the kernel allows ${kernelMax} waiting connections`,
    `sysctl -w net.core.somaxconn=${LISTEN_BACKLOG}`,
  );
}

export function checkIpv6({ listen }: Config, interfaces = networkInterfaces()): Finding {
  const addresses = Object.values(interfaces).flatMap((entries) => entries ?? []);
  const hasIpv6 = addresses.some(({ family }) => family === 'IPv6');
  if (hasIpv6) return fine('IPv6', 'there');
  const isAsked = listen.host.includes(':') && listen.host !== '::';
  if (isAsked) {
    return failing(
      'IPv6',
      `this machine has none, and listen.host is ${listen.host}`,
      'set listen.host to 0.0.0.0',
    );
  }
  return fine('IPv6', 'this machine has none: IPv4 alone');
}

/** The module is loaded here and nowhere before: it may be what is broken. */
export async function checkNativeSend(): Promise<Finding> {
  const name = 'native send';
  const fix = 'install the packages anew for this system; without it every send costs about twice the time';
  try {
    const { loadNativeSocket } = await import('../../caster/net/native-socket.ts');
    const loaded = loadNativeSocket();
    return loaded.ok ? fine(name, 'koffi') : warning(name, loaded.detail, fix);
  } catch (error) {
    return warning(name, `koffi cannot be loaded: ${errorText(error)}`, fix);
  }
}

function openFileLimit(): number | undefined {
  const [, soft] = /^Max open files\s+(\S+)/m.exec(readText('/proc/self/limits')) ?? [];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

function readNumber(path: string): number | undefined {
  const text = readText(path).trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Empty where there is no such file, as on other systems than Linux. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
