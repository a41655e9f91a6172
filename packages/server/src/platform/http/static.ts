import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';

// Paths of the server, where an unknown one is an error and not a page of the client.
const SERVER_PATHS = /^\/(?:api|health|metrics|\.well-known|socket\.io|assets)(?:[/?]|$)/;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Confab</title></head>
<body>
<h1>Confab is running</h1>
<p>The web client has not been built. Build it with <code>npm run build</code>, then reload this page.</p>
<p>The API is described at <a href="/api/docs">/api/docs</a>.</p>
</body>
</html>
`;

/**
 * Serves the built web client in `root`, which may not exist yet. Files under `assets/` have their content's hash in the
 * name and may be cached forever; everything else is asked for again each time (an ETag makes that cheap).
 */
export function bindStatic(app: FastifyInstance, root: string): void {
  const assets = join(root, 'assets') + sep;
  app.register(fastifyStatic, {
    root,
    index: 'index.html',
    cacheControl: false,
    suppressWarning: true,
    setHeaders(reply, path) {
      const immutable = path.startsWith(assets);
      void reply.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

/** Answers a browser that opens a page of the client by address. False when the request is no such thing. */
export function answerPage(root: string, request: FastifyRequest, reply: FastifyReply): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const wantsPage = request.headers.accept?.includes('text/html') === true || request.url === '/';
  if (!reads || !wantsPage || SERVER_PATHS.test(request.url)) return false;
  if (existsSync(join(root, 'index.html'))) void reply.code(200).sendFile('index.html');
  else void reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(NOT_BUILT);
  return true;
}
