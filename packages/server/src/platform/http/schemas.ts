import { z } from 'zod';

export type Schema = z.core.JSONSchema.BaseSchema;
const COMPONENT = '#/components/schemas/';

/** JSON Schemas (2020-12) of Zod schemas. Those with an id are described once and referred to. */
export class Schemas {
  /** Everything referred to so far, by id. */
  readonly components = new Map<string, Schema>();

  /** Of what is sent (`input`) or received (`output`). */
  describe(schema: z.ZodType, io: 'input' | 'output'): Schema {
    const json = z.toJSONSchema(schema, {
      io,
      override: ({ jsonSchema, zodSchema }) => tidy(jsonSchema, io === 'output' && !isStrict(zodSchema)),
    });
    const { $defs = {} } = json;
    delete json.$defs;
    delete json.$schema;
    for (const [id, definition] of Object.entries($defs)) this.#add(id, relink(definition));
    return relink(json);
  }

  #add(id: string, definition: Schema): void {
    const known = this.components.get(id);
    if (known === undefined) this.components.set(id, definition);
    else if (JSON.stringify(known) !== JSON.stringify(definition))
      throw new Error(`${id} means two things in the tables`);
  }
}

/** The id a reference names. */
export function referredTo(schema: Schema): string | undefined {
  return schema.$ref?.startsWith(COMPONENT) === true ? schema.$ref.slice(COMPONENT.length) : undefined;
}

function relink(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${COMPONENT}`)) as Schema;
}

/** Whether it refuses fields it does not know: what is sent and received in the same form has one description. */
function isStrict(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodObject && schema.def.catchall instanceof z.ZodNever;
}

function tidy(schema: Schema, isOpen: boolean): void {
  // Every whole number is within these; and answers may gain fields without breaking anyone.
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (isOpen && schema.additionalProperties === false) delete schema.additionalProperties;
  // The format says it all.
  if (schema.format === 'uuid') delete schema.allOf;
}
