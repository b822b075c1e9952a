// The error codes that an operation has by what it takes, without naming them.

import { type ErrorCode } from './error-codes.ts';
import { type AnyRouteSpec } from './route-spec.ts';

export function commonCodes(spec: AnyRouteSpec): ErrorCode[] {
  if (spec.plain === true) return [];
  const codes: ErrorCode[] = ['unknown_parameter', 'too_many_requests', 'internal_error'];
  if (spec.params !== undefined) codes.push('invalid_parameter');
  if (spec.query !== undefined) codes.push('invalid_parameter', 'invalid_cursor');
  if (spec.method !== 'GET') codes.push('invalid_body', 'body_too_large', 'unsupported_media_type');
  if (spec.scope !== 'public') codes.push('authentication_required', 'store_unavailable');
  if (spec.scope !== 'public' && spec.scope !== 'app') codes.push(...KEY_CODES);
  if (spec.operatorsOnly === true) codes.push('operators_only');
  if (takesIdempotencyKey(spec)) codes.push(...IDEMPOTENCY_CODES);
  return [...new Set(codes)];
}

const KEY_CODES = [
  'key_invalid',
  'key_expired',
  'key_revoked',
  'key_suspended',
  'key_address_not_allowed',
  'insufficient_scope',
] as const;

const IDEMPOTENCY_CODES = ['invalid_parameter', 'idempotency_key_reused', 'idempotency_in_progress'] as const;

export function takesIdempotencyKey(spec: AnyRouteSpec): boolean {
  // Of nobody known nothing can be kept.
  if (spec.scope === 'public' || spec.scope === 'app') return false;
  return spec.idempotent ?? spec.method === 'POST';
}

export type AuditedSpec = Pick<AnyRouteSpec, 'method' | 'scope' | 'audited'>;

export function isAudited(spec: AuditedSpec): boolean {
  return spec.audited ?? (spec.method !== 'GET' && spec.scope !== 'app' && spec.scope !== 'public');
}
