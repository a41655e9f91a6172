import { Validator } from '@seriousme/openapi-schema-validator';
import { clientEvents, errors, MODERATION_ACTIONS, rest, type RouteSpec, serverEvents } from '@confab/protocol';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { send, startHttp } from '../../../test/http.ts';
import { buildOpenApi } from './openapi.ts';
import { buildReference } from './reference.ts';
import { referenceFiles } from './reference-markdown.ts';
import { referencePage } from './reference-page.ts';

const folder = join(import.meta.dirname, '../../../../../docs/reference');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const rows = Object.entries(rest) as [string, RouteSpec][];

function headings(text: string): string[] {
  return [...text.matchAll(/^### (.+)$/gm)].map((match) => String(match[1]));
}

function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) => String(match[1]).toLowerCase());
}

describe('docs/reference', () => {
  it('P-DOC-1 is what `npm run docs` writes', () => {
    const files = referenceFiles(buildReference());
    expect(readdirSync(folder).toSorted()).toEqual(Object.keys(files).toSorted());
    for (const [name, text] of Object.entries(files)) expect.soft(read(name), `${name}: run npm run docs`).toBe(text);
  });

  it('P-DOC-1 names every route, event and error code, and no other', () => {
    expect(headings(read('rest.md')).toSorted()).toEqual(Object.keys(rest).toSorted());
    expect(headings(read('events.md')).toSorted()).toEqual(
      [...Object.keys(clientEvents), ...Object.keys(serverEvents)].toSorted(),
    );
    expect(headings(read('errors.md')).toSorted()).toEqual(Object.keys(errors).toSorted());
    for (const [name, { method, path }] of rows)
      expect.soft(read('rest.md')).toContain(`### ${name}\n\n\`${method} ${path}\`\n`);
  });

  it('has no link that leads nowhere', () => {
    const broken = readdirSync(folder).flatMap((name) =>
      [...read(name).matchAll(/\]\(([a-z]+\.md)(?:#([^)]+))?\)/g)]
        .filter(([, file, anchor]) => anchor !== undefined && !anchors(read(String(file))).includes(anchor))
        .map(([link]) => `${name}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('what a value holds', () => {
  const { types, errors: codes } = buildReference();
  const fieldsOf = (name: string) => types.find((type) => type.name === name)?.fields ?? [];

  it('is named field by field, each once', () => {
    for (const { name, fields } of types) {
      const names = fields.map((field) => field.name);
      expect.soft(names, name).toEqual([...new Set(names)]);
    }
  });

  it('is told of each form of it that a field comes with', () => {
    const forms = Object.fromEntries(
      fieldsOf('AutomodTrigger').map(({ name, form, required }) => [name, [form, required]]),
    );
    expect(forms).toMatchObject({
      type: [undefined, true],
      more: ['`type` "mentions"', true],
      seconds: ['`type` "flood" | "repeats" | "raid"', true],
    });
    const text = referenceFiles(buildReference());
    expect(text['types.md']).toContain('- `seconds`: whole number, 1 to 2592000 (with `type` "mute"). How long.\n');
    expect(referencePage(buildReference())).toContain('>with <code>type</code> &quot;mute&quot;<');
  });

  it('is told of what may be null as well', () => {
    expect(fieldsOf('Room').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['lounge', 'lounge.id', 'lounge.language', 'parent.messageId']),
    );
  });

  it('is told of the details that come with an error', () => {
    const details = Object.fromEntries(codes.map(({ code, details: named }) => [code, named]));
    expect(details).toMatchObject({ slow_mode: ['retryAfter'], silenced: ['reason', 'until'], room_full: undefined });
    expect(referenceFiles(buildReference())['errors.md']).toContain('`403`. Details: `reason`, `until`\n');
  });
});

describe('docs/protocol.md', () => {
  const root = join(folder, '../..');
  const rules = [...readFileSync(join(root, 'docs/protocol.md'), 'utf8').matchAll(/^- \*\*(P-[A-Z]+-\d+)\*\*/gm)].map(
    (match) => String(match[1]),
  );

  it('gives each rule an id of its own', () => {
    expect(rules.length).toBeGreaterThan(30);
    expect(new Set(rules).size).toBe(rules.length);
  });

  it('has every rule that the title of a test names', () => {
    const files = globSync('{packages/*/{src,test},e2e}/**/*.test.{ts,tsx}', { cwd: root });
    const named = files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/'(P-[A-Z]+-\d+) /g)].map((match) => String(match[1])),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((rule) => !rules.includes(rule))).toEqual([]);
  });
});

describe('docs/moderation.md', () => {
  it('names everything that the trail records', () => {
    const text = readFileSync(join(folder, '../moderation.md'), 'utf8');
    expect(MODERATION_ACTIONS.filter((action) => !text.includes(`\`${action}\``))).toEqual([]);
  });
});

describe('OpenAPI', () => {
  it('P-DOC-2 is a valid document of version 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(buildOpenApi()));
    expect(result).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('P-DOC-2 has every route of the table with its inputs, answer and errors, and no other', () => {
    const paths = buildOpenApi()['paths'] as Record<string, Record<string, Operation>>;
    const listed = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
    );
    const wanted = rows.map(([name, { method, path }]) => `${name} ${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(listed.toSorted()).toEqual(wanted.toSorted());
    for (const [name, row] of rows) {
      const operation = Object.values(paths)
        .flatMap((item) => Object.values(item))
        .find((one) => one.operationId === name);
      const names = [...Object.keys(row.params?.shape ?? {}), ...Object.keys(row.query?.shape ?? {})];
      expect.soft(operation?.parameters?.map((one) => one.name) ?? [], name).toEqual(names);
      const types = row.upload?.types ?? (row.body === undefined ? [] : ['application/json']);
      expect.soft(Object.keys(operation?.requestBody?.content ?? {}), name).toEqual(types);
      for (const code of row.errors ?? []) {
        expect.soft(operation?.responses[errors[code].status]?.description, name).toContain(`\`${code}\``);
      }
    }
  });

  it('refers only to components it has', () => {
    const document = buildOpenApi();
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) =>
      String(match[1]),
    );
    expect(Object.keys(schemas).toSorted()).toEqual([...new Set(referred)].toSorted());
  });
});

