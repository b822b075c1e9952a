// What a service spec would make of a base's stream, before anybody has it.

import type { FastifyInstance } from 'fastify';
import { type Actor, visible } from '../../platform/http/actor.ts';
import { route } from '../../platform/http/route.ts';
import type { MountpointConfig } from '../../config/schema.ts';
import { readMountpointSettings } from '../accounts/mountpoint-settings.ts';
import type { MessageFacts } from '../rtcm/station-facts.ts';
import { composeShapes } from '../rtcm/reshape/compose-shapes.ts';
import { type Shape, shapeKey } from '../rtcm/reshape/shape.ts';
import { previewStream } from '../stream/stream-preview.ts';
import { casterProblem } from './caster-error-codes.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { serviceSpecPreview, serviceSpecToPreview, viewOfPreviewed } from './schemas/service-spec-preview.ts';

type Found = Pick<MountpointConfig, 'raw' | 'nearest' | 'of' | 'shape'>;

export function serviceSpecPreviewRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  const { store, configuration, sessions } = ports;

  async function find(actor: Actor, name: string): Promise<Found | undefined> {
    const configured = configuration.mountpoints().find((mountpoint) => mountpoint.name === name);
    if (configured !== undefined) return configured;
    const row = await store.db
      .selectFrom('mountpoints')
      .select('settings')
      .where('name', '=', name)
      .where(visible(actor))
      .executeTakeFirst();
    return row && readMountpointSettings(row.settings);
  }

  function messagesOf(mountpoint: string): readonly MessageFacts[] {
    for (const { id, role, mountpoint: name } of sessions.all()) {
      if (role === 'base' && name === mountpoint) return sessions.health(id)?.messages ?? [];
    }
    return [];
  }

  route(app, {
    method: 'POST',
    path: '/v1/service-specs/preview',
    operationId: 'previewServiceSpec',
    tag: 'service-specs',
    summary: 'What a service spec would make of the stream that a base sends now; makes nothing',
    scope: 'specs:read',
    idempotent: false,
    audited: false,
    body: serviceSpecToPreview,
    response: { 200: serviceSpecPreview },
    errors: ['mountpoint_not_found'],
    examples: { body: { mountpoint: 'HILL', constellations: ['GPS', 'GAL', 'BDS'], msmLevelMax: 4 } },
    handle: async ({ actor, body: { mountpoint, ...asked } }) => {
      const found = await find(actor, mountpoint);
      if (found === undefined) return casterProblem('mountpoint_not_found', { param: '/mountpoint' });
      const shape: Shape = found.shape === undefined ? asked : composeShapes(found.shape, asked);
      const known = messagesOf(found.of ?? mountpoint);
      const unknownFor = whyUnknown(found, known);
      const messages = unknownFor === null ? previewStream(known, shape) : [];
      return {
        status: 200,
        body: {
          ...{ object: 'service_spec_preview' as const, mountpoint, unknownFor, shape: shapeKey(shape) },
          messages: messages.map(viewOfPreviewed),
          receivedBytesPerSecond: sumOf(messages.map(({ received }) => received.bytesPerSecond)),
          sentBytesPerSecond: sumOf(messages.map(({ sent }) => sent?.bytesPerSecond)),
        },
      };
    },
  });
}

function whyUnknown(
  { raw, nearest }: Found,
  known: readonly MessageFacts[],
): 'raw' | 'nearest' | 'no_base' | null {
  if (raw) return 'raw';
  if (nearest !== undefined) return 'nearest';
  return known.length === 0 ? 'no_base' : null;
}

function sumOf(values: readonly (number | null | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
