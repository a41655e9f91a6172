import { useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Link } from '../ui/Link.tsx';
import { toast } from '../ui/toasts.tsx';
import { AuthPage } from './AuthPage.tsx';
import { enter } from './enter.ts';
import { ACCOUNT_ADVICE, accountOf, NewAccountFields } from './NewAccountFields.tsx';
import { useWaysIn } from './useWaysIn.ts';
import { lookIntoMail } from './words.ts';

export function SignUp() {
  const ways = useWaysIn();
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const account = accountOf(form);
    await enter('signUp', account);
    if (ways?.mail) toast(lookIntoMail(account.email));
  }, ACCOUNT_ADVICE);

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
        <NewAccountFields fields={problem.fields} />
        <Button type="submit" look="primary" busy={busy} className="mt-7 w-full">
          Create account
        </Button>
      </form>
    </AuthPage>
  );
}
