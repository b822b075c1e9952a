// Opens the port of the HTTP interface, or says in words for an operator why it cannot be.

import { type FastifyInstance } from 'fastify';
import { listenProblem, systemErrorCode, type StartProblem } from '../start-problem.ts';

export type HttpListening =
  /** The real port, also where 0 was asked for, and the address that it is on. */
  | { readonly ok: true; readonly host: string; readonly port: number }
  | { readonly ok: false; readonly problem: StartProblem };

const ALL_ADDRESSES = '::';
const ALL_IPV4_ADDRESSES = '0.0.0.0';

/** `::` takes IPv4 alone where the machine has no IPv6. After a failure the app can still be closed, or try again. */
export async function listenHttp(
  app: FastifyInstance,
  place: { readonly host: string; readonly port: number },
): Promise<HttpListening> {
  try {
    await app.listen(place);
  } catch (error) {
    const errno = systemErrorCode(error);
    if (errno === undefined) throw error;
    if (errno === 'EAFNOSUPPORT' && place.host === ALL_ADDRESSES) {
      return listenHttp(app, { ...place, host: ALL_IPV4_ADDRESSES });
    }
    return { ok: false, problem: listenProblem(errno, { ...place, setting: 'listen.httpPort' }) };
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has an address');
  return { ok: true, host: address.address, port: address.port };
}
