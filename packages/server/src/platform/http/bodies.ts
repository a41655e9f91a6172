import { badInput, ProtocolError, type Upload } from '@confab/protocol';

/** Bytes of a JSON body. */
const JSON_LIMIT = 64 * 1024;
// Closing on a client that is still sending resets the connection, and the answer may be lost (RFC 9112 §9.6): what is
// too large is read on and thrown away up to here.
const DRAIN_LIMIT = 32 * 1024 * 1024;

/**
 * The JSON value of a request's body; undefined when it is empty.
 * @throws ProtocolError payload_too_large; malformed when it is cut off, not UTF-8 or not JSON
 */
export async function readJson(payload: AsyncIterable<unknown>): Promise<unknown> {
  const bytes = await readBody(payload, JSON_LIMIT);
  if (bytes === null) throw new ProtocolError('payload_too_large');
  if (bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Makes `__proto__` an ordinary own key, which parseInput refuses.
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtocolError('malformed');
  }
}

/**
 * The file that is a request's body.
 * @param payload undefined where there is no body
 * @throws ProtocolError bad_input when it is empty, payload_too_large, malformed when it is cut off
 */
export async function readFile(
  { field, maxBytes }: Upload,
  payload: AsyncIterable<unknown> | undefined,
): Promise<Buffer> {
  const bytes = payload === undefined ? Buffer.alloc(0) : await readBody(payload, maxBytes);
  if (bytes === null) {
    const problem = `must hold at most ${maxBytes} bytes`;
    throw new ProtocolError('payload_too_large', { fields: [{ field, problem }] });
  }
  if (bytes.length === 0) throw badInput(field, 'may not be empty');
  return bytes;
}

/** null: more than `limit` bytes, of which no more were kept. @throws ProtocolError malformed */
async function readBody(payload: AsyncIterable<unknown>, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of payload) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('expected bytes');
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else if (size > DRAIN_LIMIT) break;
    }
  } catch {
    throw new ProtocolError('malformed');
  }
  return size > limit ? null : Buffer.concat(chunks);
}
