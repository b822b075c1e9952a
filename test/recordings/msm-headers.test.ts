// MSM headers, masks and signal tables against what pyrtcm and RTKLIB say about the same bytes.
import { describe, expect, test } from 'vitest';
import { messageFamily } from '../../caster/rtcm/message-types.ts';
import { type MsmHeader, readMsmHeader } from '../../caster/rtcm/msm-header.ts';
import { createObservationHeader, readObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { signalOf } from '../../caster/rtcm/signals.ts';
import {
  framesOf,
  type MsmDump,
  recordingBytes,
  recordingFacts,
  recordingNames,
  RECORDINGS_PRESENT,
  SKIP_NOTE,
  vectorFacts,
} from './recordings.ts';

/** How often each satellite and signal is in the messages of one number. */
interface Sum {
  readonly satellites: Record<string, number>;
  readonly signals: Record<string, number>;
  total: number;
}

function headerOf(frame: Buffer): MsmHeader {
  const result = readMsmHeader(frame);
  if (!result.ok) throw new Error(`no MSM header: ${result.reason}`);
  return result.header;
}

/** The header in the words of the JSON beside the recordings. */
function dumpOf(header: MsmHeader): Omit<MsmDump, 'reserved7'> {
  return {
    type: header.messageNumber,
    station: header.station,
    epoch_raw30: header.epochRaw,
    multiple: Number(header.moreToCome),
    iods: header.iods,
    clk_steer: header.clockSteering,
    ext_clk: header.externalClock,
    smooth: Number(header.smoothing),
    smooth_int: header.smoothingInterval,
    sat_mask_hex: maskHex(header.satellites, 64),
    sig_mask_hex: maskHex(header.signals, 32),
  };
}

function maskHex(ids: readonly number[], bits: number): string {
  const mask = ids.reduce((sum, id) => sum + (1n << BigInt(bits - id)), 0n);
  return mask.toString(16).padStart(bits / 4, '0');
}

function cellsOf(header: MsmHeader): { sat: number; sig: number }[] {
  const cells: { sat: number; sig: number }[] = [];
  for (const [row, sat] of header.satellites.entries()) {
    for (const [column, sig] of header.signals.entries()) {
      if (header.cellMask[row * header.signals.length + column] === 1) cells.push({ sat, sig });
    }
  }
  return cells;
}

const withMsm = recordingNames('').filter((name) => Object.keys(recordingFacts(name).msm).length > 0);

describe.skipIf(!RECORDINGS_PRESENT)(`MSM headers of recordings${SKIP_NOTE}`, () => {
  test.each(withMsm)('%s: the sampled headers, masks and cells are those of the independent dump', (name) => {
    const bytes = recordingBytes(name);
    const samples = recordingFacts(name).sample_msm_messages_raw_integers;
    const ours = samples.map(({ offset, frame_length }) => {
      const header = headerOf(bytes.subarray(offset, offset + frame_length));
      return { ...dumpOf(header), satellites: header.satellites, cells: cellsOf(header) };
    });
    expect(ours).toEqual(
      samples.map((sample) => ({
        ...pickDump(sample),
        satellites: sample.satellites.map(({ sat }) => sat),
        cells: sample.cells.map(({ sat, sig }) => ({ sat, sig })),
      })),
    );
  });

  test.each(withMsm)(
    '%s: satellites, signals and cells over the whole file are as counted elsewhere',
    (name) => {
      const facts = recordingFacts(name);
      const ours: Partial<Record<string, Sum>> = {};
      for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
        if (messageFamily(messageNumber) !== 'msm') continue;
        const header = headerOf(bytes);
        const sum = (ours[messageNumber] ??= { satellites: {}, signals: {}, total: 0 });
        sum.total += header.cellCount;
        for (const satellite of header.satellites) {
          sum.satellites[satellite] = (sum.satellites[satellite] ?? 0) + 1;
        }
        for (const { sig } of cellsOf(header)) sum.signals[sig] = (sum.signals[sig] ?? 0) + 1;
      }
      const expected = Object.fromEntries(
        Object.entries(facts.msm).map(([messageNumber, { satellites, signals, total_cells }]) => [
          messageNumber,
          {
            satellites,
            signals: Object.fromEntries(Object.entries(signals).map(([id, [, cells]]) => [id, cells])),
            total: total_cells,
          },
        ]),
      );
      expect(ours).toEqual(expected);
    },
  );

  test.each(withMsm)('%s: signal ids have the RINEX codes that pyrtcm gives them', (name) => {
    const named = Object.entries(recordingFacts(name).msm).flatMap(([messageNumber, { signals }]) =>
      Object.entries(signals).map(([id, [code]]) => ({
        messageNumber: Number(messageNumber),
        id: Number(id),
        code,
      })),
    );
    const frames = new Map(framesOf(recordingBytes(name)).map((frame) => [frame.messageNumber, frame.bytes]));
    const ours = named.map(({ messageNumber, id }) => {
      const { system } = headerOf(frames.get(messageNumber)!);
      return { messageNumber, id, code: signalOf(system, id)?.code ?? 'unknown' };
    });
    expect(ours).toEqual(named);
  });

  test.each(withMsm)('%s: the cheap header agrees with the counts of the multiple message bit', (name) => {
    const facts = recordingFacts(name);
    const header = createObservationHeader();
    const ours: Partial<Record<string, Record<string, number>>> = {};
    for (const { bytes, messageNumber } of framesOf(recordingBytes(name))) {
      if (messageFamily(messageNumber) !== 'msm') continue;
      readObservationHeader(bytes, messageNumber, header);
      const counts = (ours[messageNumber] ??= {});
      const bit = header.moreToCome ? '1' : '0';
      counts[bit] = (counts[bit] ?? 0) + 1;
    }
    expect(ours).toEqual(
      Object.fromEntries(
        Object.entries(facts.msm).map(([number, msm]) => [number, msm.multiple_message_bit]),
      ),
    );
  });

  test.each(recordingNames('vectors'))(
    '%s: all headers, masks and cells are those that pyrtcm reads',
    (name) => {
      const bytes = recordingBytes(name);
      const vectors = vectorFacts(name).index.filter((vector) => vector.msm_raw !== undefined);
      const ours = vectors.map(({ name: vector, offset, length }) => {
        const header = headerOf(bytes.subarray(offset, offset + length));
        const { reserved, satellites } = header;
        return { vector, ...dumpOf(header), reserved7: reserved, satellites, cells: cellsOf(header) };
      });
      expect(ours).toEqual(
        vectors.map(({ name: vector, msm_raw: raw }) => ({
          vector,
          ...pickDump(raw!),
          reserved7: raw!.reserved7,
          satellites: raw!.sat.sat ?? [],
          cells: (raw!.cell.sat ?? []).map((sat, index) => ({ sat, sig: raw!.cell.sig?.[index] })),
        })),
      );
    },
  );
});

function pickDump(dump: MsmDump): Omit<MsmDump, 'reserved7'> {
  const { type, station, epoch_raw30, multiple, iods, clk_steer, ext_clk, smooth, smooth_int } = dump;
  const { sat_mask_hex, sig_mask_hex } = dump;
  return {
    type, station, epoch_raw30, multiple, iods, clk_steer, ext_clk, smooth, smooth_int, sat_mask_hex, sig_mask_hex,
  }; // prettier-ignore
}
