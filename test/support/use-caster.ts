// One caster for all tests of a file, and what a test asks of it beyond its sockets: the interface of the owner, the
// metrics, and log lines that are still to come.

import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import {
  type CasterProcess,
  type CasterProcessOptions,
  type LogLine,
  OWNER_KEY,
  startCasterProcess,
} from './caster-process.ts';
import { openPeers, type WirePeer } from './wire-peer.ts';

const POLL_MS = 20;

export interface SessionRow {
  readonly id: string;
  readonly role: string;
  readonly mountpoint: string;
  readonly account?: string;
  readonly address: string;
  readonly tls: boolean;
}

/**
 * Starts a caster before the tests of the file and stops it after them. Behind each test the connections that it has
 * opened are ended, and the next one begins when the caster has seen that. The file fails where the caster logged an error that no test
 * had asked for, or did not stop by itself.
 */
export function useCaster(options: CasterProcessOptions): () => CasterProcess {
  let caster: CasterProcess | undefined;
  beforeAll(async () => {
    caster = await startCasterProcess(options);
  });
  let keptPeers: ReadonlySet<WirePeer> = new Set();
  let keptSessions = 0;
  beforeEach(async () => {
    keptPeers = openPeers();
    keptSessions = (await sessionsOf(caster!)).length;
  });
  afterEach(async () => {
    for (const peer of openPeers()) if (!keptPeers.has(peer)) peer.hangUp();
    await eventually('the sessions of the test have ended', async () =>
      (await sessionsOf(caster!)).length <= keptSessions ? true : undefined,
    );
  });
  afterAll(async () => {
    if (caster === undefined) return;
    const code = await caster.stop();
    const errors = caster.log.filter(isUnexpected);
    if (errors.length > 0) throw new Error(`the caster logged ${JSON.stringify(errors, undefined, 1)}`);
    if (code !== 0) throw new Error(`the caster ended with ${code}: ${caster.talk.join('\n')}`);
  });
  return () => {
    if (caster === undefined) throw new Error('the caster has not been started');
    return caster;
  };
}

/** A refused reload is an error of whoever wrote the file, and some tests do write it. */
function isUnexpected({ level, event }: LogLine): boolean {
  return level === 'error' && event !== 'reload_refused';
}

/** Notes where the log stands; the function it gives waits for a line that comes after that. */
export function logFromHere(
  caster: CasterProcess,
): (event: string, fits?: (line: LogLine) => boolean) => Promise<LogLine> {
  const before = new Set(caster.log);
  return (event, fits = () => true) => caster.waitFor(event, (line) => !before.has(line) && fits(line));
}

/** Asks the HTTP interface as its owner. */
export async function askOwner(
  { ready }: CasterProcess,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const headers = { authorization: `Bearer ${OWNER_KEY}` };
  return await fetch(`http://127.0.0.1:${ready.http}${path}`, { ...init, headers });
}

/** What runs now, as the owner sees it. */
export async function sessionsOf(caster: CasterProcess): Promise<readonly SessionRow[]> {
  const response = await askOwner(caster, '/v1/sessions?limit=100');
  const { data } = (await response.json()) as { data: SessionRow[] };
  return data;
}

/** The sum over the samples of a metric whose labels hold all of `labels`. */
export async function metricOf(
  caster: CasterProcess,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await askOwner(caster, '/metrics')).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, sampleName, sampleLabels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (sampleName === name && wanted.every((label) => sampleLabels.includes(label))) sum += Number(value);
  }
  return sum;
}

/** Looks again and again until `look` gives something; fails with `what` where it never does. */
export async function eventually<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  withinMs = 15_000,
): Promise<Found> {
  const givenUpMs = performance.now() + withinMs;
  while (performance.now() < givenUpMs) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`not within ${withinMs} ms: ${what}`);
}

/** Looks until what is seen equals `expected`; fails with the difference where it never does. */
export async function expectEventually<Seen>(look: () => Promise<Seen>, expected: Seen): Promise<void> {
  let seen: Seen | undefined;
  await eventually('what is expected', async () => {
    seen = await look();
    return isDeepStrictEqual(seen, expected) ? true : undefined;
  }).catch(() => expect(seen).toEqual(expected));
}
