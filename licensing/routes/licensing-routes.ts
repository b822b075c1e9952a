// Every resource of licensing, added to the HTTP interface at once.

import type { FastifyInstance } from 'fastify';
import { authorityRoutes } from './authority-routes.ts';
import { certificateIssueRoutes } from './certificate-issue-routes.ts';
import { certificateRoutes } from './certificate-routes.ts';
import { enrolmentTokenRoutes } from './enrolment-token-routes.ts';
import { packageRoutes } from './package-routes.ts';
import { releaseProgressRoutes } from './release-progress-routes.ts';
import { releaseRoutes } from './release-routes.ts';
import type { LicensingRoutesPorts } from './ports.ts';
import { SHOP_TAGS } from './shop-routes.ts';
import { presenceRoutes } from './presence-routes.ts';
import { ENTITLEMENT_TAGS } from './open-entitlements.ts';
import { GRANT_TAGS } from './open-grants.ts';
import { vehicleRoutes } from './vehicle-routes.ts';

/** For the reference: each tag with its sentence. */
export const LICENSING_TAGS: Readonly<Record<string, string>> = {
  vehicles: 'Vehicles that have or had a certificate',
  'enrolment-tokens': 'What lets one vehicle have its first certificate, once',
  certificates: 'Certificates of vehicles: issued, renewed, revoked, looked up',
  'certificate-authorities': 'Who signs them, and what was revoked',
  ...ENTITLEMENT_TAGS,
  ...GRANT_TAGS,
  packages: 'Software that vehicles can install',
  releases: 'Which of it goes out, and to how many',
  ota: 'Who asked for it, got it and has it; and where vehicles get it',
  ...SHOP_TAGS,
};

export function licensingRoutes(app: FastifyInstance, ports: LicensingRoutesPorts): void {
  for (const add of [
    vehicleRoutes,
    presenceRoutes,
    enrolmentTokenRoutes,
    certificateIssueRoutes,
    certificateRoutes,
    authorityRoutes,
    packageRoutes,
    releaseRoutes,
    releaseProgressRoutes,
  ]) {
    add(app, ports);
  }
}