describe('examples', () => {
  const examples = buildReference().groups.flatMap(({ routes }) => routes);

  it.each(examples.filter(({ row }) => row.body !== undefined))(
    'of $name have a body that is accepted',
    ({ row, curl }) => {
      const body: unknown = JSON.parse(/-d '(.+)'/.exec(curl)?.[1] ?? '');
      expect(row.body?.safeParse(body)).toMatchObject({ success: true });
    },
  );

  it.each(examples.filter(({ row }) => row.query !== undefined))(
    'of $name have a query that is accepted',
    ({ row, curl }) => {
      const query = new URLSearchParams(/\?([^"]+)"/.exec(curl)?.[1] ?? '');
      expect(row.query?.safeParse(Object.fromEntries(query))).toMatchObject({ success: true });
    },
  );
});

describe('the page', () => {
  it('P-DOC-3 needs no script, no inline style and nothing from elsewhere', () => {
    const page = referencePage(buildReference());
    expect(page).not.toMatch(/<script|<style|<img|\sstyle=|\son\w+=|javascript:|(?:src|href|action)="(?:https?:)?\/\//);
  });

  it('P-DOC-3 has a place for every route, event and error code, and no link that leads nowhere', () => {
    const page = referencePage(buildReference());
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => String(match[1]));
    expect(new Set(ids).size).toBe(ids.length);
    const wanted = [
      ...Object.keys(rest).map((name) => `route-${name}`),
      ...Object.keys(clientEvents).map((name) => `send-${name}`),
      ...Object.keys(serverEvents).map((name) => `receive-${name}`),
      ...Object.keys(errors).map((code) => `error-${code}`),
    ];
    expect(ids).toEqual(expect.arrayContaining(wanted));
    for (const [, anchor] of page.matchAll(/href="#([^"]+)"/g)) expect.soft(ids).toContain(anchor);
  });

  it('P-DOC-3 is served with its style and the OpenAPI document', async () => {
    await using server = await startHttp({});
    for (const [path, type, content] of [
      ['/api/docs', 'text/html', '<title>Confab API</title>'],
      ['/api/docs.css', 'text/css', 'prefers-color-scheme: dark'],
      ['/api/openapi.json', 'application/json', '3.1.1'],
    ] as const) {
      const answer = await send(server.url, { method: 'GET', path });
      expect.soft(answer.status, path).toBe(200);
      expect.soft(answer.headers.get('content-type'), path).toBe(`${type}; charset=utf-8`);
      expect.soft(JSON.stringify(answer.body), path).toContain(content);
    }
  });
});

interface Operation {
  operationId: string;
  parameters?: { name: string }[];
  requestBody?: { content: object };
  responses: Record<string, { description: string } | undefined>;
}
