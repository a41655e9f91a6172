import { useFragment } from '../lib/fragment.ts';
import { useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Link } from '../ui/Link.tsx';
import { NAME_ADVICE, NameFields, namesOf } from './NameFields.tsx';
import { AuthPage } from './AuthPage.tsx';
import { enter } from './enter.ts';
import { BROKEN_LINK } from './words.ts';

/** After the first sign-in with an account elsewhere: how the person wants to be called here. */
export function Welcome() {
  const ticket = useFragment('ticket');
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      await enter('oauthComplete', { ticket: ticket ?? '', ...namesOf(form) });
    },
    { ...NAME_ADVICE, ticket: BROKEN_LINK },
  );

  return (
    <AuthPage title="Welcome" footer={<Link to="/signin">Sign in another way</Link>}>
      {ticket === null ? (
        <Alert>{BROKEN_LINK}</Alert>
      ) : (
        <form onSubmit={onSubmit} noValidate>
          <Alert>{problem.message ?? problem.fields['ticket'] ?? null}</Alert>
          <div className="space-y-5">
            <NameFields fields={problem.fields} />
          </div>
          <Button type="submit" look="primary" busy={busy} className="mt-7 w-full">
            Create account
          </Button>
        </form>
      )}
    </AuthPage>
  );
}
