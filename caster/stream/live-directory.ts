// The sourcetable as the live streams make it, and the positions nearest-base rovers choose by. Made on the main
// thread from what the workers report; only live mountpoints are listed, and those that choose among them.

import { SERVER_TOKEN } from '../ntrip/server-token.ts';
import {
  buildSourcetable,
  type CasRecord,
  type NetRecord,
  type SourcetableRecords,
  type StrRecord,
} from '../ntrip/sourcetable.ts';
import type { Shape } from '../rtcm/reshape/shape.ts';
import type { StationFactsSnapshot } from '../rtcm/station-facts.ts';
import type { BasePosition } from './nearest.ts';
import { shapedFacts, type SourceFacts, type TableFacts } from './shaped-facts.ts';
import type { ServedConfig, ServedMountpoint } from './served-mountpoint.ts';

/** Of a mountpoint that is a shape of another, what the base sends and that shape. */
export interface KnownStream extends SourceFacts {
  readonly shape?: Shape | undefined;
}

/** The sourcetable and what nearest-base choice needs. */
export interface LiveDirectory {
  readonly records: SourcetableRecords;
  /** The unfiltered table, ready to send. */
  readonly text: string;
  readonly positions: readonly BasePosition[];
  /** Mountpoints whose base sends frames now, listed or not. */
  readonly sending: ReadonlySet<string>;
  /** Of listed mountpoints whose frames are known: what their lines in a shape are made from. */
  readonly facts: ReadonlyMap<string, KnownStream>;
}

/** Of each mountpoint that has a base now: what its stream has said so far, undefined right after its start. */
export type LiveMountpoints = ReadonlyMap<string, StationFactsSnapshot | undefined>;

const NONE: ReadonlySet<string> = new Set();

/** What rounds away in the table: a bit rate is told in steps, so that it does not change with every message. */
const BITRATE_STEP_BPS = 100;

/**
 * `ntripPort` is the one rovers use; it stands in the CAS line. Bases of `silent` mountpoints are connected and say
 * nothing: no rover is sent to them as the nearest.
 */
export function makeLiveDirectory(
  config: ServedConfig,
  live: LiveMountpoints,
  ntripPort: number | undefined,
  silent: ReadonlySet<string> = NONE,
): LiveDirectory {
  const streams: StrRecord[] = [];
  const positions: BasePosition[] = [];
  const known = new Map<string, KnownStream>();
  for (const mountpoint of config.mountpoints) {
    const source = mountpoint.of ?? mountpoint.name;
    const facts = live.get(source);
    const isNearest = mountpoint.nearest !== undefined;
    const isBase = mountpoint.of === undefined && !mountpoint.raw;
    if (facts?.position != null && isBase && !silent.has(mountpoint.name)) {
      const { latitudeDeg, longitudeDeg } = facts.position;
      const { name, servesOnly } = mountpoint;
      positions.push({
        mountpoint: name,
        latitudeDeg,
        longitudeDeg,
        ...(servesOnly === undefined ? {} : { servesOnly }),
      });
    }
    if (mountpoint.listed && (isNearest || live.has(source))) {
      streams.push(strRecord(config, mountpoint, facts));
      if (facts !== undefined && facts.frames > 0 && !mountpoint.raw) {
        const { messages, bitsPerSecond } = facts;
        known.set(mountpoint.name, { messages, bitsPerSecond, shape: mountpoint.shape });
      }
    }
  }
  const records = { casters: [casRecord(config, ntripPort)], networks: netRecords(config, streams), streams };
  const sending = [...live].filter(([name, facts]) => (facts?.frames ?? 0) > 0 && !silent.has(name));
  const names = new Set(sending.map(([name]) => name));
  return { records, text: buildSourcetable(records), positions, sending: names, facts: known };
}

function strRecord(
  config: ServedConfig,
  mountpoint: ServedMountpoint,
  facts: StationFactsSnapshot | undefined,
): StrRecord {
  const { caster } = config;
  const position = facts?.position ?? undefined;
  const isNearest = mountpoint.nearest !== undefined;
  const record: StrRecord = {
    type: 'STR',
    mountpoint: mountpoint.name,
    identifier: mountpoint.place ?? mountpoint.name,
    format: mountpoint.raw ? 'RAW' : 'RTCM 3',
    formatDetails: '',
    carrier: isNearest ? 2 : undefined,
    navSystem: '',
    network: mountpoint.network ?? caster.network,
    country: mountpoint.country ?? caster.country,
    latitudeDeg: position?.latitudeDeg ?? (isNearest ? caster.latitude : undefined),
    longitudeDeg: position?.longitudeDeg ?? (isNearest ? caster.longitude : undefined),
    nmeaRequired: isNearest,
    solution: 0,
    generator: facts?.receiver ?? SERVER_TOKEN,
    compression: 'none',
    authentication: mountpoint.access === 'open' ? 'N' : 'B',
    fee: mountpoint.fee,
    bitrateBps: undefined,
    misc: mountpoint.misc,
  };
  if (facts === undefined) return record;
  if (facts.frames === 0) return withFacts(record, { ...facts, format: record.format });
  return withFacts(record, mountpoint.shape === undefined ? facts : shapedFacts(facts, mountpoint.shape));
}

/** The line of a stream that carries this. */
export function withFacts(
  record: StrRecord,
  { format, formatDetails, carrier, systems, bitsPerSecond }: TableFacts,
): StrRecord {
  const bitrateBps = Math.round(bitsPerSecond / BITRATE_STEP_BPS) * BITRATE_STEP_BPS;
  return { ...record, format, formatDetails, carrier, navSystem: systems.join('+'), bitrateBps };
}

function casRecord({ caster }: ServedConfig, ntripPort: number | undefined): CasRecord {
  return {
    type: 'CAS',
    host: caster.identifier,
    port: ntripPort,
    identifier: caster.identifier,
    operator: caster.operator,
    nmeaAccepted: true,
    country: caster.country,
    latitudeDeg: caster.latitude,
    longitudeDeg: caster.longitude,
    fallbackHost: '0.0.0.0',
    fallbackPort: 0,
    misc: caster.misc,
  };
}

/** One NET line per network that a listed stream names. */
function netRecords({ caster }: ServedConfig, streams: readonly StrRecord[]): NetRecord[] {
  const networks = new Map<string, NetRecord>();
  for (const stream of streams) {
    if (stream.network === '' || networks.has(stream.network)) continue;
    networks.set(stream.network, {
      type: 'NET',
      identifier: stream.network,
      operator: caster.operator,
      authentication: stream.authentication,
      fee: stream.fee,
      webNetwork: caster.url,
      webStreams: 'none',
      webRegistration: 'none',
      misc: caster.misc,
    });
  }
  return [...networks.values()];
}
