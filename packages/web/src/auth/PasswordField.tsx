import { Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { IconButton } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';

interface Props {
  autoComplete: 'new-password' | 'current-password';
  hint?: ReactNode;
  error: string | undefined;
}

export function PasswordField({ autoComplete, hint, error }: Props) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      label="Password"
      name="password"
      type={shown ? 'text' : 'password'}
      autoComplete={autoComplete}
      autoCapitalize="none"
      spellCheck={false}
      hint={hint}
      error={error}
      end={
        <IconButton label={shown ? 'Hide password' : 'Show password'} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
        </IconButton>
      }
    />
  );
}
