import { Decoder as StockDecoder, type Packet } from 'socket.io-parser';

/** One for all connections: a packet without binary is decoded at once and leaves nothing behind. */
const stock = new StockDecoder();
let decoded: Packet | undefined;
stock.on('decoded', (packet: Packet) => (decoded = packet));

/** As Socket.IO's, which first looks through all of the data for what is binary. */
class Encoder {
  encode({ type, nsp, id, data }: Packet): string[] {
    const space = nsp === '/' ? '' : `${nsp},`;
    return [`${type}${space}${id ?? ''}${data === undefined ? '' : JSON.stringify(data)}`];
  }
}

/**
 * Socket.IO's packet parser without binary: nothing in the protocol is binary, and attachments let a client make the
 * server hold many buffers for one packet (CVE-2026-33151). A refused packet closes its connection.
 */
class Decoder {
  #listener: ((packet: Packet) => void) | undefined;

  /** Socket.IO listens to `decoded`, once for each connection. */
  on(_event: 'decoded', listener: (packet: Packet) => void): void {
    this.#listener = listener;
  }

  removeListener(): void {
    this.#listener = undefined;
  }

  add(data: unknown): void {
    // Packet types 5 and 6 announce binary attachments (Socket.IO protocol, revision 5).
    if (typeof data !== 'string' || data.startsWith('5') || data.startsWith('6')) {
      throw new Error('binary packets are refused');
    }
    stock.add(data);
    const packet = decoded;
    decoded = undefined;
    if (packet !== undefined) this.#listener?.(packet);
  }

  destroy(): void {}
}

export const textParser = { Encoder, Decoder };
