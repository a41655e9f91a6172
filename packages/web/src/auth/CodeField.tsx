import { Field } from '../ui/Field.tsx';

interface Props {
  label: string;
  hint?: string | undefined;
  error: string | undefined;
  /** Recovery codes have letters. */
  letters?: boolean;
}

/** A code that was mailed, or is shown by an app. Browsers and password managers offer to fill it in. */
export function CodeField({ label, hint, error, letters = false }: Props) {
  return (
    <Field
      label={label}
      name="code"
      autoComplete="one-time-code"
      inputMode={letters ? 'text' : 'numeric'}
      autoCapitalize="none"
      spellCheck={false}
      maxLength={40}
      autoFocus
      hint={hint}
      error={error}
    />
  );
}
