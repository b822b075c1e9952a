// The address a request comes from, written as everywhere else: a socket for both families shows IPv4 as ::ffff:1.2.3.4.

import { type FastifyRequest } from 'fastify';

export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** Of the peer, or what a trusted proxy says it forwards for. */
export function addressOf(request: FastifyRequest): string {
  return plainAddress(request.ip);
}
