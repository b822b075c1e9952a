// The page of the built-in test provider, and what happens at its bank. Whoever has the reference may pay: there is no
// money. Where the provider is not configured there is none of this.

import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { route } from '../../platform/http/route.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { testPaymentAction, testPaymentParams, testPaymentView } from './schemas/payment.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'payments';

const SCRIPT = `for (const b of document.querySelectorAll('button')) b.onclick = async () => {
  const answer = await fetch(location.pathname, {method: 'POST', headers: {'content-type': 'application/json'},
    body: JSON.stringify({action: b.value})});
  const body = await answer.json();
  document.querySelector('output').textContent = body.state ?? body.title;
};`;
const STYLE =
  'body{font:18px system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}button{font:inherit;margin:.5rem .5rem 0 0;padding:.5rem 1rem}';

const POLICY = `default-src 'none'; connect-src 'self'; script-src '${hashOf(SCRIPT)}'; style-src '${hashOf(STYLE)}'; frame-ancestors 'none'`;

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

export function testPaymentRoutes(app: FastifyInstance, { testProvider }: ShopRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/test-payments/{reference}',
    operationId: 'getTestPaymentPage',
    tag: TAG,
    summary: 'The page of the test provider on which nothing is paid but everything happens',
    scope: 'public',
    params: testPaymentParams,
    response: {},
    file: { contentType: 'text/html; charset=utf-8', description: 'The page' },
    errors: ['test_payment_not_found', 'store_unavailable'],
    handle: async ({ params: { reference }, reply }) => {
      const row = await testProvider?.find(reference);
      if (row === undefined) return licensingProblem('test_payment_not_found');
      reply.header('content-security-policy', POLICY);
      const content = pageOf(
        `${(Number(row.amount_micros) / 1_000_000).toFixed(2)} ${row.currency}`,
        row.state,
      );
      return { file: { name: 'payment.html', content, isShown: true } };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/test-payments/{reference}',
    operationId: 'actOnTestPayment',
    tag: TAG,
    summary: 'Pay at the test provider, fail to, or dispute it',
    scope: 'public',
    params: testPaymentParams,
    body: testPaymentAction,
    response: { 200: testPaymentView },
    errors: ['test_payment_not_found', 'test_payment_state_wrong', 'store_unavailable'],
    handle: async ({ params: { reference }, body: { action } }) => {
      const row = await testProvider?.find(reference);
      if (row === undefined || testProvider === undefined) return licensingProblem('test_payment_not_found');
      const acted = await testProvider.act(reference, action);
      if (acted === undefined) {
        return licensingProblem('test_payment_state_wrong', { detail: `it is ${row.state}` });
      }
      return { status: 200, body: { reference, state: acted.state } };
    },
  });
}

/** All of it is ours: an amount, a currency of three capitals, a state. */
function pageOf(amount: string, state: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Test payment</title><style>${STYLE}</style>
<h1>Test payment 测试支付</h1><p>${amount}</p><p><output>${state}</output></p>
<button value="pay">Pay 支付</button><button value="fail">Refuse 拒绝</button>
<script>${SCRIPT}</script></html>
`;
}
