// The signed API of devices. The desk proves the signature and decides; here question and answer are only carried.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addressOf } from '../../platform/http/peer-address.ts';
import { route } from '../../platform/http/route.ts';
import { timeOf } from '../../platform/http/schemas.ts';
import { REFUSAL_REASONS } from '../accounts/refusal-reason.ts';
import type { SignedCall, TerminalStatus } from '../accounts/terminal-desk.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { REFUSAL_CODES, refusalProblem } from './refusal-errors.ts';
import {
  terminalCredentials,
  terminalLogin,
  terminalStatus,
  viewOfTerminalStatus,
} from './schemas/terminal.ts';

const TAG = 'terminal';
const NO_BYTES = new Uint8Array();

export function terminalRoutes(app: FastifyInstance, { terminal }: CasterRoutesPorts): void {
  const { desk } = terminal;

  route(app, {
    method: 'POST',
    path: '/v1/terminal/login',
    operationId: 'terminalLogin',
    tag: TAG,
    summary: 'Turn a device into a login: an account for plain NTRIP',
    description: 'Signed with RC1. A nonce works once: to repeat the call, sign it anew.',
    scope: 'app',
    idempotent: false,
    body: terminalLogin,
    response: { 200: terminalCredentials },
    errors: REFUSAL_CODES,
    examples: { body: { mountpoint: 'TEST1' } },
    handle: async ({ request, body }) => {
      const answer = await desk.login(callOf(request), body);
      if (!answer.ok) return refusalProblem(answer);
      const { username, password, mountpoint = null, expiresAtMs } = answer.value;
      const { host, port } = terminal.placeFor(request);
      const expiresAt = timeOf(expiresAtMs);
      return { status: 200, body: { username, password, host, port, mountpoint, expiresAt } };
    },
  });

  route(app, {
    method: 'POST',
    path: '/v1/terminal/activate',
    operationId: 'terminalActivate',
    tag: TAG,
    summary: 'Activate the account of a device; again is no error',
    description: 'Signed with RC1.',
    scope: 'app',
    idempotent: false,
    response: { 200: terminalStatus },
    errors: REFUSAL_CODES,
    handle: async ({ request }) => {
      const answer = await desk.activate(callOf(request));
      return answer.ok ? statusAnswer(answer.value, true) : refusalProblem(answer);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/terminal/status',
    operationId: 'terminalStatus',
    tag: TAG,
    summary: 'How things stand for a device',
    description: 'Signed with RC1, over the path with its query.',
    scope: 'app',
    query: z.strictObject({ verbose: z.enum(['0', '1']).default('0') }),
    response: { 200: terminalStatus },
    errors: REFUSAL_CODES,
    handle: async ({ request, query }) => {
      const answer = await desk.status(callOf(request));
      return answer.ok ? statusAnswer(answer.value, query.verbose === '1') : refusalProblem(answer);
    },
  });
}

function statusAnswer(status: TerminalStatus, isVerbose: boolean) {
  const { refusal } = status;
  if (refusal === undefined) return { status: 200 as const, body: viewOfTerminalStatus(status, null) };
  const { text: meaning, fix } = REFUSAL_REASONS[refusal.reason];
  const told = { reason: refusal.reason, meaning, ...(isVerbose ? { fix } : {}) };
  return { status: 200 as const, body: viewOfTerminalStatus(status, told) };
}

function callOf(request: FastifyRequest): SignedCall {
  return {
    authorization: request.headers.authorization,
    method: request.method,
    path: request.url,
    body: request.rawBody ?? NO_BYTES,
    address: addressOf(request),
    userAgent: request.headers['user-agent'] ?? '',
    isWanted: () => !request.raw.socket.destroyed,
  };
}
