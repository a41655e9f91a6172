import { textOf } from '../lib/problems.ts';
import { Field } from '../ui/Field.tsx';
import { NAME_ADVICE, NameFields, namesOf } from './NameFields.tsx';
import { NewPasswordField } from './NewPasswordField.tsx';

export const ACCOUNT_ADVICE = { ...NAME_ADVICE, email: 'Enter an address like name@example.com.' };

interface Props {
  fields: Readonly<Record<string, string>>;
  name?: string;
}

/** What a new account needs. */
export function NewAccountFields({ fields, ...rest }: Props) {
  return (
    <div className="space-y-5">
      <NameFields fields={fields} {...rest} />
      <Field label="Email" name="email" type="email" autoComplete="email" error={fields['email']} />
      <NewPasswordField error={fields['password']} />
    </div>
  );
}

/** What was typed into them. */
export function accountOf(form: FormData) {
  return { ...namesOf(form), email: textOf(form, 'email'), password: textOf(form, 'password') };
}
