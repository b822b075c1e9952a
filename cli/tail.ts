// `rovercast tail`: follows the events of a running caster, and comes back where it was after a drop.

import { Command } from 'commander';
import { configFileOf } from './config-file.ts';
import { endWith, type Failure } from './failure.ts';
import { listenForStop, pause } from './stop-signal.ts';
import { EventFollower } from './tail/event-follower.ts';
import { eventText, parseCasterEvent } from './tail/event-text.ts';
import { findOwnerKey } from './tail/owner-key-source.ts';
import { printJson, printLine, say } from './terminal.ts';
import { duration } from './units.ts';

interface TailOptions {
  readonly url: string;
  readonly key?: string;
  readonly config?: string;
  readonly account?: string[];
  readonly mountpoint?: string[];
  readonly address?: string[];
  readonly reason?: string[];
  readonly event?: string[];
  readonly recent?: true;
  readonly json?: true;
}

const OURS = 'http://127.0.0.1:8080';

export function tailCommand(): Command {
  return new Command('tail')
    .description('follow the events of a running caster')
    .option('--url <url>', 'HTTP address of the caster', OURS)
    .option('--key <key>', 'its owner key; else ROVERCAST_OWNER_KEY, else owner.key in the data folder')
    .option('-c, --config <file>', 'configuration that names the data folder')
    .option('--account <name...>', 'only events of these accounts')
    .option('--mountpoint <name...>', 'only events of these mountpoints')
    .option('--address <address...>', 'only events of these addresses')
    .option('--reason <code...>', 'only events with these reasons')
    .option('--event <name...>', 'only these events; session stands for session_opened and session_closed')
    .option('--recent', 'begin with the events that the caster still has')
    .option('--json', 'print one JSON object a line')
    .action(async (options: TailOptions) => {
      const failure = await runTail(options);
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

/** Resolves to what made it fail, undefined after Ctrl-C. */
async function runTail(options: TailOptions): Promise<Failure | undefined> {
  const address = eventsAddress(options);
  if (!address.ok) return address.failure;
  const found = findOwnerKey(options.key, configFileOf(options.config));
  if (!found.ok) return found.failure;
  const stop = listenForStop();
  const asJson = options.json === true;
  const follower = new EventFollower({
    url: address.url,
    key: found.key,
    lastEventId: options.recent === true ? '0' : '',
    onOpen: () => say(`following ${address.url.origin}`),
    onEvent: (data) => tell(data, asJson),
    onGap: () => say('some events in between are gone'),
  });
  const failure = await follow(follower, stop.signal);
  stop.release();
  return failure;
}

/** Comes back after each drop; ends where the caster never answered, or refuses. */
async function follow(follower: EventFollower, signal: AbortSignal): Promise<Failure | undefined> {
  for (;;) {
    const end = await follower.run(signal);
    if (signal.aborted) return undefined;
    if (end.failure !== undefined && (!follower.hasWorked || end.isFinal)) return end.failure;
    const why = end.failure === undefined ? 'the caster closed the stream' : end.failure.message;
    say(`${why}; next attempt in ${duration(follower.retryMs)}`);
    if (!(await pause(follower.retryMs, signal))) return undefined;
  }
}

function tell(data: string, asJson: boolean): void {
  const event = parseCasterEvent(data);
  if (event === undefined) return;
  if (asJson) printJson(JSON.parse(data));
  else printLine(eventText(event));
}

type Address = { ok: true; url: URL } | { ok: false; failure: Failure };

function eventsAddress(options: TailOptions): Address {
  const written = options.url.includes('://') ? options.url : `http://${options.url}`;
  if (!URL.canParse(written) || !/^https?:/.test(written)) {
    const failure = {
      code: 'bad_usage',
      message: '--url is no address',
      fix: `write it as in ${OURS}`,
    } as const;
    return { ok: false, failure };
  }
  const url = new URL('v1/events', written.endsWith('/') ? written : `${written}/`);
  const { account, mountpoint, address, reason, event } = options;
  for (const [name, values] of Object.entries({ account, mountpoint, address, reason, topics: event })) {
    for (const value of values ?? []) url.searchParams.append(name, value);
  }
  return { ok: true, url };
}
