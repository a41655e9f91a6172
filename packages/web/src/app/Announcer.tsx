import { useEffect, useState } from 'react';
import { client } from '../lib/client.ts';
import { plainText } from '../room/markdown.ts';

/** Reads new messages of the open room to screen readers. */
export function Announcer({ roomId, myId }: { roomId: string; myId: string }) {
  const [text, setText] = useState('');
  useEffect(
    () =>
      client.on('message', (message) => {
        if (message.roomId !== roomId || message.senderId === myId) return;
        setText(`${client.userById(message.senderId)?.name ?? 'Someone'}: ${plainText(message.body)}`);
      }),
    [roomId, myId],
  );
  return (
    <div role="status" className="sr-only">
      {text}
    </div>
  );
}
