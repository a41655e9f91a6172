/** The message every peer delivers: the one that Confab's clients are sent, with the same fields and of the same length. */

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

export function messageOf(body: string) {
  return {
    roomId: ID,
    rev: 123_456,
    message: {
      id: ID,
      roomId: ID,
      n: 123_456,
      rev: 123_456,
      clientId: 'bench-12345678',
      senderId: ID,
      kind: 'text',
      body,
      replyTo: null,
      createdAt: 1_700_000_000_000,
      editedAt: null,
      deletedAt: null,
    },
    user: { id: ID, username: 'member1234', name: 'Member 1234', role: 'user' },
  };
}

export function messageText(body: string): string {
  return `42${JSON.stringify(['message', messageOf(body)])}`;
}

/** RFC 6455 §5.2: a text frame of 126 to 65,535 bytes. */
export function messageFrame(body: string): Buffer {
  const payload = Buffer.from(messageText(body));
  const header = Buffer.alloc(4);
  header[0] = 0x81;
  header[1] = 126;
  header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
