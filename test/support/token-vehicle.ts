// A vehicle on the token port: opens the TLS connection first, then signs over it.

import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { signToken, TOKEN_CONTEXT, TOKEN_EXPORTER_BYTES, TOKEN_LABEL } from '../../licensing/broker/token.ts';
import type { BrokerHouse, EnrolledVehicle } from './broker-house.ts';
import { connect as connectPacket, text } from '../unit/licensing/broker/mqtt-bytes.ts';

export async function openTls(
  house: BrokerHouse,
  port = house.mqttsToken,
  options: object = {},
): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: house.root, servername: 'localhost', ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** The password of this connection. */
export function passwordFor(
  socket: TLSSocket,
  vehicle: EnrolledVehicle,
  clientId = vehicle.vehicleId,
): string {
  const exporter = socket.exportKeyingMaterial(TOKEN_EXPORTER_BYTES, TOKEN_LABEL, TOKEN_CONTEXT);
  return signToken(vehicle.key.pkcs8, { clientId, certificateId: vehicle.certificateId, exporter });
}

/** The return code of the CONNACK; undefined where the connection is closed without one. */
export async function connackTo(
  socket: TLSSocket,
  clientId: string,
  user: string,
  password: string | undefined,
): Promise<number | undefined> {
  const flags = password === undefined ? 0x82 : 0xc2;
  const rest = [...text(clientId), ...text(user), ...(password === undefined ? [] : text(password))];
  socket.on('error', () => undefined);
  socket.write(connectPacket(flags, ...rest));
  const answer = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  const [bytes] = answer as [Buffer | boolean];
  return Buffer.isBuffer(bytes) && bytes[0] === 0x20 ? bytes[3] : undefined;
}
