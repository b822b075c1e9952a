// `rovercast sourcetable`: fetches the sourcetable of a caster, ours or anybody's, lists it, and says what receivers may
// stumble over.

import { Command, Option } from 'commander';
import { filterSourcetable, parseSourcetableFilter } from '../caster/ntrip/sourcetable-filter.ts';
import { parseSourcetable, type SourcetableRecords } from '../caster/ntrip/sourcetable.ts';
import { badUsage, endWith, EXIT_FAILED, type Failure } from './failure.ts';
import { runConnection } from './ntrip/connection.ts';
import { type ReplyHead } from './ntrip/reply-reader.ts';
import { roverRequest } from './ntrip/requests.ts';
import { type NtripTarget, readTarget, shownTarget, type TargetOptions } from './ntrip/target.ts';
import { addTargetOptions } from './ntrip/target-options.ts';
import { versionOption } from './option-values.ts';
import { listenForStop } from './stop-signal.ts';
import { checkSourcetable, type TableFinding } from './sourcetable/table-check.ts';
import { tableText } from './sourcetable/table-text.ts';
import { printJson, printLine, say, tint } from './terminal.ts';

interface SourcetableOptions extends TargetOptions {
  readonly version: 1 | 2;
  readonly filter?: string;
  readonly check?: true;
  readonly raw?: true;
  readonly json?: true;
}

const OURS = 'ntrip://127.0.0.1:2101';

export function sourcetableCommand(): Command {
  const command = new Command('sourcetable').description('list and check the sourcetable of a caster');
  return addTargetOptions(command, `ntrip://HOST:PORT (${OURS})`, false)
    .addOption(new Option('--version <1|2>', 'NTRIP version').argParser(versionOption).default(2))
    .option('--filter <expression>', 'list only what fits, as in NTRIP 2.0: STR;;;;;;DEU, applied here')
    .option('--check', 'say what receivers may stumble over; exit code 1 where something is wrong')
    .option('--raw', 'print the table as it came')
    .option('--json', 'print one JSON object')
    .action(async (url: string | undefined, options: SourcetableOptions) => {
      const failure = await runSourcetable(url ?? (options.host === undefined ? OURS : undefined), options);
      if (failure !== undefined) endWith(failure, options.json === true);
    });
}

/** Resolves to what made it fail, undefined where nothing did. */
async function runSourcetable(
  url: string | undefined,
  options: SourcetableOptions,
): Promise<Failure | undefined> {
  const parsed = parseSourcetableFilter(options.filter ?? '');
  if (!parsed.ok) {
    const where = `character ${parsed.at + 1}`;
    return badUsage(`the filter cannot be read at ${where}: ${parsed.reason}`, 'write it as in STR;;;;;;DEU');
  }
  const read = readTarget(url, options, false);
  if (!read.ok) return read.failure;
  const fetched = await fetchTable(read.target, options.version);
  if (!fetched.ok) return fetched.failure;

  const { head, body, fault } = fetched;
  if (options.raw === true) {
    process.stdout.write(body);
    return undefined;
  }
  const table = parseSourcetable(body);
  const records = filterSourcetable(table, parsed.filter, () => true);
  const findings = options.check === true ? checkSourcetable({ head, body, fault, table }) : undefined;
  tell(read.target, head, records, findings, options.json === true);
  if (findings?.some(({ level }) => level === 'fail') === true) process.exitCode = EXIT_FAILED;
  return undefined;
}

function tell(
  target: NtripTarget,
  head: ReplyHead,
  records: SourcetableRecords,
  findings: readonly TableFinding[] | undefined,
  asJson: boolean,
): void {
  if (asJson) {
    const { casters, networks, streams } = records;
    const server = head.headers.get('server') ?? null;
    const source = shownTarget(target);
    printJson({
      source,
      reply: head.statusLine,
      server,
      casters,
      networks,
      streams,
      findings: findings ?? null,
    });
    return;
  }
  printLine(tableText(records));
  if (findings === undefined) return;
  for (const { level, message } of findings) {
    printLine(`${tint(level === 'fail' ? 'bad' : 'warning', level.padEnd(4))}  ${message}`);
  }
  if (findings.length === 0) say('nothing to complain of');
}

type Fetched =
  { ok: true; head: ReplyHead; body: Buffer; fault: string | undefined } | { ok: false; failure: Failure };

async function fetchTable(target: NtripTarget, version: 1 | 2): Promise<Fetched> {
  const stop = listenForStop();
  const end = await runConnection({
    target,
    role: 'table',
    request: roverRequest(target, version),
    signal: stop.signal,
    onAccepted: stop.stop,
    onData: () => undefined,
  });
  stop.release();
  if (end.kind === 'table') return { ok: true, head: end.head, body: end.body, fault: end.fault };
  if (end.kind === 'failed') return { ok: false, failure: end.failure };
  const message = `${shownTarget(target)} sends a stream and no sourcetable`;
  return {
    ok: false,
    failure: { code: 'not_a_caster', message, fix: 'name the caster without a mountpoint' },
  };
}
