// Signatures of webhooks in the manner of Stripe: `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">`, and again v1 while
// a secret is being changed. What is older than WEBHOOK_TOLERANCE_MS is a replay.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { WEBHOOK_TOLERANCE_MS } from '../../config/limits.ts';
import type { WebhookRefusal } from './payment-provider.ts';

const TIME = /^t=(\d{1,12})$/;
const SIGNATURE = /^v1=([0-9a-f]{64})$/;

export function webhookSignature(secret: string, body: Uint8Array, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${macOf(secret, seconds, body).toString('hex')}`;
}

/** Undefined where it is good. */
export function whatIsWrongWithWebhook(
  secret: string,
  body: Uint8Array,
  header: string,
  nowMs: number,
): WebhookRefusal | undefined {
  const parts = header.split(',').map((part) => part.trim());
  const seconds = Number(parts.map((part) => TIME.exec(part)?.[1]).find((text) => text !== undefined));
  if (!Number.isInteger(seconds)) return 'webhook_signature_wrong';
  const expected = macOf(secret, seconds, body);
  const given = parts.flatMap((part) => SIGNATURE.exec(part)?.[1] ?? []);
  if (!given.some((hex) => timingSafeEqual(Buffer.from(hex, 'hex'), expected)))
    return 'webhook_signature_wrong';
  return Math.abs(nowMs - 1000 * seconds) > WEBHOOK_TOLERANCE_MS ? 'webhook_too_old' : undefined;
}

function macOf(secret: string, seconds: number, body: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
