import type { FastifyInstance } from 'fastify';
import { readFileSync } from 'node:fs';
import { buildOpenApi } from './openapi.ts';
import { buildReference } from './reference.ts';
import { referencePage } from './reference-page.ts';

/** /api/openapi.json and the readable /api/docs. */
export function bindReference(app: FastifyInstance): void {
  const routes = [
    { url: '/api/openapi.json', type: 'application/json; charset=utf-8', make: () => JSON.stringify(buildOpenApi()) },
    { url: '/api/docs', type: 'text/html; charset=utf-8', make: () => referencePage(buildReference()) },
    { url: '/api/docs.css', type: 'text/css; charset=utf-8', make: () => readFileSync(stylesheet, 'utf8') },
  ];
  for (const { url, type, make } of routes) {
    // Made when first asked for: most processes never are.
    let made: string | undefined;
    app.get(url, (_request, reply) => reply.type(type).send((made ??= make())));
  }
}

const stylesheet = new URL('reference.css', import.meta.url);
