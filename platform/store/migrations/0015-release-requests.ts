// What became of a release is asked for by the release: who was offered it.

import { type Migration } from './migration.ts';

export const releaseRequests: Migration = {
  number: 15,
  name: 'release-requests',
  statements: () => [`create index ota_requests_release on ota_requests (release_id, id)`],
};
