import { ProtocolError } from '@confab/protocol';

/** Bytes of a JSON body. */
const BODY_LIMIT = 64 * 1024;
// Closing on a client that is still sending resets the connection, and the answer may be lost (RFC 9112 §9.6): what is
// too large is read on and thrown away up to here.
const DRAIN_LIMIT = 8 * 1024 * 1024;

/**
 * The JSON value of a request's body; undefined when it is empty.
 * @throws ProtocolError payload_too_large; malformed when it is cut off, not UTF-8 or not JSON
 */
export async function readJson(payload: AsyncIterable<unknown>): Promise<unknown> {
  const bytes = await readBody(payload);
  if (bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Makes `__proto__` an ordinary own key, which parseInput refuses.
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtocolError('malformed');
  }
}

async function readBody(payload: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of payload) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('expected bytes');
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else if (size > DRAIN_LIMIT) break;
    }
  } catch {
    throw new ProtocolError('malformed');
  }
  if (size > BODY_LIMIT) throw new ProtocolError('payload_too_large');
  return Buffer.concat(chunks);
}
