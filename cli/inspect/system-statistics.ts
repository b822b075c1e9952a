// Which satellites and signals each system has in a stream, from the masks of its MSM and the satellite blocks of its
// legacy messages. The observations themselves are not looked at.

import { readUnsigned } from '../../caster/rtcm/bit-reader.ts';
import { type LegacyHeader } from '../../caster/rtcm/legacy-header.ts';
import { type MsmHeader } from '../../caster/rtcm/msm-header.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from '../../caster/rtcm/satellite-system.ts';
import { type Band, bandOf, signalOf } from '../../caster/rtcm/signals.ts';
import { type SystemReport } from './report.ts';
import { satelliteName } from './satellite-name.ts';

const IDS = 65;
/** DF009 from here on is an SBAS satellite: 40 is PRN 120, whose MSM id is 1. */
const LEGACY_SBAS_FIRST = 40;
/** Legacy messages with two frequencies. */
const TWO_FREQUENCIES = [1003, 1004, 1011, 1012];

interface Signal {
  cells: number;
  readonly satellites: Set<number>;
}

interface System {
  readonly levels: Set<number>;
  readonly messages: Set<number>;
  readonly signals: Map<number, Signal>;
  readonly legacyBands: Set<Band>;
  cycleSlips: number;
  /** By satellite id: messages it was in, and the number of the epoch it was last in. */
  readonly satelliteMessages: Uint32Array;
  readonly lastEpoch: Float64Array;
  inEpoch: number;
  epochs: number;
  satellitesMin: number;
  satellitesMax: number;
  satellitesSum: number;
}

export class SystemStatistics {
  readonly #systems = new Map<SatelliteSystem, System>();
  #epoch = 1;

  takeMsm({ messageNumber, system, level, satellites, signals, cellMask }: MsmHeader): void {
    const entry = this.#systemOf(system, messageNumber, level);
    let cell = 0;
    for (const satellite of satellites) {
      this.#takeSatellite(entry, satellite);
      for (const id of signals) if (cellMask[cell++] === 1) takeSignal(entry, id, satellite);
    }
  }

  takeLegacy(frame: Buffer, header: LegacyHeader): void {
    const { messageNumber, satelliteCount, satelliteBits, dataBitOffset } = header;
    for (let index = 0; index < satelliteCount; index++) {
      const id = readUnsigned(frame, dataBitOffset + index * satelliteBits, 6);
      const isSbas = header.system === 'GPS' && id >= LEGACY_SBAS_FIRST;
      const entry = this.#systemOf(isSbas ? 'SBAS' : header.system, messageNumber, 0);
      this.#takeSatellite(entry, isSbas ? id - LEGACY_SBAS_FIRST + 1 : id);
      const bands: readonly Band[] = header.system === 'GLO' ? ['G1', 'G2'] : ['L1', 'L2'];
      for (const band of TWO_FREQUENCIES.includes(messageNumber) && !isSbas ? bands : bands.slice(0, 1)) {
        entry.legacyBands.add(band);
      }
    }
  }

  /** Signals of a system whose lock has fallen back. */
  addSlips(system: SatelliteSystem, slips: number): void {
    const entry = this.#systems.get(system);
    if (entry !== undefined) entry.cycleSlips += slips;
  }

  /** The next observation is of another epoch. */
  endEpoch(): void {
    for (const entry of this.#systems.values()) settle(entry);
    this.#epoch++;
  }

  /** In the order of the sourcetable; settles the epoch that is open. */
  report(): SystemReport[] {
    this.endEpoch();
    return SATELLITE_SYSTEMS.flatMap((system) => {
      const entry = this.#systems.get(system);
      return entry === undefined ? [] : [reportOf(system, entry)];
    });
  }

  #takeSatellite(entry: System, id: number): void {
    entry.satelliteMessages[id]!++;
    if (entry.lastEpoch[id] === this.#epoch) return;
    entry.lastEpoch[id] = this.#epoch;
    entry.inEpoch++;
  }

  #systemOf(system: SatelliteSystem, messageNumber: number, level: number): System {
    let entry = this.#systems.get(system);
    if (entry === undefined) {
      entry = {
        levels: new Set(),
        messages: new Set(),
        signals: new Map(),
        legacyBands: new Set(),
        cycleSlips: 0,
        satelliteMessages: new Uint32Array(IDS),
        lastEpoch: new Float64Array(IDS),
        inEpoch: 0,
        epochs: 0,
        satellitesMin: Infinity,
        satellitesMax: 0,
        satellitesSum: 0,
      };
      this.#systems.set(system, entry);
    }
    entry.levels.add(level);
    entry.messages.add(messageNumber);
    return entry;
  }
}

function takeSignal(entry: System, id: number, satellite: number): void {
  let signal = entry.signals.get(id);
  if (signal === undefined) {
    signal = { cells: 0, satellites: new Set() };
    entry.signals.set(id, signal);
  }
  signal.cells++;
  signal.satellites.add(satellite);
}

function settle(entry: System): void {
  if (entry.inEpoch === 0) return;
  entry.epochs++;
  entry.satellitesMin = Math.min(entry.satellitesMin, entry.inEpoch);
  entry.satellitesMax = Math.max(entry.satellitesMax, entry.inEpoch);
  entry.satellitesSum += entry.inEpoch;
  entry.inEpoch = 0;
}

function reportOf(system: SatelliteSystem, entry: System): SystemReport {
  const { epochs, satellitesMin, satellitesMax, satellitesSum } = entry;
  const signals = [...entry.signals]
    .sort(([a], [b]) => a - b)
    .map(([id, { cells, satellites }]) => ({
      id,
      code: signalOf(system, id)?.code ?? null,
      band: bandOf(system, id),
      cells,
      satellites: satellites.size,
    }));
  return {
    system,
    msmLevels: [...entry.levels].sort((a, b) => a - b),
    messages: [...entry.messages].sort((a, b) => a - b),
    epochs,
    satellites: [...entry.satelliteMessages]
      .map((messages, id) => ({ id, name: satelliteName(system, id), messages }))
      .filter(({ messages }) => messages > 0),
    satellitesPerEpoch:
      epochs === 0 ? null : { min: satellitesMin, mean: satellitesSum / epochs, max: satellitesMax },
    signals,
    bands: [...new Set([...entry.legacyBands, ...signals.map(({ band }) => band)])],
    cycleSlips: entry.cycleSlips,
  };
}
