// Licence grants and the keys that sign them. Grants are never deleted: their numbers must never be given twice.

import { type Migration } from './migration.ts';

export const grants: Migration = {
  number: 9,
  name: 'grants',
  statements: ({ int, text, strict }) => [
    `create table signing_keys (
      id ${text} primary key, purpose ${text} not null check (purpose in ('grant', 'activation')),
      algorithm ${text} not null check (algorithm in ('es256', 'sm2')),
      spki ${text} not null, key_sealed ${text} not null, created_at ${int} not null, retired_at ${int}
    )${strict}`,
    `create unique index signing_keys_in_use on signing_keys (purpose, algorithm) where retired_at is null`,

    `create table grants (
      id ${text} primary key, customer_id ${text}, vehicle_id ${text} not null, part_number ${text} not null,
      seq ${int} not null check (seq > 0), entitlement_id ${text} not null, revision ${int} not null,
      certificate_id ${text} not null, right_state ${text} not null check (right_state in ('active', 'revoked')),
      version ${text} not null, content_hash ${text} not null, facts ${text} not null, document ${text},
      state ${text} not null check (state in
        ('numbered', 'made', 'sent', 'received', 'activated', 'deactivated', 'refused', 'superseded')),
      renew_at ${int}, sent_at ${int}, receipt_result ${text}, receipt_reason ${text}, installed_version ${text},
      receipt_counter ${int}, receipted_at ${int}, created_at ${int} not null
    )${strict}`,
    `create unique index grants_seq on grants (vehicle_id, part_number, seq)`,
    `create index grants_vehicle on grants (vehicle_id, id)`,
    `create index grants_customer on grants (customer_id, id)`,
    `create index grants_entitlement on grants (entitlement_id, id)`,
    `create index grants_unsent on grants (created_at) where state in ('numbered', 'made')`,
    `create index grants_renewal on grants (renew_at) where renew_at is not null`,
  ],
};
