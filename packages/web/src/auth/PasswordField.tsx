import { Eye, EyeOff } from 'lucide-react';
import { type ChangeEventHandler, type ReactNode, useState } from 'react';
import { IconButton } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';

interface Props {
  autoComplete: 'new-password' | 'current-password';
  label?: string;
  name?: string;
  autoFocus?: boolean;
  onChange?: ChangeEventHandler<HTMLInputElement>;
  hint?: ReactNode;
  error: string | undefined;
}

export function PasswordField({ label = 'Password', name = 'password', ...rest }: Props) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      {...rest}
      label={label}
      name={name}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      end={
        <IconButton label={shown ? 'Hide password' : 'Show password'} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
        </IconButton>
      }
    />
  );
}
