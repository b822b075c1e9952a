// Vehicles, their certificates, and the authorities that sign them. Certificates are never deleted: what was signed once
// must be found for as long as somebody may show it.

import { type Migration } from './migration.ts';

export const pki: Migration = {
  number: 5,
  name: 'pki',
  statements: ({ int, text, strict }) => [
    `create table certificate_authorities (
      id ${text} primary key, algorithm ${text} not null unique check (algorithm in ('rsa', 'sm2')),
      root_certificate ${text} not null, root_key_sealed ${text} not null,
      issuing_certificate ${text} not null, issuing_key_sealed ${text} not null,
      not_after ${int} not null, created_at ${int} not null
    )${strict}`,

    `create table vehicles (
      id ${text} primary key, customer_id ${text} references customers (id), created_at ${int} not null
    )${strict}`,
    `create index vehicles_customer on vehicles (customer_id, id)`,

    `create table certificates (
      id ${text} primary key, vehicle_id ${text} not null references vehicles (id),
      customer_id ${text} references customers (id),
      authority_id ${text} not null references certificate_authorities (id),
      algorithm ${text} not null check (algorithm in ('rsa', 'sm2')), serial ${text} not null unique,
      key_fingerprint ${text} not null, not_before ${int} not null, not_after ${int} not null,
      certificate ${text} not null, replaces ${text} references certificates (id),
      revoked_at ${int}, revoked_reason ${text}, created_at ${int} not null
    )${strict}`,
    `create index certificates_vehicle on certificates (vehicle_id, id)`,
    `create index certificates_customer on certificates (customer_id, id)`,
    `create index certificates_key on certificates (key_fingerprint)`,
    `create index certificates_revoked on certificates (authority_id, revoked_at) where revoked_at is not null`,

    `create table vehicle_keys (
      fingerprint ${text} primary key, vehicle_id ${text} not null references vehicles (id)
    )${strict}`,

    `create table enrolment_tokens (
      id ${text} primary key, customer_id ${text} references customers (id), vehicle_id ${text} not null,
      token_hash ${text} not null unique, expires_at ${int} not null, used_at ${int},
      certificate_id ${text} references certificates (id), created_at ${int} not null
    )${strict}`,
    `create index enrolment_tokens_customer on enrolment_tokens (customer_id, id)`,
    `create index enrolment_tokens_vehicle on enrolment_tokens (vehicle_id, id)`,

    `create table used_challenges (nonce ${text} primary key, expires_at ${int} not null)${strict}`,
    `create index used_challenges_expiry on used_challenges (expires_at)`,
  ],
};
