import fastifyCookie from '@fastify/cookie';
import fastifyCors from '@fastify/cors';
import { ProtocolError } from '@confab/protocol';
import { type FastifyBaseLogger, type FastifyInstance, fastify, type FastifyRequest, LogController } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { trustedProxies, type TrustProxy } from '../addresses.ts';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { acceptRequestId, REQUEST_ID_HEADER, runWithRequest } from '../requests.ts';
import { readJson } from './bodies.ts';
import { bindHealth, type HealthCheck } from './health.ts';
import { bindMetrics } from './metrics.ts';
import { bindReference } from './reference-routes.ts';
import { bindNotFound, refuse, refuseSocket } from './refusal.ts';
import { isAllowedOrigin, securityHeaders } from './security.ts';
import { answerPage, bindStatic } from './static.ts';

export interface HttpServerOptions {
  http: {
    /** Scheme, host and port, without a slash at the end. */
    publicUrl: string | undefined;
    corsOrigins: readonly string[];
    trustProxy: TrustProxy;
    /** When set, /metrics asks for it as a bearer token. */
    metricsToken: string | undefined;
  };
  /** The folder of the built web client; it may not exist yet. */
  webRoot: string;
  healthChecks: readonly HealthCheck[];
  /** True from the moment a stop was asked for. */
  stopping: () => boolean;
  log: Logger;
  clock: Clock;
  ids: Ids;
  metrics: Metrics;
}

/** Inputs are parsed by the protocol's table (bind.ts). Fastify would load its own ways of doing that, 130 files. */
const NO_SCHEMAS = { buildValidator: () => unused, buildSerializer: () => unused };

function unused(): never {
  throw new Error('no route has a schema of Fastify');
}

/**
 * The HTTP server, not yet listening: request ids, security headers, errors, health, metrics, reference and web client.
 * `bindRest` adds the routes of the modules. It serves what arrives until it is closed.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { http, log, ids, metrics } = options;
  const headers = securityHeaders(http.publicUrl);
  const refusal = { log, metrics, headers };
  // Keeps pino's own type out of the type of `app`.
  const logger: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance: logger,
    // Every line carries the request id by itself (requests.ts), and each request is logged once, below.
    childLoggerFactory: () => logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => acceptRequestId(request.headers[REQUEST_ID_HEADER], () => ids.uuid()),
    requestIdHeader: false,
    trustProxy: trustedProxies(http.trustProxy),
    // Time to receive a whole request, against clients that never finish one.
    requestTimeout: 30_000,
    // What was accepted is finished: lifecycle decides when to close.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 16_384 },
    schemaController: { compilersFactory: NO_SCHEMAS },
    frameworkErrors: (error, request, reply) =>
      runWithRequest(request.id, () => refuse(refusal, error, request, reply)),
    clientErrorHandler: (error, socket) => refuseSocket(refusal, ids.uuid(), error, socket),
  });

  app.addHook('onRequest', (request, _reply, done) => runWithRequest(request.id, done));
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ ...headers, [REQUEST_ID_HEADER]: request.id });
    // The router also reads what is percent-encoded or has a host before it: then the route tells.
    if (!request.url.startsWith('/api/') && request.routeOptions.url?.startsWith('/api/') !== true) return done();
    void reply.header('cache-control', 'no-store');
    const allowed = isAllowedOrigin(request.headers.origin, request.headers.host, http);
    done(allowed ? undefined : new ProtocolError('origin_refused'));
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // A connection kept alive would be one that closing waits for.
    if (options.stopping()) void reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    metrics.httpSeconds.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, reply.elapsedTime / 1000);
    const level = route.startsWith('/api/') ? 'info' : 'debug';
    runWithRequest(request.id, () =>
      log[level]({ method, route, status, ms: Math.round(reply.elapsedTime) }, 'request'),
    );
    done();
  });
  app.setErrorHandler((error, request, reply) => refuse(refusal, error, request, reply));
  bindNotFound(app, (request, reply) => answerPage(options.webRoot, request, reply));

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (_request: FastifyRequest, payload: IncomingMessage) =>
    readJson(payload),
  );
  const https = http.publicUrl?.startsWith('https:') === true;
  // What `Call.setCookie` promises; a proxy may end TLS before us.
  app.register(fastifyCookie, { parseOptions: { httpOnly: true, sameSite: 'lax', secure: https ? true : 'auto' } });
  if (http.corsOrigins.length > 0) {
    app.register(fastifyCors, {
      origin: [...http.corsOrigins],
      credentials: true,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'x-csrf-token', REQUEST_ID_HEADER],
      exposedHeaders: ['retry-after', REQUEST_ID_HEADER],
      maxAge: 600,
      strictPreflight: false,
    });
  }

  bindHealth(app, { checks: options.healthChecks, stopping: options.stopping, clock: options.clock, log });
  bindMetrics(app, metrics, http.metricsToken);
  bindReference(app);
  bindStatic(app, options.webRoot);
  return app;
}
