/**
 * Wrong inputs for every field of every route and event, made from the tables. What is right for a field is worked out
 * from its JSON type alone, so a schema that accepts too much is found.
 */
import {
  clientEvents,
  type ClientEventName,
  type ErrorCode,
  rest,
  type RouteName,
  type RouteSpec,
} from '@confab/protocol';
import { z } from 'zod';

/** `any`: whatever the handler makes of it, except a failure (`internal`). */
export type Expected = 'any' | { code: ErrorCode; field?: string };

interface BadValue {
  title: string;
  value: unknown;
  expected: Expected;
}

export interface RestCase {
  route: RouteName;
  title: string;
  method: RouteSpec['method'];
  /** With the query. */
  path: string;
  /** JSON text, or a file. */
  body: string | undefined;
  /** Of a file. */
  type?: string | undefined;
  expected: Expected;
}

export interface EventCase {
  event: ClientEventName;
  title: string;
  input: unknown;
  expected: Expected;
}

// Never stored as text and never shown: any character will do.
const OPAQUE = new Set(['password', 'current', 'code', 'refreshToken', 'token', 'cursor']);
// Longer than any field may be, shorter than a body may be.
const LONG = 'x'.repeat(60_000);
const MEGABYTE = 'x'.repeat(1 << 20);
const SAMPLES: readonly unknown[] = [
  '01890a5d-ac96-774b-bcce-b302099a8057',
  'ada@example.com',
  'sample',
  'sample-client-id',
  '👍',
  '/api/files/sample',
  '123456',
  '+4915112345678',
  'Europe/Berlin',
  '192.0.2.0/24',
  'example.org',
  'de',
  50,
  '7',
  7,
  true,
  {},
];
const polluting = (key: string): unknown => JSON.parse(`{"${key}":{"polluted":true}}`);

/** An input the schema accepts, with as many optional fields as go together. */
function validInput(schema: z.ZodType): unknown {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const fields = Object.entries(inner.shape) as [string, z.ZodType][];
    const isOptional = (field: z.ZodType) => field.safeParse(undefined).success;
    const entry = ([key, field]: [string, z.ZodType]): [string, unknown] => [key, validInput(field)];
    let value = Object.fromEntries(fields.filter(([, field]) => !isOptional(field)).map(entry));
    for (const optional of fields.filter(([, field]) => isOptional(field))) {
      const more = { ...value, ...Object.fromEntries([entry(optional)]) };
      if (inner.safeParse(more).success) value = more;
    }
    return value;
  }
  if (inner instanceof z.ZodArray) return [validInput(inner.element as z.ZodType)];
  if (inner instanceof z.ZodDiscriminatedUnion) return validInput(optionsOf(inner)[0]);
  const json = jsonOf(inner);
  const sample = [...(json.enum ?? []), json.const, ...(json.examples ?? []), ...SAMPLES].find(
    (value) => inner.safeParse(value).success,
  );
  if (sample === undefined) throw new Error('no sample fits; add one to SAMPLES');
  return sample;
}

/** A request each route's schemas accept. */
export function validRequests(): RestCase[] {
  return routes().map(([name, row]) => request(name, row, 'valid', validParts(row), 'any'));
}

/** Every route with every field wrong in every way. */
export function badRequests(): RestCase[] {
  return routes().flatMap(([name, row]) => [
    ...badBodies(name, row),
    ...badUploads(name, row),
    ...badQueries(name, row),
    ...badParams(name, row),
  ]);
}

/** Every event with every field wrong in every way that fits into a frame. */
export function badEvents(): EventCase[] {
  return (Object.keys(clientEvents) as ClientEventName[]).flatMap((event) =>
    badValues(clientEvents[event].input, '')
      .filter(({ value }) => value !== undefined)
      .map(({ title, value, expected }) => ({ event, title: `${event}: ${title}`, input: value, expected })),
  );
}

function* badBodies(name: RouteName, row: RouteSpec): Generator<RestCase> {
  if (row.body === undefined) return;
  const parts = validParts(row);
  for (const { title, value, expected } of badValues(row.body, '')) {
    yield request(name, row, `body: ${title}`, { ...parts, body: value }, expected);
  }
  for (const field of Object.keys(parts.body as object)) {
    const body = { ...(parts.body as object), [field]: MEGABYTE };
    yield request(name, row, `body: ${field} of a megabyte`, { ...parts, body }, { code: 'payload_too_large' });
  }
  const path = request(name, row, '', parts, 'any').path;
  for (const [title, body] of [
    ['cut off', '{"'],
    ['not JSON', 'name=ada'],
    ['two values', '{}{}'],
  ] as const) {
    const expected = { code: 'malformed' } as const;
    yield { route: name, title: `${name}: body: ${title}`, method: row.method, path, body, expected };
  }
}

