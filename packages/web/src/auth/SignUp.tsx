import { connect } from '../app/session.ts';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { AuthPage } from './AuthPage.tsx';
import { PasswordField } from './PasswordField.tsx';

const advice = {
  name: 'Use up to 60 characters.',
  username: 'Use 3 to 30 of a–z, 0–9, dot and underscore; begin and end with a letter or digit.',
  email: 'Enter an address like name@example.com.',
  password: 'Use at least 8 characters.',
};

export function SignUp() {
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const name = textOf(form, 'name').trim();
    await client.signUp({
      email: textOf(form, 'email'),
      password: textOf(form, 'password'),
      username: textOf(form, 'username').trim().toLowerCase(),
      ...(name !== '' && { name }),
    });
    connect();
  }, advice);
  const { fields } = problem;

  return (
    <AuthPage
      title="Create your account"
      footer={
        <>
          Already have one? <Link to="/signin">Sign in</Link>
        </>
      }
    >
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <Field
            label="Name"
            name="name"
            autoComplete="name"
            autoFocus
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
          <Field label="Email" name="email" type="email" autoComplete="email" error={fields['email']} />
          <PasswordField autoComplete="new-password" hint="At least 8 characters." error={fields['password']} />
        </div>
        <Button type="submit" look="primary" busy={busy} className="mt-7 w-full">
          Create account
        </Button>
      </form>
    </AuthPage>
  );
}
