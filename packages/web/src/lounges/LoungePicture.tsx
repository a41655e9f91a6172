import type { Lounge } from '@confab/sdk';
import { useState } from 'react';
import { Avatar } from '../ui/Avatar.tsx';

/** Its picture, or else its initials. Decorative: the name is beside it. */
export function LoungePicture({ lounge: { id, name, picture } }: { lounge: Pick<Lounge, 'id' | 'name' | 'picture'> }) {
  /** Which one could not be shown: another one may. */
  const [broken, setBroken] = useState<string | null>(null);
  if (picture === null || broken === picture) return <Avatar id={id} name={name} size="lg" shape="room" />;
  return (
    <img src={picture} alt="" className="size-11 shrink-0 rounded-xl object-cover" onError={() => setBroken(picture)} />
  );
}
