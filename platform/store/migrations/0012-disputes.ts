// Payments in dispute are asked after as those are that nothing was told of. And accounts that were made for vehicles
// before that was kept (migration 10) are known as such, so that they end with the right that they came with.

import { type Migration } from './migration.ts';

export const disputes: Migration = {
  number: 12,
  name: 'disputes',
  statements: () => [
    `drop index payments_unsettled`,
    `create index payments_unsettled on payments (updated_at)
      where state in ('starting', 'started', 'refund_wanted', 'refund_sent', 'disputed')`,
    // Made for the device that it is bound to, in the app that lends a right of that vehicle its corrections.
    `insert into given_accounts (account_id)
      select accounts.id from accounts join devices on devices.id = accounts.bound_device_id
      where accounts.note = devices.device_id and accounts.username like 'v%' and accounts.activated_at is not null
        and exists (select 1 from entitlements where entitlements.vehicle_id = devices.device_id
          and entitlements.correction_app_id = accounts.app_id)
        and accounts.id not in (select account_id from given_accounts)`,
  ],
};
