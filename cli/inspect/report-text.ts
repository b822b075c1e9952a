// The report of `rovercast inspect` for people: what a surveyor wants to know first, faults in plain words, no field
// numbers without their meaning.

import { bitRate, byteSize, counted, duration, percent, timeOfDay } from '../units.ts';
import { harmless, tint } from '../terminal.ts';
import {
  type EpochReport,
  type LiveReport,
  type MessageReport,
  type StationReport,
  type StreamReport,
  type SystemReport,
} from './report.ts';
import { satelliteName, SYSTEM_NAMES } from './satellite-name.ts';
import { findFaults } from './stream-faults.ts';

const GAPS_SHOWN = 5;

/** The whole report; `name` is what was looked at. */
export function reportText(name: string, report: StreamReport): string {
  const sections = [
    headLines(name, report),
    report.live === null ? [] : liveLines(report.live),
    ...report.stations.map(stationLines),
    report.epochs === null ? [] : epochLines(report.epochs),
    systemLines(report.systems, report.epochs),
    messageLines(report.messages),
    ephemerisLines(report),
    report.texts.length === 0
      ? []
      : [tint('strong', 'Texts'), ...report.texts.map((text) => `  ${harmless(text)}`)],
    faultLines(report),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headLines(name: string, report: StreamReport): string[] {
  const { bytes, frames, durationMs, bitsPerSecond } = report;
  const facts = [`${byteSize(bytes)}, ${counted(frames, 'frame')}`];
  if (durationMs !== null) facts.push(duration(durationMs));
  if (bitsPerSecond !== null) facts.push(bitRate(bitsPerSecond));
  return [tint('strong', harmless(name)), `  ${facts.join(', ')}`];
}

function liveLines({ firstFrameAfterMs, ageMs, late, longestSilenceMs }: LiveReport): string[] {
  const lines = [tint('strong', 'Delivery')];
  if (firstFrameAfterMs !== null) lines.push(row('First frame', `after ${duration(firstFrameAfterMs)}`));
  if (ageMs !== null) {
    const [min, median, max] = [ageMs.min, ageMs.median, ageMs.max].map((ms) => (ms / 1000).toFixed(2));
    lines.push(row('Age on arrival', `${median} s (${min} to ${max} s), by this machine's clock`));
    lines.push(row('Late epochs', String(late)));
  }
  lines.push(row('Longest silence', duration(longestSilenceMs)));
  return lines;
}

function stationLines(station: StationReport): string[] {
  const { position, glonassBiasesM } = station;
  const lines = [tint('strong', `Station ${station.id}`)];
  if (position === null) lines.push(row('Position', 'not sent (no 1005 or 1006)'));
  else {
    const { latitudeDeg, longitudeDeg, ellipsoidalHeightM, ecefM, antennaHeightM } = position;
    lines.push(
      latitudeDeg === null || longitudeDeg === null || ellipsoidalHeightM === null
        ? row('Position', 'none: the center of the Earth')
        : row(
            'Position',
            `${degrees(latitudeDeg, 'N', 'S')}  ${degrees(longitudeDeg, 'E', 'W')}  ` +
              `${ellipsoidalHeightM.toFixed(4)} m above the ellipsoid`,
          ),
      row('ECEF', [ecefM.x, ecefM.y, ecefM.z].map((meters) => `${meters.toFixed(4)} m`).join('  ')),
    );
    if (antennaHeightM !== null) lines.push(row('Antenna height', `${antennaHeightM.toFixed(4)} m`));
    if (position.virtualStation) lines.push(row('Kind', 'virtual station'));
  }
  lines.push(
    ...named('Antenna', [station.antenna, serial(station.antennaSerial)]),
    ...named('Receiver', [station.receiver, firmware(station.firmware), serial(station.receiverSerial)]),
  );
  if (glonassBiasesM !== null) {
    const { aligned, l1Ca, l1P, l2Ca, l2P } = glonassBiasesM;
    const biases = { 'L1 C/A': l1Ca, 'L1 P': l1P, 'L2 C/A': l2Ca, 'L2 P': l2P };
    const sent = Object.entries(biases).flatMap(([signal, bias]) =>
      bias === null ? [] : [`${signal} ${bias.toFixed(2)} m`],
    );
    lines.push(row('GLONASS biases', [aligned ? 'aligned' : 'not aligned', ...sent].join(', ')));
  }
  return lines;
}

function epochLines(epochs: EpochReport): string[] {
  const { count, firstGpsDayMs, lastGpsDayMs, intervalMs, missing, completeness, gaps, gapCount } = epochs;
  const span = `${timeOfDay(firstGpsDayMs)} to ${timeOfDay(lastGpsDayMs)} GPS time`;
  const lines = [
    tint('strong', 'Epochs'),
    row('Count', `${count}, ${span}${intervalMs === null ? '' : `, every ${duration(intervalMs)}`}`),
  ];
  if (intervalMs === null) return lines;
  lines.push(row('Complete', `${percent(completeness)}, ${missing === 0 ? 'none' : missing} missing`));
  if (gapCount > 0) {
    const shown = gaps.toSorted((a, b) => b.lengthMs - a.lengthMs).slice(0, GAPS_SHOWN);
    const longest = shown.map((gap) => `${duration(gap.lengthMs)} after ${timeOfDay(gap.afterGpsDayMs)}`);
    lines.push(
      row('Gaps', `${gapCount}; ${shown.length < gapCount ? 'the longest: ' : ''}${longest.join(', ')}`),
    );
  }
  return lines;
}

function systemLines(systems: readonly SystemReport[], epochs: EpochReport | null): string[] {
  if (systems.length === 0) return [];
  return [
    tint('strong', 'Satellites and signals'),
    ...systems.flatMap((system) => {
      const { satellites, satellitesPerEpoch, signals, bands } = system;
      const levels = system.msmLevels.map((level) => (level === 0 ? 'legacy' : `MSM${level}`)).join(', ');
      const missed = epochs === null ? 0 : epochs.count - system.epochs;
      const perEpoch =
        satellitesPerEpoch === null
          ? 'no satellites'
          : `${counted(satellites.length, 'satellite')}, ${range(satellitesPerEpoch)} an epoch`;
      const absent = missed > 0 ? `, absent from ${counted(missed, 'epoch')}` : '';
      const { cycleSlips } = system;
      const slips = cycleSlips > 0 ? `, ${counted(cycleSlips, 'cycle slip')}` : '';
      const byBand = bands.map((band) => {
        const codes = signals.filter((signal) => signal.band === band);
        return [band, ...codes.map((signal) => signal.code ?? `(id ${signal.id})`)].join(' ');
      });
      const lines = [row(SYSTEM_NAMES[system.system], `${levels}: ${perEpoch}${absent}${slips}`)];
      if (byBand.length > 0) lines.push(row('', byBand.join(' · ')));
      if (satellites.length > 0)
        lines.push(row('', tint('dim', satellites.map(({ name }) => name).join(' '))));
      return lines;
    }),
  ];
}

function messageLines(messages: readonly MessageReport[]): string[] {
  if (messages.length === 0) return [];
  const countWidth = Math.max(...messages.map(({ count }) => String(count).length));
  const nameWidth = Math.max(...messages.map(({ name }) => name.length));
  return [
    tint('strong', 'Messages'),
    ...messages.map(({ message, name, count, intervalMs, epochs }) => {
      const parts = epochs !== null && count > epochs ? `, ${(count / epochs).toFixed(1)} an epoch` : '';
      const every = intervalMs === null ? '' : `every ${duration(intervalMs)}${parts}`;
      return `  ${message}  ${name.padEnd(nameWidth)}  ${String(count).padStart(countWidth)}  ${every}`.trimEnd();
    }),
  ];
}

function ephemerisLines({ ephemerides }: StreamReport): string[] {
  if (ephemerides.length === 0) return [];
  return [
    tint('strong', 'Ephemerides'),
    ...ephemerides.map(({ message, system, count, satellites }) => {
      const names = satellites.map((id) => (system === null ? String(id) : satelliteName(system, id)));
      return `  ${message}  ${counted(count, 'message')} of ${counted(satellites.length, 'satellite')}: ${names.join(' ')}`;
    }),
  ];
}

function faultLines(report: StreamReport): string[] {
  const faults = findFaults(report);
  if (faults.length === 0) return [tint('good', 'No faults found.')];
  return [tint('strong', 'Faults'), ...faults.map((fault) => `  ${tint('warning', fault)}`)];
}

function row(title: string, text: string): string {
  return `  ${title.padEnd(16)}${text}`;
}

/** A row of what was sent, or none where all of it is empty. */
function named(title: string, parts: readonly (string | null)[]): string[] {
  const sent = parts.flatMap((part) => (part === null || harmless(part) === '' ? [] : [harmless(part)]));
  return sent.length === 0 ? [] : [row(title, sent.join(', '))];
}

function serial(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : `serial ${text}`;
}

function firmware(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : `firmware ${text}`;
}

function degrees(angle: number, positive: string, negative: string): string {
  return `${Math.abs(angle).toFixed(9)}° ${angle < 0 ? negative : positive}`;
}

function range({ min, mean, max }: { min: number; mean: number; max: number }): string {
  return min === max ? String(min) : `${min} to ${max} (mean ${mean.toFixed(1)})`;
}
