// What a simulated base says about itself: 1005 or 1006, 1230 where GLONASS is simulated, 1033 where it has an antenna.
import {
  encodeGlonassBiases,
  encodeReceiverDescriptor,
  encodeStationPosition,
} from '../rtcm/station-encoders.ts';
import { type AntennaOptions, type Receiver } from './receiver.ts';

/** The reference point is the origin itself; an antenna height is only told, never added. */
export function encodeStationFrames({ options, origin }: Receiver): Buffer[] {
  const { systems } = options.constellation;
  const station = options.stationId;
  const heightM = options.antenna?.heightM;
  const position = encodeStationPosition({
    station,
    itrfYear: 0,
    gps: systems.includes('GPS'),
    glonass: systems.includes('GLO'),
    galileo: systems.includes('GAL'),
    virtualStation: false,
    singleOscillator: true,
    reserved: 0,
    quarterCycle: 0,
    ecefXTenthMm: tenthMillimeters(origin.x),
    ecefYTenthMm: tenthMillimeters(origin.y),
    ecefZTenthMm: tenthMillimeters(origin.z),
    antennaHeightTenthMm: heightM === undefined ? null : tenthMillimeters(heightM),
  });
  if (!systems.includes('GLO')) return [position];
  // Code and phase of the simulated receivers are aligned: all biases are zero.
  const biases = { l1Ca2Cm: 0, l1P2Cm: 0, l2Ca2Cm: 0, l2P2Cm: 0 };
  return [position, encodeGlonassBiases({ station, aligned: true, reserved: 0, ...biases })];
}

export function encodeDescriptorFrame(station: number, antenna: AntennaOptions): Buffer {
  return encodeReceiverDescriptor({
    station,
    antenna: antenna.descriptor ?? '',
    setupId: 0,
    antennaSerial: antenna.serialNumber ?? '',
    receiver: 'ROVERCAST SIMULATOR',
    firmware: '1',
    receiverSerial: String(station),
  });
}

function tenthMillimeters(meters: number): number {
  return Math.round(meters * 10_000);
}
