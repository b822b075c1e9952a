// `GET /v1/me`: what the key that is presented stands for, so that a program shows what it may do and nothing else; and
// where devices find the streams, which it tells them.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ROLES, SCOPES, type Role, type Scope } from '../roles.ts';
import { route } from '../route.ts';

const caller = z
  .strictObject({
    kind: z.enum(['owner', 'api_key', 'driver']),
    id: z.string().meta({ description: '`owner`, or the id of the API key or the driver' }),
    name: z.string(),
    role: z.enum(Object.keys(ROLES) as [Role, ...Role[]]),
    customerId: z.string().nullable().meta({ description: 'Customer whom it belongs to; null: it sees all' }),
    scopes: z.array(z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]])),
    ntrip: z.strictObject({
      host: z.string().nullable().meta({ description: '`listen.publicHost`; null: the host of this API' }),
      port: z
        .int()
        .nullable()
        .meta({ description: '`listen.publicPort`, else the bound port; null: none is open' }),
    }),
  })
  .meta({ id: 'Caller' });

/** Where devices connect to. */
export interface NtripPlace {
  readonly host: string | null;
  readonly port: number | null;
}

export function meRoute(app: FastifyInstance, ntrip: NtripPlace): void {
  route(app, {
    method: 'GET',
    path: '/v1/me',
    operationId: 'getCaller',
    tag: 'api-keys',
    summary: 'What the presented key stands for: its role, its scopes, and whose it is',
    scope: 'key',
    response: { 200: caller },
    errors: [],
    examples: {
      response: {
        200: {
          ...{ kind: 'api_key', id: 'key_5y2m7c4kq3w6xh7a', name: 'Reports', role: 'billing' },
          customerId: null,
          scopes: ROLES.billing.scopes,
          ntrip: { host: 'ntrip.example.com', port: 2101 },
        },
      },
    },
    handle: ({ actor }) => {
      const { kind, id, name, role } = actor;
      // No customer at all is told as none; a driver sees what is his, and of customers nothing.
      const customerId = actor.customerId === '' ? null : actor.customerId;
      const scopes = [...ROLES[role].scopes];
      return { status: 200, body: { kind, id, name, role, customerId, scopes, ntrip } };
    },
  });
}