function* badUploads(name: RouteName, row: RouteSpec): Generator<RestCase> {
  const { upload } = row;
  if (upload === undefined) return;
  const { field } = upload;
  const file = request(name, row, 'file', validParts(row), 'any');
  yield { ...file, title: `${name}: an empty file`, body: '', expected: wrong(field) };
  const large = 'x'.repeat(upload.maxBytes + 1);
  yield { ...file, title: `${name}: too large`, body: large, expected: { code: 'payload_too_large', field } };
  for (const type of ['application/json', 'text/plain', 'image/svg+xml', 'multipart/form-data; boundary=x']) {
    yield { ...file, title: `${name}: ${type}`, type, expected: { code: 'unsupported_media_type' } };
  }
}

function* badQueries(name: RouteName, row: RouteSpec): Generator<RestCase> {
  if (row.query === undefined) return;
  const parts = validParts(row);
  for (const [field, schema] of Object.entries(row.query.shape) as [string, z.ZodType][]) {
    const bad = (title: string, value: string | string[] | undefined, expected: Expected = wrong(field)) =>
      request(
        name,
        row,
        `query: ${field}: ${title}`,
        { ...parts, query: { ...parts.query, [field]: value } },
        expected,
      );
    const opaque = OPAQUE.has(field);
    if (!schema.safeParse(undefined).success) yield bad('missing', undefined);
    yield bad('twice', ['a', 'b']);
    yield bad('long', LONG.slice(0, 5000));
    yield bad('longer than a request line', LONG.slice(0, 20_000), { code: 'payload_too_large' });
    yield bad('control characters', 'a\u0000\u0007b', opaque ? 'any' : wrong(field));
    yield bad('direction override', 'a\u202eb', opaque ? 'any' : wrong(field));
    if (jsonOf(schema, 'output').type !== 'integer') continue;
    for (const text of ['null', '', ' ', '-1', '1.5', '1e3', '0x10', 'NaN', '9'.repeat(16)])
      yield bad(`«${text}»`, text);
  }
  const known = row.query.safeParse({ ...parts.query, surprise: 'x' }).success ? [] : ['surprise'];
  for (const key of ['__proto__', 'constructor', ...known]) {
    const query = { ...parts.query };
    Object.defineProperty(query, key, { value: 'x', enumerable: true });
    yield request(name, row, `query: ${key}`, { ...parts, query }, wrong(key));
  }
}

function* badParams(name: RouteName, row: RouteSpec): Generator<RestCase> {
  const parts = validParts(row);
  for (const [field, schema] of Object.entries(row.params?.shape ?? {}) as [string, z.ZodType][]) {
    for (const value of ['null', '7', '[]', '{}', '__proto__', 'constructor', '\u0000', "'--", LONG.slice(0, 5000)]) {
      // Codes may be any word.
      if (jsonOf(schema).format !== 'uuid' && schema.safeParse(value).success) continue;
      const params = { ...parts.params, [field]: value };
      yield request(
        name,
        row,
        `params: ${field}: ${JSON.stringify(value.slice(0, 20))}`,
        { ...parts, params },
        wrong(field),
      );
    }
    const params = { ...parts.params, [field]: '%zz' };
    const { path } = request(name, row, '', { ...parts, params }, 'any');
    const title = `${name}: params: ${field}: broken escape`;
    const body = row.body === undefined ? undefined : JSON.stringify(parts.body);
    yield {
      route: name,
      title,
      method: row.method,
      path: path.replace('%25zz', '%zz'),
      body,
      expected: { code: 'malformed' },
    };
  }
}

