import { hue, initials } from '../lib/words.ts';
import { classes } from './classes.ts';

const sizes = { md: 'size-9 text-sm', lg: 'size-11 text-base', xl: 'size-16 text-xl' } as const;
const corners = { md: 'rounded-[0.625rem]', lg: 'rounded-xl', xl: 'rounded-[1.125rem]' } as const;

interface Props {
  /** Chooses the colour. */
  id: string;
  name: string;
  size?: keyof typeof sizes;
  /** People are round, rooms are not. */
  shape?: 'person' | 'room';
}

/** Decorative: the name is always beside it. */
export function Avatar({ id, name, size = 'md', shape = 'person' }: Props) {
  return (
    <span
      aria-hidden
      className={classes(
        'inline-flex shrink-0 items-center justify-center font-semibold text-white select-none',
        shape === 'person' ? 'rounded-full' : corners[size],
        sizes[size],
      )}
      style={{ backgroundColor: `oklch(0.52 0.095 ${hue(id)})` }}
    >
      {initials(name)}
    </span>
  );
}
