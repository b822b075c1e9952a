// The other rows that are spooled besides usage and charges: sessions that ended, logins, and how mountpoints and their
// bases did.

import type { SatelliteSystem } from '../rtcm/satellite-system.ts';
import type { UsageOwner, UsageTotals } from './usage-row.ts';

/** One for each session that has ended. */
export interface SessionRow extends UsageOwner {
  readonly sessionId: string;
  /** 0; higher where it was written again, as after a crash. */
  readonly revision: number;
  readonly role: 'rover' | 'base';
  readonly node: string;
  readonly mountpoint: string;
  /** As in its last usage row. */
  readonly shape: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** As in its last usage row. */
  readonly total: UsageTotals;
  /** Of the bytes that the kernel took, those that the peer never acknowledged. */
  readonly unacknowledgedBytes: number;
  /** Usage rows there are of it. */
  readonly windows: number;
  readonly reason: string;
  readonly userAgent: string;
  readonly address: string;
}

/** A login, let in or refused. */
export interface LoginRow extends UsageOwner {
  /** Unique; the session's id where it was let in. */
  readonly loginId: string;
  readonly revision: number;
  readonly atMs: number;
  readonly outcome: 'accepted' | 'refused';
  /** Refusal reason and the step that refused; empty where it was let in. */
  readonly reason: string;
  readonly step: string;
  /** How many refusals of one kind the row stands for; else 1. */
  readonly times: number;
  readonly role: 'rover' | 'base' | 'terminal';
  readonly node: string;
  readonly mountpoint: string;
  readonly sessionId: string;
  readonly address: string;
  readonly userAgent: string;
}

/** One mountpoint in one minute on one node. */
export interface StreamQualityRow {
  readonly mountpoint: string;
  readonly minuteAtMs: number;
  readonly node: string;
  /** Higher where the minute was written again. */
  readonly revision: number;
  /** Seconds of the minute in which the base sent anything. */
  readonly onlineSeconds: number;
  readonly bytesReceived: number;
  readonly framesReceived: number;
  readonly framesBad: number;
  readonly bytesSkipped: number;
  readonly epochsReceived: number;
  readonly epochsDelivered: number;
  readonly epochsDropped: number;
  readonly roversMax: number;
  readonly silenceMsMax: number;
}

/** How well the base of one mountpoint did its work in one minute on one node. */
export interface StreamHealthRow {
  readonly mountpoint: string;
  readonly minuteAtMs: number;
  readonly node: string;
  readonly revision: number;
  /** Epochs with observations, and those that the base left out by the rate that it keeps. */
  readonly epochs: number;
  readonly epochsMissing: number;
  readonly gaps: number;
  readonly timeJumps: number;
  /** The rate that it keeps; 0 while it is not known. */
  readonly intervalMs: number;
  /** How old observations were when they came: the oldest, and what a mean is made of. */
  readonly ageMsMax: number;
  readonly ageMsSum: number;
  readonly ageCount: number;
  readonly clockWrongSeconds: number;
  readonly cycleSlips: number;
  readonly stationMoves: number;
  /** The fewest of each system at any moment of the minute. */
  readonly satellites: Readonly<Record<SatelliteSystem, number>>;
  readonly signals: Readonly<Record<SatelliteSystem, number>>;
  /** Of all systems together, what the base usually has. */
  readonly satellitesUsual: number;
}
