// What a vehicle may send, and by what it is let in. Pure.

import { DOCUMENT_BYTES_MAX } from '../../config/limits.ts';
import type { AdmissionAsk, Peer } from './broker-ports.ts';
import type { ReadPacket } from './packet-reader.ts';
import { connackOf, type VehicleRefusal } from './refusals.ts';
import { readToken } from './token.ts';
import { isVehicleId, maySubscribe, upKindOf } from './topics.ts';

/** Asked of each packet before aedes sees it. */
export function judge(clientId: string, packet: ReadPacket): VehicleRefusal | undefined {
  switch (packet.type) {
    case 'connect':
      if (packet.clientId !== '' && !isVehicleId(packet.clientId)) return 'client_id_invalid';
      if (packet.clientId === '') return 'client_id_empty';
      if (packet.will === undefined) return undefined;
      if (packet.will.isRetained || upKindOf(clientId, packet.will.topic) === undefined)
        return 'will_foreign';
      return packet.will.bytes > DOCUMENT_BYTES_MAX ? 'packet_too_large' : undefined;
    case 'publish':
      if (upKindOf(clientId, packet.topic) === undefined) return 'foreign_publish';
      if (packet.isRetained) return 'retained';
      return packet.bytes > DOCUMENT_BYTES_MAX ? 'packet_too_large' : undefined;
    case 'subscribe':
      return packet.filters.every((filter) => maySubscribe(clientId, filter))
        ? undefined
        : 'foreign_subscribe';
    case 'unsubscribe':
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
    case 'pingreq':
    case 'disconnect':
      return undefined;
  }
}

export function askOf(
  peer: Peer,
  vehicleId: string,
  user: string | undefined,
  password: Buffer | undefined,
): AdmissionAsk | VehicleRefusal {
  if (peer.way === 'certificate') {
    if (peer.vehicleId !== vehicleId) return 'vehicle_id_mismatch';
    return { way: 'certificate', vehicleId, serial: peer.serial };
  }
  if (user !== vehicleId) return 'vehicle_id_mismatch';
  const token = password === undefined ? undefined : readToken(password);
  if (token === undefined) return 'token_malformed';
  const { address, exporter } = peer;
  return { way: 'token', address, vehicleId, exporter, ...token };
}

/** As aedes wants it: with the return code of the CONNACK, 5 where it is none of 2 to 5. */
export function refusalOf(reason: VehicleRefusal): Error & { returnCode: number } {
  return Object.assign(new Error(reason), { returnCode: connackOf(reason) });
}
