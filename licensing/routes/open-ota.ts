// Puts over-the-air updates together, and the resources of vehicles on the HTTP interface.

import type { FastifyInstance } from 'fastify';
import { OtaOffice, type OtaParts } from '../ota/ota-office.ts';
import type { OtaRoutesPorts } from './ota-ports.ts';
import { otaRecordRoutes } from './ota-record-routes.ts';
import { otaRoutes } from './ota-routes.ts';

/** To be called before the server listens. Whoever calls it gives the office its line; it ends with the server. */
export function openOta(app: FastifyInstance, parts: OtaParts): OtaOffice {
  const ota = new OtaOffice(parts);
  const ports: OtaRoutesPorts = { ...parts, ota };
  for (const add of [otaRoutes, otaRecordRoutes]) add(app, ports);
  app.addHook('onClose', () => ota.stop());
  return ota;
}
