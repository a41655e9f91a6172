import { textOf } from '../lib/problems.ts';
import { Field } from '../ui/Field.tsx';

export const NAME_ADVICE = {
  name: 'Use up to 60 characters.',
  username: 'Use 3 to 30 of a–z, 0–9, dot and underscore; begin and end with a letter or digit.',
};

interface Props {
  fields: Readonly<Record<string, string>>;
  /** The name so far. */
  name?: string;
}

/** How a new account is called. */
export function NameFields({ fields, name }: Props) {
  return (
    <>
      <Field
        label="Name"
        name="name"
        autoComplete="name"
        autoFocus
        defaultValue={name}
        hint="What others see. Optional."
        error={fields['name']}
      />
      <Field
        label="Username"
        name="username"
        autoComplete="nickname"
        autoCapitalize="none"
        spellCheck={false}
        hint="Others find you by it. It can’t be changed."
        error={fields['username']}
      />
    </>
  );
}

/** What was typed into them. */
export function namesOf(form: FormData): { username: string; name?: string } {
  const name = textOf(form, 'name').trim();
  return { username: textOf(form, 'username').trim().toLowerCase(), ...(name !== '' && { name }) };
}
