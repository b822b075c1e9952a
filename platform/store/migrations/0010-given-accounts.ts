// Which accounts were made for devices by somebody outside of the caster, who may end them and nothing else; and the
// indexes that lists of entitlements and what a vehicle was offered last lacked.

import { type Migration } from './migration.ts';

export const givenAccounts: Migration = {
  number: 10,
  name: 'given-accounts',
  statements: ({ text, strict }) => [
    `create table given_accounts (
      account_id ${text} primary key references accounts (id) on delete cascade
    )${strict}`,
    `create index entitlements_product on entitlements (product_id, id) where product_id is not null`,
    `create index entitlements_vehicle on entitlements (vehicle_id, id)`,
    `create index ota_requests_offered on ota_requests (vehicle_id, part_number, url_expires_at, id)
      where state = 'offered'`,
  ],
};
