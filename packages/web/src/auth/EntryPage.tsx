import { useFragment } from '../lib/fragment.ts';
import { type EntryPageName, navigate } from '../lib/router.ts';
import { Forgot } from './Forgot.tsx';
import { ResetPassword } from './ResetPassword.tsx';
import { SecondFactor } from './SecondFactor.tsx';
import { SignIn } from './SignIn.tsx';
import { SignUp } from './SignUp.tsx';
import { VerifyEmail } from './VerifyEmail.tsx';
import { Welcome } from './Welcome.tsx';

/** The pages around coming in. Any other address asks whoever is not signed in to sign in. */
export function EntryPage({ name, returnTo }: { name: EntryPageName; returnTo: string }) {
  const challenge = useFragment('challenge');
  switch (name) {
    case 'signup':
      return <SignUp />;
    case 'forgot':
      return <Forgot />;
    case 'reset-password':
      return <ResetPassword />;
    case 'verify-email':
      return <VerifyEmail />;
    case 'welcome':
      return <Welcome />;
    case 'second-factor':
      return <SecondFactor challenge={challenge} onBack={() => navigate('/signin', { replace: true })} />;
    default:
      return <SignIn returnTo={returnTo} />;
  }
}
