import { Check } from 'lucide-react';
import { type ComponentProps, Fragment, type KeyboardEvent, type ReactNode, useState } from 'react';
import { IconButton } from './Button.tsx';
import { classes } from './classes.ts';
import { Popover } from './Popover.tsx';

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  /** Given: one of several choices, and whether it is the present one. */
  checked?: boolean;
  danger?: boolean;
  onSelect: () => void;
}

interface Props {
  label: string;
  anchor: DOMRect;
  /** Groups are set apart; what is false is left out. */
  groups: readonly (readonly (MenuItem | false)[])[];
  onClose: () => void;
}

/** A menu as ARIA has it: arrow keys, Home and End walk through it. */
export function Menu({ label, anchor, groups, onClose }: Props) {
  const shown = groups.map((items) => items.filter((item) => item !== false)).filter((items) => items.length > 0);
  return (
    <Popover role="menu" aria-label={label} anchor={anchor} onClose={onClose} onKeyDown={walk} className="min-w-52 p-1">
      {shown.map((items, group) => (
        <Fragment key={items[0]?.label}>
          {group > 0 && <hr className="my-1" />}
          {items.map((item, index) => (
            <button
              key={item.label}
              type="button"
              role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.checked}
              tabIndex={-1}
              data-autofocus={(group === 0 && index === 0) || undefined}
              onClick={() => {
                onClose();
                item.onSelect();
              }}
              className={classes(
                'flex w-full items-center gap-3 rounded-lg px-3 py-2 text-left hover:bg-hover focus-visible:bg-hover focus-visible:outline-none pointer-coarse:py-2.5',
                item.danger && 'text-danger',
              )}
            >
              {item.icon !== undefined && (
                <span className={classes('flex w-5 justify-center', !item.danger && 'text-muted')} aria-hidden>
                  {item.icon}
                </span>
              )}
              <span className="flex-1 truncate">{item.label}</span>
              {item.checked === true && <Check size={17} className="text-accent" aria-hidden />}
            </button>
          ))}
        </Fragment>
      ))}
    </Popover>
  );
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  const at = items.findIndex((item) => item === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + (at < 1 ? items.length : 0), Home: 0, End: items.length - 1 }[
    event.key
  ];
  if (event.key === 'Tab') event.preventDefault();
  if (to === undefined) return;
  event.preventDefault();
  items[to % items.length]?.focus();
}

type ButtonProps = Pick<ComponentProps<'button'>, 'className'> & {
  label: string;
  small?: boolean;
  groups: Props['groups'];
  children: ReactNode;
};

/** An icon that opens a menu. */
export function MenuButton({ label, groups, children, ...rest }: ButtonProps) {
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  return (
    <>
      <IconButton
        {...rest}
        label={label}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget.getBoundingClientRect())}
      >
        {children}
      </IconButton>
      {anchor && <Menu label={label} anchor={anchor} groups={groups} onClose={() => setAnchor(null)} />}
    </>
  );
}
