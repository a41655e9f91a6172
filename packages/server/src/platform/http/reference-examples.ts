/** Calls that work, made from the tables. */
import type { RouteSpec } from '@confab/protocol';
import type { z } from 'zod';
import { referredTo, type Schema, type Schemas } from './schemas.ts';

const EXAMPLES: Record<string, unknown> = {
  Id: '01890a5d-ac96-774b-bcce-b302099a8057',
  ClientId: 'my-message-0001',
  Email: 'ada@example.com',
  Password: 'correct horse battery',
  Username: 'ada',
  PersonName: 'Ada Lovelace',
  RoomName: 'Chess club',
  Topic: 'Openings',
  Body: 'Hello!',
  Counter: 42,
  Emoji: '🎉',
  Avatar: '/api/files/picture',
  Code: '123456',
  Phone: '+4915112345678',
  LanguageTag: 'en',
  TimeZone: 'Europe/London',
  AddressRange: '203.0.113.0/24',
};

/** A value of this schema to show; objects with their required fields, or with all when none is. */
function exampleOf(schema: Schema, schemas: Schemas): unknown {
  const ref = referredTo(schema);
  if (ref !== undefined) return EXAMPLES[ref] ?? exampleOf(schemas.components.get(ref) ?? {}, schemas);
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.enum !== undefined) return schema.enum.at(-1);
  if (schema.type === 'array') return [exampleOf((schema.items ?? {}) as Schema, schemas)];
  if (schema.type === 'integer') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return true;
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice !== undefined) return exampleOf(choice, schemas);
  if (schema.type !== 'object') return 'text';
  return exampleFields(schema, schemas, (key) => schema.required?.includes(key) ?? true);
}

function exampleFields(schema: Schema, schemas: Schemas, shows: (key: string) => boolean): Record<string, unknown> {
  const shown = Object.entries(schema.properties ?? {}).filter(([key]) => shows(key));
  return Object.fromEntries(shown.map(([key, field]) => [key, exampleOf(field as Schema, schemas)]));
}

/** A body that is accepted: its required fields, and where those do not suffice one of the others. */
function bodyOf(body: z.ZodType, schemas: Schemas): unknown {
  const schema = schemas.describe(body, 'input');
  const required = exampleOf(schema, schemas);
  const others = Object.keys(schema.properties ?? {}).map((other) =>
    exampleFields(schema, schemas, (key) => key === other || schema.required?.includes(key) === true),
  );
  return [required, ...others].find((example) => body.safeParse(example).success) ?? required;
}

/** A call of a route as a shell command, with what it must be given. */
export function curlOf(row: RouteSpec, schemas: Schemas): string {
  const path = row.path.replaceAll(/:(\w+)/g, '$$$1');
  const query = Object.entries(row.query?.shape ?? {})
    .filter(([, field]) => !(field as z.ZodType).safeParse(undefined).success)
    .map(([key, field]) => `${key}=${String(exampleOf(schemas.describe(field as z.ZodType, 'output'), schemas))}`);
  const lines = [
    `curl ${row.method === 'GET' ? '' : `-X ${row.method} `}"$CONFAB${path}${query.length > 0 ? `?${query.join('&')}` : ''}"`,
  ];
  if (row.auth === 'user') lines.push('-H "Authorization: Bearer $TOKEN"');
  if (row.body !== undefined) {
    const body = JSON.stringify(bodyOf(row.body, schemas));
    lines.push('-H "Content-Type: application/json"', `-d '${body}'`);
  }
  if (row.upload !== undefined) {
    lines.push(`-H "Content-Type: ${row.upload.types[0]}"`, `--data-binary @${row.upload.field}`);
  }
  return lines.join(' \\\n  ');
}
