import { Decoder as StockDecoder, Encoder } from 'socket.io-parser';

/**
 * Socket.IO's packet parser without binary: nothing in the protocol is binary, and attachments let a client make the
 * server hold many buffers for one packet (CVE-2026-33151). A refused packet closes its connection.
 */
class Decoder extends StockDecoder {
  override add(data: unknown): void {
    // Packet types 5 and 6 announce binary attachments (Socket.IO protocol, revision 5).
    if (typeof data !== 'string' || data.startsWith('5') || data.startsWith('6')) {
      throw new Error('binary packets are refused');
    }
    super.add(data);
  }
}

export const textParser = { Encoder, Decoder };
