import { classes } from '../ui/classes.ts';

interface Props<T extends string> {
  label: string;
  tabs: readonly (readonly [T, string])[];
  current: T;
  onChange: (tab: T) => void;
}

/** One of a few views of the same list: buttons that are pressed or not. */
export function Tabs<T extends string>({ label, tabs, current, onChange }: Props<T>) {
  return (
    <div role="group" aria-label={label} className="flex gap-1 rounded-lg bg-surface p-1">
      {tabs.map(([value, name]) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === current}
          className={classes(
            'rounded-md px-3 py-1.5 font-medium transition-colors',
            value === current ? 'bg-raised text-accent shadow-pop' : 'text-muted hover:text-ink',
          )}
          onClick={() => onChange(value)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
