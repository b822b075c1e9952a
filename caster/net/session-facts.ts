// What a worker tells of its sessions while they run: where rovers last said they were, now and then and unasked, and
// what has gone to or come from each, when somebody asks.

/** What a rover last said of itself in a GGA sentence. */
export interface RoverFix {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly heightM: number | undefined;
  /** 0 none, 1 single, 2 differential, 4 fixed, 5 float, 6 estimated, 7 manual, 8 simulated. */
  readonly quality: number;
  readonly satellites: number;
  readonly hdop: number | undefined;
  /** Of the corrections that the rover uses. */
  readonly correctionAgeS: number | undefined;
  /** Wall time at which it came, ms since 1970; a rover's own clock has no date. */
  readonly atMs: number;
}

export interface PositionReport {
  readonly sessionId: string;
  readonly fix: RoverFix;
}

/** Of a session that runs; stream payload as in SessionEnd. */
export interface SessionFacts {
  readonly sessionId: string;
  /** Whose epochs a rover gets now: another than it asked for where it has the nearest base, undefined without one. */
  readonly servedMountpoint: string | undefined;
  readonly bytes: number;
  readonly epochs: number;
  readonly frames: number;
  readonly epochsDropped: number;
  /** Of a rover's bytes, what it has not acknowledged yet; undefined where the kernel does not tell. */
  readonly unacknowledgedBytes: number | undefined;
  readonly fix: RoverFix | undefined;
}
