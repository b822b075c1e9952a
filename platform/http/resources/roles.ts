// `GET /v1/roles`: what each role may do, as the table of roles.ts has it, so that whoever gives a key sees what he gives.

import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { KEY_ROLE_NAMES, ROLES, SCOPES, type Role, type Scope } from '../roles.ts';
import { route } from '../route.ts';

const scopeName = z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]]);

const roleSchema = z
  .strictObject({
    role: z.enum(Object.keys(ROLES) as [Role, ...Role[]]),
    meaning: z.string(),
    scopes: z.array(scopeName),
    customerOnly: z.boolean().meta({ description: 'A key of this role belongs to a customer' }),
    keyless: z.boolean().meta({ description: 'No key has it: people log in' }),
  })
  .meta({ id: 'Role' });

const rolesSchema = z
  .strictObject({
    roles: z.array(roleSchema),
    scopes: z.array(z.strictObject({ scope: scopeName, meaning: z.string() })),
  })
  .meta({ id: 'Roles' });

export function rolesRoute(app: FastifyInstance): void {
  route(app, {
    method: 'GET',
    path: '/v1/roles',
    operationId: 'listRoles',
    tag: 'api-keys',
    summary: 'The roles, and what each may do',
    scope: 'key',
    response: { 200: rolesSchema },
    errors: [],
    examples: {
      response: {
        200: {
          roles: [{ role: 'factory', ...plain('factory') }],
          scopes: [{ scope: 'certificates:issue', meaning: SCOPES['certificates:issue'] }],
        },
      },
    },
    handle: () => ({
      status: 200,
      body: {
        roles: (Object.keys(ROLES) as Role[]).map((role) => ({ role, ...plain(role) })),
        scopes: (Object.keys(SCOPES) as Scope[]).map((scope) => ({ scope, meaning: SCOPES[scope] })),
      },
    }),
  });
}

function plain(role: Role): Omit<z.input<typeof roleSchema>, 'role'> {
  const { meaning, scopes, customerOnly } = ROLES[role];
  return { meaning, scopes: [...scopes], customerOnly, keyless: !isKeyRole(role) };
}

const isKeyRole = (role: Role): boolean => KEY_ROLE_NAMES.includes(role);
