/** The tables of the protocol as what a reader wants to know. Pages, Markdown and OpenAPI are made from this alone. */
import {
  type ClientEventName,
  type ClientEventSpec,
  clientEvents,
  ErrorAnswer,
  type ErrorCode,
  errors,
  rest,
  type RouteName,
  type RouteSpec,
  serverEvents,
  type Upload,
} from '@confab/protocol';
import type { z } from 'zod';
import { accessErrors, accessText, eventAccessErrors } from './reference-access.ts';
import { curlOf } from './reference-examples.ts';
import { referredTo, type Schema, Schemas } from './schemas.ts';

/** A piece of a type's text; `ref` names one of `types`. */
export type TypePart = string | { ref: string };

export interface FieldReference {
  /** Dotted from the top; `[]` stands for each entry of a list. */
  name: string;
  type: TypePart[];
  required: boolean;
  /** Of a value that takes one of several forms: the forms it belongs to, such as `type` "user". */
  form?: string;
  description: string;
}

/** A value: a name or a few words, and its fields when it has any that are not described elsewhere. */
export interface ValueReference {
  type: TypePart[];
  fields: FieldReference[];
}

export interface RouteReference {
  name: string;
  row: RouteSpec;
  /** Who may call it, as Markdown. */
  access: string;
  inputs: { where: 'path' | 'query' | 'body'; value: ValueReference }[];
  output: ValueReference | undefined;
  status: number;
  errors: ErrorCode[];
  curl: string;
}

export interface ClientEventReference {
  name: string;
  summary: string;
  input: ValueReference;
  output: ValueReference;
  errors: ErrorCode[];
}

export interface ServerEventReference {
  name: string;
  summary: string;
  payload: ValueReference;
}

export interface TypeReference extends ValueReference {
  name: string;
  description: string;
}

export interface Reference {
  groups: { name: string; routes: RouteReference[] }[];
  clientEvents: ClientEventReference[];
  serverEvents: ServerEventReference[];
  errors: { code: ErrorCode; status: number; retryable: boolean; message: string; details?: readonly string[] }[];
  types: TypeReference[];
}

/** Errors any event can be answered with, beside its own. */
const EVENT_ERRORS: readonly ErrorCode[] = ['bad_input', 'too_many_requests', 'internal', 'unavailable'];

export function buildReference(): Reference {
  const schemas = new Schemas();
  schemas.describe(ErrorAnswer, 'output');
  const value = (schema: z.ZodType, io: 'input' | 'output'): ValueReference =>
    describeValue(schemas.describe(schema, io));

  const routes = Object.entries(rest).map(([name, entry]): RouteReference => {
    const row: RouteSpec = entry;
    const inputs: RouteReference['inputs'] = [];
    // What a query's text is turned into says more than that it is text.
    if (row.params !== undefined) inputs.push({ where: 'path', value: value(row.params, 'output') });
    if (row.query !== undefined) inputs.push({ where: 'query', value: queryValue(schemas, row.query) });
    if (row.body !== undefined) inputs.push({ where: 'body', value: value(row.body, 'input') });
    if (row.upload !== undefined) inputs.push({ where: 'body', value: fileValue(row.upload) });
    return {
      name,
      row,
      access: accessText(name as RouteName, row),
      inputs,
      output: row.output === undefined ? undefined : value(row.output, 'output'),
      status: statusOf(row),
      errors: errorsOf(name as RouteName, row),
      curl: curlOf(row, schemas),
    };
  });
  const clientReferences = Object.entries(clientEvents).map(([name, spec]) => ({
    name,
    summary: spec.summary,
    input: value(spec.input, 'input'),
    output: value(spec.output, 'output'),
    errors: errorsOfEvent(name as ClientEventName),
  }));
  const serverReferences = Object.entries(serverEvents).map(([name, spec]) => ({
    name,
    summary: spec.summary,
    payload: value(spec.payload, 'output'),
  }));

  return {
    groups: [...Map.groupBy(routes, (route) => route.row.group)].map(([name, members]) => ({ name, routes: members })),
    clientEvents: clientReferences,
    serverEvents: serverReferences,
    errors: (Object.keys(errors) as ErrorCode[]).map((code) => ({ code, ...errors[code] })),
    types: [...schemas.components]
      .map(([name, schema]) => ({ name, description: schema.description ?? '', ...describeValue(schema) }))
      .toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

/** Success status of a route. */
export function statusOf(row: RouteSpec): number {
  if (row.redirect === true) return 302;
  return row.status ?? (row.output === undefined && row.download === undefined ? 204 : 200);
}

/** All errors a route can answer: its own, and those its row's form brings along. */
export function errorsOf(name: RouteName, row: RouteSpec): ErrorCode[] {
  const codes: ErrorCode[] = [...(row.errors ?? []), ...accessErrors(name, row), 'internal'];
  const hasBody = row.body !== undefined || row.upload !== undefined;
  if (row.params !== undefined || row.query !== undefined || hasBody) codes.push('bad_input');
  if (hasBody) codes.push('malformed', 'payload_too_large', 'unsupported_media_type');
  if (row.path.startsWith('/api/')) codes.push('origin_refused', 'too_many_requests', 'unavailable');
  return sortErrors(codes);
}

/** All errors with which an event can be acknowledged. */
export function errorsOfEvent(name: ClientEventName): ErrorCode[] {
  const spec: ClientEventSpec = clientEvents[name];
  return sortErrors([...(spec.errors ?? []), ...eventAccessErrors(name), ...EVENT_ERRORS]);
}

function sortErrors(codes: readonly ErrorCode[]): ErrorCode[] {
  const order = Object.keys(errors);
  return [...new Set(codes)].toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
}

function fileValue({ types, maxBytes }: Upload): ValueReference {
  return { type: [`a file, at most ${maxBytes / 1024 / 1024} MB: ${types.join(', ')}`], fields: [] };
}

function queryValue(schemas: Schemas, query: z.ZodObject): ValueReference {
  const { type, fields } = describeValue(schemas.describe(query, 'output'));
  const optional = (name: string) => (query.shape[name] as z.ZodType).safeParse(undefined).success;
  return { type, fields: fields.map((field) => ({ ...field, required: !optional(field.name) })) };
}

function describeValue(schema: Schema): ValueReference {
  return { type: typeOf(schema), fields: fieldsOf(schema, '') };
}

function fieldsOf(schema: Schema, prefix: string): FieldReference[] {
  if (schema.oneOf !== undefined) return fieldsOfForms(schema.oneOf, prefix);
  // What may also be null, too.
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((choice) => fieldsOf(choice, prefix));
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const field = property as Schema;
    const name = `${prefix}${key}`;
    const own: FieldReference = {
      name,
      type: typeOf(field),
      required: schema.required?.includes(key) === true,
      description: field.description ?? '',
    };
    const inside = [
      ...fieldsOf(field, `${name}.`),
      ...fieldsOf((field.items ?? {}) as Schema, `${name}[].`),
      ...fieldsOf(typeof field.additionalProperties === 'object' ? field.additionalProperties : {}, `${name}.*.`),
    ];
    return [own, ...inside];
  });
}

