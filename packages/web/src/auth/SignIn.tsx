import { connect } from '../app/session.ts';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { AuthPage } from './AuthPage.tsx';
import { PasswordField } from './PasswordField.tsx';

const advice = { email: 'Enter an address like name@example.com.', password: 'Enter your password.' };

export function SignIn() {
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    await client.signIn({ email: textOf(form, 'email'), password: textOf(form, 'password') });
    connect();
  }, advice);

  return (
    <AuthPage
      title="Welcome back"
      footer={
        <>
          New here? <Link to="/signup">Create an account</Link>
        </>
      }
    >
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <Field
            label="Email"
            name="email"
            type="email"
            autoComplete="username"
            autoFocus
            error={problem.fields['email']}
          />
          <PasswordField autoComplete="current-password" error={problem.fields['password']} />
        </div>
        <Button type="submit" look="primary" busy={busy} className="mt-7 w-full">
          Sign in
        </Button>
      </form>
    </AuthPage>
  );
}
