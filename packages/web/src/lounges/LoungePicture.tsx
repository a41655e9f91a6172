import type { Lounge } from '@confab/sdk';
import { useState } from 'react';
import { Avatar } from '../ui/Avatar.tsx';

/** Its picture, or else its initials. Decorative: the name is beside it. */
export function LoungePicture({ lounge: { id, name, picture } }: { lounge: Lounge }) {
  const [broken, setBroken] = useState(false);
  if (picture === null || broken) return <Avatar id={id} name={name} size="lg" shape="room" />;
  return (
    <img src={picture} alt="" className="size-11 shrink-0 rounded-xl object-cover" onError={() => setBroken(true)} />
  );
}
