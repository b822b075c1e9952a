// What an operation's spec says, in the form that the documenting plug-in reads.

import { type FastifySchema } from 'fastify';
import { type Catalog } from './catalog.ts';
import { type AnyRouteSpec } from './route-spec.ts';

export function schemaOf(_spec: AnyRouteSpec, _catalog: Catalog): FastifySchema {
  return { hide: true } as FastifySchema;
}
