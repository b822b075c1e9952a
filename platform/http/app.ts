// The HTTP interface: health, metrics, live events, sessions, and whatever routes the composition root adds. Here is
// what holds for all of them: limits, request ids, headers, and that every error is problem+json with a code of
// error-codes.ts and tells nothing of the inside.

import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import {
  HTTP_BODY_BYTES_MAX,
  HTTP_CLOSE_GRACE_MS,
  HTTP_CONNECTIONS_MAX,
  HTTP_HEAD_BYTES_MAX,
  HTTP_IDLE_TIMEOUT_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  IDEMPOTENCY_SWEEP_PERIOD_MS,
} from '../../config/limits.ts';
import { type Journal } from '../observe/journal.ts';
import { type Metrics } from '../observe/metrics.ts';
import { isStoreDown } from '../store/store-error.ts';
import { setApi } from './api.ts';
import { apiOf, type ApiOptions } from './api-options.ts';
import { watchMethods } from './allowed-methods.ts';
import { bundlePages, CONSOLE, SHOP } from './bundle-pages.ts';
import { type ErrorCode } from './error-codes.ts';
import { EventFeed } from './event-feed.ts';
import { eventRoutes } from './event-routes.ts';
import { healthRoutes, type ReadinessCheck } from './health-routes.ts';
import { documentRoutes } from './openapi.ts';
import { addressOf, plainAddress } from './peer-address.ts';
import { answerProblem, problem, sendProblem } from './problem.ts';
import { answerUnreadable } from './raw-problem.ts';
import { readBodies } from './read-bodies.ts';
import { referencePage } from './reference-page.ts';
import { requestIdOf } from './request-id.ts';
import { apiKeyRoutes } from './resources/api-keys.ts';
import { auditRoutes } from './resources/audit.ts';
import { customerRoutes } from './resources/customers.ts';
import { meRoute, type NtripPlace } from './resources/me.ts';
import { rolesRoute } from './resources/roles.ts';
import { settingsRoutes } from './resources/settings.ts';
import { timeRoute } from './resources/time.ts';
import { NO_SETTINGS, type SettingsPort } from './settings-port.ts';

export interface HttpAppOptions extends ApiOptions {
  readonly metrics: Metrics;
  readonly readiness: readonly ReadinessCheck[];
  readonly version: string;
  /** Connections at a time; HTTP_CONNECTIONS_MAX where nothing is said. */
  readonly connectionsMax?: number;
  /** Tags of further routes, each with its sentence for the reference. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Told to whoever asks what his key stands for. */
  readonly ntrip?: NtripPlace;
  /** Of a server without any where nothing is said. */
  readonly settings?: SettingsPort;
  /** Whether X-Forwarded-For of this peer is believed; asked per request, so a reload may change it. Nobody by default. */
  readonly isTrustedProxy?: (address: string) => boolean;
}

/** What the library calls an error that the request is to blame for. */
const LIBRARY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_body',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_body',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

/** Seconds after which a store that went away is asked for again by a polite program. */
const STORE_RETRY_S = 5;

/** Not for pages, which set a Content-Security-Policy of their own. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/**
 * Listens nowhere yet: `listenHttp` does. `close()` ends event streams and idle connections at once, gives requests
 * under way HTTP_CLOSE_GRACE_MS, and resolves when every connection is gone.
 */
export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const { journal, isTrustedProxy = () => false } = options;
  const app = fastify({
    logger: false,
    bodyLimit: HTTP_BODY_BYTES_MAX,
    requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
    connectionTimeout: HTTP_IDLE_TIMEOUT_MS,
    http: {
      maxHeaderSize: HTTP_HEAD_BYTES_MAX,
      headersTimeout: HTTP_REQUEST_TIMEOUT_MS,
      // How often Node looks for requests that take too long.
      connectionsCheckingInterval: 1000,
    },
    // The library's own answer while closing would be none of ours; what is under way is answered as usual.
    return503OnClosing: false,
    trustProxy: (address) => isTrustedProxy(plainAddress(address)),
    genReqId: requestIdOf,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => {
      void answerError(journal, error, request, setHeaders(reply));
    },
  });
  app.server.maxConnections = options.connectionsMax ?? HTTP_CONNECTIONS_MAX;
  const methodsOf = watchMethods(app);

  app.addHook('onRequest', (_request, reply, done) => {
    setHeaders(reply);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    recordAnswer(journal, request, reply);
    done();
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => answerError(journal, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url.split('?', 1)[0]!);
    if (methods.length === 0) return sendProblem(reply, 'not_found');
    return sendProblem(reply.header('allow', methods.join(', ')), 'method_not_allowed');
  });

  readBodies(app);
  setApi(app, apiOf(options));
  documentRoutes(app, options.tags);
  referencePage(app);
  app.get('/', (_request, reply) => reply.redirect(`${CONSOLE.at}/`, 302));
  bundlePages(app, CONSOLE);
  bundlePages(app, SHOP);

  const feed = new EventFeed(journal);
  healthRoutes(app, options);
  eventRoutes(app, { feed });
  timeRoute(app);
  meRoute(app, options.ntrip ?? { host: null, port: null });
  rolesRoute(app);
  customerRoutes(app);
  apiKeyRoutes(app);
  auditRoutes(app);
  settingsRoutes(app, options.settings ?? NO_SETTINGS);

  const sweep = setInterval(() => {
    app.api.idempotency.sweep().catch((error: unknown) => {
      journal.record('warn', 'idempotency_sweep_failed', { error: String(error) });
    });
  }, IDEMPOTENCY_SWEEP_PERIOD_MS).unref();
  app.addHook('preClose', (done) => {
    clearInterval(sweep);
    feed.close();
    setTimeout(() => app.server.closeAllConnections(), HTTP_CLOSE_GRACE_MS).unref();
    done();
  });
  return app;
}

function setHeaders<Reply extends FastifyReply>(reply: Reply): Reply {
  reply.headers(HEADERS).header('x-request-id', reply.request.id);
  return reply;
}

/** A bug is told to the log in full, and to whoever asked only by the request's id. */
function answerError(
  journal: Journal,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode ?? 500;
  const code = LIBRARY_CODES[error.code] ?? (status >= 400 && status < 500 ? 'malformed_request' : undefined);
  if (code !== undefined) return sendProblem(reply, code);
  journal.recordSampled(request.routeOptions.url ?? '', 'error', 'http_failed', {
    method: request.method,
    path: request.routeOptions.url,
    requestId: request.id,
    error: error.message,
    stack: error.stack,
  });
  if (isStoreDown(error)) return answerProblem(reply, problem('store_unavailable', {}, STORE_RETRY_S));
  return sendProblem(reply, 'internal_error');
}

function recordAnswer(journal: Journal, request: FastifyRequest, reply: FastifyReply): void {
  journal.record('debug', 'http_answered', {
    method: request.method,
    path: request.routeOptions.url,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime),
    address: addressOf(request),
    requestId: request.id,
  });
}
