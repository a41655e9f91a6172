import { useEffect, useState } from 'react';
import { client } from '../lib/client.ts';
import { summaryOf } from '../room/summary.ts';

/** Reads new messages of the open room to screen readers. */
export function Announcer({ roomId, myId }: { roomId: string; myId: string }) {
  const [text, setText] = useState('');
  useEffect(
    () =>
      client.on('message', (message) => {
        if (message.roomId !== roomId || message.senderId === myId) return;
        const nameOf = (id: string) => client.userById(id)?.name;
        const text = summaryOf(message, nameOf);
        setText(message.system ? text : `${nameOf(message.senderId) ?? 'Someone'}: ${text}`);
      }),
    [roomId, myId],
  );
  return (
    <div role="status" className="sr-only">
      {text}
    </div>
  );
}
