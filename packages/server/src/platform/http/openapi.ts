import { ErrorAnswer, type ErrorCode, errors, rest, type RouteName, type RouteSpec } from '@confab/protocol';
import type { z } from 'zod';
import { errorsOf, statusOf } from './reference.ts';
import { type Schema, Schemas } from './schemas.ts';

/** The OpenAPI 3.1 document of the REST table. */
export function buildOpenApi(): Record<string, unknown> {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, row] of Object.entries(rest) as [string, RouteSpec][]) {
    const path = row.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[row.method.toLowerCase()] = operation(name, row, schemas);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Confab',
      version: '1',
      description:
        'Generated from the table the server is bound by. Answers may gain fields: ignore those you do not know.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(rest).map((row) => row.group))].map((group) => ({ name: group })),
    paths,
    components: {
      schemas: Object.fromEntries(schemas.components),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        refreshCookie: { type: 'apiKey', in: 'cookie', name: 'confab_refresh' },
        csrf: { type: 'apiKey', in: 'header', name: 'x-csrf-token' },
      },
    },
  };
}

function operation(name: string, row: RouteSpec, schemas: Schemas): Record<string, unknown> {
  const parameters = [...parametersOf(row.params, 'path', schemas), ...parametersOf(row.query, 'query', schemas)];
  const body = bodyOf(row, schemas);
  return {
    operationId: name,
    tags: [row.group],
    summary: row.summary,
    security: { none: [{}], user: [{ bearer: [] }], refresh: [{}, { refreshCookie: [], csrf: [] }] }[row.auth],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { ...successes(name, row, schemas), ...refusals(name, row, schemas) },
  };
}

function bodyOf({ body, upload }: RouteSpec, schemas: Schemas): Record<string, unknown> | undefined {
  // Bytes have no schema (OpenAPI 3.1, "Considerations for File Uploads").
  if (upload !== undefined)
    return { required: true, content: Object.fromEntries(upload.types.map((type) => [type, {}])) };
  if (body === undefined) return undefined;
  return {
    required: !body.safeParse(undefined).success,
    content: { 'application/json': { schema: schemas.describe(body, 'input') } },
  };
}

function parametersOf(part: z.ZodObject | undefined, where: 'path' | 'query', schemas: Schemas) {
  return Object.entries(part?.shape ?? {}).map(([name, field]) => {
    // Of the number a query's text is turned into.
    const { description, ...schema } = schemas.describe(field as z.ZodType, 'output');
    return {
      name,
      in: where,
      required: where === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}

function successes(name: string, row: RouteSpec, schemas: Schemas): Record<string, unknown> {
  if (row.redirect === true) {
    const headers = { location: { required: true, schema: { type: 'string' } } };
    return { [statusOf(row)]: { description: row.summary, headers } };
  }
  if (row.download !== undefined) {
    return { [statusOf(row)]: { description: row.summary, content: { [row.download]: {} } } };
  }
  if (row.output === undefined) return { [statusOf(row)]: { description: 'Done.' } };
  const content: Record<string, { schema: Schema }> = {
    'application/json': { schema: schemas.describe(row.output, 'output') },
  };
  if (name === 'metrics') content['text/plain'] = { schema: { type: 'string' } };
  const answer = { description: row.summary, content };
  return { [statusOf(row)]: answer, ...(row.otherStatus === undefined ? {} : { [row.otherStatus]: answer }) };
}

function refusals(name: string, row: RouteSpec, schemas: Schemas): Record<string, unknown> {
  const content = { 'application/json': { schema: schemas.describe(ErrorAnswer, 'output') } };
  const byStatus = Map.groupBy(errorsOf(name as RouteName, row), (code) => errors[code].status);
  const text = (codes: ErrorCode[]) => codes.map((code) => `\`${code}\`: ${errors[code].message}`).join('\n\n');
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, { description: text(codes), content }]));
}
