import { useState } from 'react';
import { PasswordField } from './PasswordField.tsx';

const LEAST = 8;

interface Props {
  label?: string;
  autoFocus?: boolean;
  error: string | undefined;
}

/** Says how many characters are still missing. What else is wrong with a password, the server says. */
export function NewPasswordField({ error, ...rest }: Props) {
  const [length, setLength] = useState(0);
  const missing = LEAST - length;
  const hint =
    length === 0 || missing <= 0
      ? `At least ${LEAST} characters. A few words in a row are easy to remember and hard to guess.`
      : `${missing} more ${missing === 1 ? 'character' : 'characters'}.`;
  return (
    <PasswordField
      {...rest}
      autoComplete="new-password"
      onChange={(event) => setLength(event.target.value.length)}
      hint={hint}
      error={error && `This password ${error}.`}
    />
  );
}