/** Fields of a value that takes one of several forms, told apart by a field that is constant in each. */
function fieldsOfForms(forms: readonly Schema[], prefix: string): FieldReference[] {
  const properties = forms.map((form) => (form.properties ?? {}) as Record<string, Schema>);
  const tag = Object.entries(properties[0] ?? {}).find(([, field]) => field.const !== undefined)?.[0] ?? '';
  const fields = forms.flatMap((form, i) => {
    const { const: only, enum: some = [only] } = properties[i]?.[tag] ?? {};
    const is = some.map((one) => JSON.stringify(one)).join(' | ');
    return fieldsOf(form, prefix).map((field) => ({ field, is }));
  });
  return [...Map.groupBy(fields, ({ field }) => field.name).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const types = new Map(same.map(({ field: { type } }) => [JSON.stringify(type), type]));
    const type = [...types.values()].flatMap((one, n): TypePart[] => (n === 0 ? one : [' | ', ...one]));
    const merged = { ...first.field, type, required: same.every(({ field }) => field.required) };
    return same.length === forms.length
      ? [merged]
      : [{ ...merged, form: `\`${prefix}${tag}\` ${same.map(({ is }) => is).join(' | ')}` }];
  });
}

function typeOf(schema: Schema): TypePart[] {
  const ref = referredTo(schema);
  const fallback = schema.default === undefined ? [] : [`, default ${JSON.stringify(schema.default)}`];
  if (ref !== undefined) return [{ ref }, ...fallback];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.enum !== undefined) return [schema.enum.map((one) => JSON.stringify(one)).join(' | '), ...fallback];
  const choices = schema.anyOf;
  if (choices !== undefined) {
    return [...choices.flatMap((one, i): TypePart[] => (i === 0 ? typeOf(one) : [' | ', ...typeOf(one)])), ...fallback];
  }
  if (schema.oneOf !== undefined) return ['object'];
  const types = [schema.type ?? 'anything'].flat();
  return [...types.flatMap((type, i) => (i === 0 ? plainType(type, schema) : [' | ', type])), ...fallback];
}

function plainType(type: string, schema: Schema): TypePart[] {
  switch (type) {
    case 'array':
      return [
        'list of ',
        ...typeOf((schema.items ?? {}) as Schema),
        bounds(schema.minItems, schema.maxItems, ' entries'),
      ];
    case 'object': {
      const values = schema.additionalProperties;
      return typeof values === 'object' ? ['object of ', ...typeOf(values)] : ['object'];
    }
    case 'string':
      return [schema.format ?? 'text', bounds(schema.minLength, schema.maxLength, ' characters')];
    case 'integer':
      return ['whole number', bounds(schema.minimum, schema.maximum, '')];
    default:
      return [type];
  }
}

function bounds(min: number | undefined, max: number | undefined, unit: string): string {
  if (max === undefined) return min === undefined ? '' : `, at least ${min}${unit}`;
  return (min ?? 0) === 0 ? `, at most ${max}${unit}` : `, ${min} to ${max}${unit}`;
}
