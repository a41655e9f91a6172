import { useState } from 'react';
import { useBan, useSessionEnd } from '../app/session.ts';
import { useFragment } from '../lib/fragment.ts';
import { messageOf, textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { AuthPage } from './AuthPage.tsx';
import { BanAppeal } from './BanAppeal.tsx';
import { enter } from './enter.ts';
import { MailedCode } from './MailedCode.tsx';
import { OtherWays } from './OtherWays.tsx';
import { PasswordField } from './PasswordField.tsx';
import { SecondFactor } from './SecondFactor.tsx';
import { useWaysIn } from './useWaysIn.ts';
import { endWords, refusalWords } from './words.ts';

type Step = { name: 'ways' } | { name: 'code'; email: string } | { name: 'second-factor'; challenge: string };

const advice = { email: 'Enter your email address or your username.', password: 'Enter your password.' };

/** @param returnTo the path of the app that was asked for, also after signing in elsewhere */
export function SignIn({ returnTo }: { returnTo: string }) {
  const ways = useWaysIn();
  const [step, setStep] = useState<Step>({ name: 'ways' });
  const [who, setWho] = useState('');
  const end = useSessionEnd();
  const ban = useBan();
  const refused = useFragment('error');
  const token = useFragment('appeal') ?? undefined;
  const goOn = (challenge: string | null) => {
    if (challenge !== null) setStep({ name: 'second-factor', challenge });
  };
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const name = who.trim();
    const login = name.includes('@') || name === '' ? { email: name } : { username: name.toLowerCase() };
    goOn(await enter('signIn', { ...login, password: textOf(form, 'password') }));
  }, advice);
  const back = () => setStep({ name: 'ways' });

  if (step.name === 'second-factor') return <SecondFactor challenge={step.challenge} onBack={back} />;
  if (step.name === 'code') return <MailedCode email={step.email} onEntered={goOn} onBack={back} />;
  const before =
    refused !== null
      ? { message: refusalWords(refused), appeal: token }
      : { message: ban && messageOf(ban), appeal: ban?.ban?.appeal };
  const { message, appeal } = problem.message === null ? before : problem;
  return (
    <AuthPage
      title="Welcome back"
      footer={
        <>
          New here? <Link to="/signup">Create an account</Link> or <Link to="/lounges">look into the lounges</Link>
        </>
      }
    >
      <div role="status">{end && <p className="mb-5 rounded-lg bg-surface px-3 py-2.5">{endWords(end)}</p>}</div>
      <Alert>{message}</Alert>
      <BanAppeal token={appeal} why={appeal === token} />
      <form onSubmit={onSubmit} noValidate>
        <div className="space-y-5">
          <Field
            label="Email or username"
            name="email"
            value={who}
            onChange={(event) => setWho(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            error={problem.fields['email'] ?? (problem.fields['username'] && advice.email)}
          />
          <PasswordField autoComplete="current-password" error={problem.fields['password']} />
        </div>
        {ways?.mail && (
          <p className="mt-2 text-right text-sm">
            <Link to="/forgot">Forgot your password?</Link>
          </p>
        )}
        <Button type="submit" look="primary" busy={busy} className="mt-6 w-full">
          Sign in
        </Button>
      </form>
      {ways && (
        <OtherWays
          ways={ways}
          returnTo={returnTo}
          onCode={() => setStep({ name: 'code', email: who.includes('@') ? who.trim() : '' })}
        />
      )}
    </AuthPage>
  );
}