/** Wrong values in the place of one that `schema` accepts; `path` is the place's name in a refusal. */
function* wrongValues(schema: z.ZodType, path: string): Generator<BadValue> {
  const { inner, nullable } = unwrap(schema);
  const json = jsonOf(inner);
  const of = (title: string, value: unknown, expected: Expected = wrong(path)): BadValue => ({
    title: `${path === '' ? 'the whole' : path}: ${title}`,
    value,
    expected,
  });
  if (!schema.safeParse(undefined).success) yield of('missing', undefined);
  if (!nullable) yield of('null', null);
  if (json.type !== 'boolean') yield of('true', true);
  if (json.type !== 'array') yield of('an array', []);
  if (json.type !== 'object') yield of('an object', {});
  for (const key of ['__proto__', 'constructor']) yield of(key, polluting(key), wrong(dotted(path, key)));
  if (json.type === 'integer') {
    for (const value of [-1, 1.5, 1e300, '7', '']) yield of(JSON.stringify(value), value);
    return;
  }
  if (json.type !== 'number') yield of('a number', 7);
  if (json.type !== 'string') {
    yield of('text', 'text');
    return;
  }
  const opaque = OPAQUE.has(path.split('.').at(-1) ?? '');
  const sample = String(validInput(inner));
  yield of('long', LONG);
  yield of('control characters', `${sample}\u0000\u0007`, opaque ? 'any' : wrong(path));
  yield of('half a surrogate pair', `${sample}\ud800`, opaque ? 'any' : wrong(path));
  if (json.enum !== undefined) yield of('no such choice', 'no such choice');
}

function* badValuesOf(schema: z.ZodType, path: string): Generator<BadValue> {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodDiscriminatedUnion) {
    const mayBeMissing = schema.safeParse(undefined).success;
    for (const option of optionsOf(inner)) {
      for (const bad of badValuesOf(option, path)) if (bad.value !== undefined || !mayBeMissing) yield bad;
    }
    return;
  }
  yield* wrongValues(schema, path);
  if (inner instanceof z.ZodObject) {
    const valid = validInput(inner) as Record<string, unknown>;
    yield {
      title: `${dotted(path, 'surprise')}: unknown`,
      value: { ...valid, surprise: 1 },
      expected: wrong(dotted(path, 'surprise')),
    };
    for (const [key, field] of Object.entries(inner.shape) as [string, z.ZodType][]) {
      for (const bad of badValuesOf(field, dotted(path, key))) yield { ...bad, value: { ...valid, [key]: bad.value } };
    }
  } else if (inner instanceof z.ZodArray) {
    for (const bad of badValuesOf(inner.element as z.ZodType, dotted(path, '0'))) {
      // JSON has no undefined in a list.
      if (bad.value !== undefined) yield { ...bad, value: [bad.value] };
    }
  }
}

function badValues(schema: z.ZodType, path: string): BadValue[] {
  return [...badValuesOf(schema, path)];
}

interface Parts {
  params: Record<string, string>;
  query: Record<string, string | string[] | undefined>;
  body: unknown;
}

function validParts(row: RouteSpec): Parts {
  return {
    params: row.params === undefined ? {} : (validInput(row.params) as Parts['params']),
    query: row.query === undefined ? {} : (validInput(row.query) as Parts['query']),
    body: row.body === undefined ? undefined : validInput(row.body),
  };
}

function request(route: RouteName, row: RouteSpec, title: string, parts: Parts, expected: Expected): RestCase {
  const path = row.path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(parts.params[key] ?? ''));
  const pairs = Object.entries(parts.query).flatMap(([key, value]) =>
    [value ?? []].flat().map((one): [string, string] => [key, one]),
  );
  const query = new URLSearchParams(pairs).toString();
  return {
    route,
    title: `${route}: ${title}`,
    method: row.method,
    path: query === '' ? path : `${path}?${query}`,
    body: row.upload !== undefined ? 'bytes' : row.body === undefined ? undefined : JSON.stringify(parts.body),
    type: row.upload?.types[0],
    expected,
  };
}

function routes(): [RouteName, RouteSpec][] {
  return Object.entries(rest) as [RouteName, RouteSpec][];
}

function wrong(field: string): Expected {
  return { code: 'bad_input', field };
}

function dotted(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; nullable: boolean } {
  if (schema instanceof z.ZodNullable) return { inner: unwrap(schema.unwrap() as z.ZodType).inner, nullable: true };
  // Text of a certain form, or none.
  if (schema instanceof z.ZodUnion && !(schema instanceof z.ZodDiscriminatedUnion)) {
    return unwrap(schema.options[0] as z.ZodType);
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap() as z.ZodType);
  return { inner: schema, nullable: false };
}

function optionsOf(union: z.ZodDiscriminatedUnion): [z.ZodType, ...z.ZodType[]] {
  return union.options as unknown as [z.ZodType, ...z.ZodType[]];
}

/** The JSON type of a leaf, with references to named schemas followed. */
function jsonOf(
  schema: z.ZodType,
  io: 'input' | 'output' = 'input',
): { type?: unknown; format?: unknown; enum?: unknown[]; const?: unknown; examples?: unknown[] } {
  const json = z.toJSONSchema(schema, { io });
  const name = json.$ref?.replace('#/$defs/', '');
  return name === undefined ? json : (json.$defs?.[name] ?? json);
}
