// Loads the recordings that stand beside the project, with what independent decoders say about them. The folder may be
// absent: test files then skip, and say so by the name of their suite.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FrameScanner } from '../../caster/rtcm/frame-scanner.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../shared/data');

export const RECORDINGS_PRESENT = existsSync(path.join(FOLDER, 'MANIFEST.json'));

/** Appended to the names of suites. */
export const SKIP_NOTE = RECORDINGS_PRESENT ? '' : ' (skipped: no recordings in ../shared/data)';

export interface MsmDump {
  readonly type: number;
  readonly station: number;
  readonly epoch_raw30: number;
  readonly multiple: number;
  readonly iods: number;
  readonly reserved7?: number;
  readonly clk_steer: number;
  readonly ext_clk: number;
  readonly smooth: number;
  readonly smooth_int: number;
  readonly sat_mask_hex: string;
  readonly sig_mask_hex: string;
}

export interface MsmSample extends MsmDump {
  readonly offset: number;
  readonly frame_length: number;
  readonly crc24q_hex: string;
  readonly satellites: readonly { readonly sat: number }[];
  readonly cells: readonly { readonly sat: number; readonly sig: number }[];
}

export interface RecordingFacts {
  readonly framing: {
    readonly frames: number;
    readonly bytes_outside_frames: number;
    readonly d3_candidates_failing_crc: number;
  };
  readonly message_counts: Readonly<Record<string, number>>;
  readonly station_ids: Readonly<Record<string, number>>;
  readonly station_messages: Readonly<Record<string, unknown>>;
  readonly ephemerides: Readonly<
    Record<string, { readonly count: number; readonly satellites: readonly number[] }>
  >;
  readonly legacy_observations: Readonly<
    Record<
      string,
      {
        readonly count: number;
        readonly first_epoch_ms: number;
        readonly last_epoch_ms: number;
        readonly sats_min_mean_max: readonly [number, number, number];
        readonly sync_flag_counts: Readonly<Record<string, number>>;
      }
    >
  >;
  readonly msm: Readonly<
    Record<
      string,
      {
        readonly messages: number;
        readonly epochs: number;
        readonly signals: Readonly<Record<string, readonly [code: string, cells: number]>>;
        readonly satellites: Readonly<Record<string, number>>;
        readonly total_cells: number;
        readonly multiple_message_bit: Readonly<Record<string, number>>;
        readonly interval_ms: readonly (readonly [intervalMs: number, times: number])[];
      }
    >
  >;
  readonly epoch_patterns_type_colon_multiplebit: readonly (readonly [pattern: string, times: number])[];
  readonly sample_msm_messages_raw_integers: readonly MsmSample[];
}

export interface OddFacts {
  readonly valid_frames: number;
  readonly message_counts: Readonly<Record<string, number>>;
  readonly sha256_of_concatenated_valid_frames: string;
  readonly bad_candidates_crc: number;
}

export interface VectorFacts {
  readonly index: readonly {
    readonly name: string;
    readonly offset: number;
    readonly length: number;
    readonly type: number;
    readonly fields_pyrtcm_scaled?: Readonly<Record<string, number | string>>;
    readonly msm_raw?: MsmDump & {
      readonly sat: { readonly sat?: readonly number[] };
      readonly cell: { readonly sat?: readonly number[]; readonly sig?: readonly number[] };
    };
  }[];
}

/** Names of the recordings in a folder of the data, "" for the top; empty where they are absent. */
export function recordingNames(folder: '' | 'odd' | 'vectors'): string[] {
  if (!RECORDINGS_PRESENT) return [];
  return readdirSync(path.join(FOLDER, folder))
    .filter((name) => /\.(?:bin|rtcm3)$/.test(name))
    .sort()
    .map((name) => path.posix.join(folder, name));
}

export function recordingBytes(name: string): Buffer {
  return readFileSync(path.join(FOLDER, name));
}

export function recordingFacts(name: string): RecordingFacts {
  return factsBeside(name) as RecordingFacts;
}

export function oddFacts(name: string): OddFacts {
  return factsBeside(name) as OddFacts;
}

export function vectorFacts(name: string): VectorFacts {
  return factsBeside(name) as VectorFacts;
}

/** The JSON beside a recording; its form goes by the folder, and the three functions above say which. */
function factsBeside(name: string): unknown {
  return JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'));
}

export interface ScannedFrame {
  readonly bytes: Buffer;
  readonly messageNumber: number;
}

/** Every valid frame of a recording, by our scanner, in one push. */
export function framesOf(bytes: Buffer): ScannedFrame[] {
  const frames: ScannedFrame[] = [];
  const scanner = new FrameScanner((frame, messageNumber) => {
    frames.push({ bytes: Buffer.from(frame), messageNumber });
  });
  scanner.push(bytes);
  while (scanner.pendingBytes > 0) scanner.giveUpIncomplete();
  return frames;
}
