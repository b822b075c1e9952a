// Asks an app under test as whoever holds a key, and makes the keys.

import { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import { type Method } from '../../../../platform/http/route-spec.ts';
import { OWNER_KEY } from './app-under-test.ts';

export interface Asked {
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the peer. */
  readonly from?: string;
}

/** With the owner key where none is said; `key: ''` sends none. */
export function ask(
  app: FastifyInstance,
  method: Method,
  url: string,
  { key = OWNER_KEY, body, headers = {}, from }: Asked = {},
): Promise<LightMyRequestResponse> {
  return app.inject({
    method,
    url,
    headers: { ...(key === '' ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
    ...(from === undefined ? {} : { remoteAddress: from }),
  });
}

/** The body of an answer that went well. */
export async function done<Body = Record<string, unknown>>(
  answering: Promise<LightMyRequestResponse>,
): Promise<Body> {
  const answer = await answering;
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return answer.json();
}

/** The code of an answer that is a problem. */
export async function codeOf(answering: Promise<LightMyRequestResponse>): Promise<unknown> {
  const answer = await answering;
  expect(answer.headers['content-type'], answer.body).toBe('application/problem+json; charset=utf-8');
  return answer.json<{ code: unknown }>().code;
}

export interface MadeKey {
  readonly id: string;
  readonly key: string;
}

export function makeKey(
  app: FastifyInstance,
  role: string,
  customerId: string | null = null,
  more: Readonly<Record<string, unknown>> = {},
): Promise<MadeKey> {
  return done(ask(app, 'POST', '/v1/api-keys', { body: { name: `a ${role}`, role, customerId, ...more } }));
}

export async function makeCustomer(app: FastifyInstance, name = 'North Fields'): Promise<string> {
  const { id } = await done<{ id: string }>(ask(app, 'POST', '/v1/customers', { body: { name } }));
  return id;
}
