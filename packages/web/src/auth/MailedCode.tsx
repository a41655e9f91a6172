import { ConfabError } from '@confab/sdk';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { messageOf, textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { AuthPage } from './AuthPage.tsx';
import { BanAppeal } from './BanAppeal.tsx';
import { CodeField } from './CodeField.tsx';
import { enter } from './enter.ts';
import { useCountdown } from './useCountdown.ts';

/** Seconds between two codes for one address. */
const PAUSE = 60;

interface Props {
  /** What was typed before; the person may change it. */
  email: string;
  onEntered: (challenge: string | null) => void;
  onBack: () => void;
}

/** Signs in with a code that is mailed: the address first, then the code. */
export function MailedCode({ email: typed, onEntered, onBack }: Props) {
  const [email, setEmail] = useState(typed);
  const [sent, setSent] = useState(false);
  const [left, wait] = useCountdown();
  const [news, setNews] = useState('');

  /** @throws ConfabError, except that another one was asked for a short while ago: that one can still be entered */
  async function send(to: string): Promise<string> {
    try {
      await client.call('requestCode', { body: { email: to } });
      wait(PAUSE);
      return '';
    } catch (thrown) {
      if (!(thrown instanceof ConfabError) || thrown.code !== 'too_many_requests') throw thrown;
      wait(thrown.retryAfter ?? PAUSE);
      return `${messageOf(thrown)} If a code has reached you already, enter that one.`;
    }
  }
  const asking = useSubmit(
    async (form) => {
      const to = textOf(form, 'email').trim();
      setNews(await send(to));
      setEmail(to);
      setSent(true);
    },
    { email: 'Enter an address like name@example.com.' },
  );
  const entering = useSubmit(
    async (form) => onEntered(await enter('verifyCode', { email, code: textOf(form, 'code') })),
    {
      code: 'Enter the 6 digits of the email.',
    },
  );

  async function resend() {
    try {
      setNews((await send(email)) || 'Another code is on its way. Only the newest one works.');
    } catch (thrown) {
      setNews(messageOf(thrown));
    }
  }

  const back = (
    <Button look="quiet" className="mt-2.5 w-full" onClick={onBack}>
      Sign in another way
    </Button>
  );
  if (!sent)
    return (
      <AuthPage title="Sign in with a code">
        <form key="address" onSubmit={asking.onSubmit} noValidate>
          <Alert>{asking.problem.message}</Alert>
          <Field
            label="Email"
            name="email"
            type="email"
            autoComplete="email"
            autoFocus
            defaultValue={email}
            hint="We send you a code of 6 digits."
            error={asking.problem.fields['email']}
          />
          <Button type="submit" look="primary" busy={asking.busy} className="mt-6 w-full">
            Send the code
          </Button>
          {back}
        </form>
      </AuthPage>
    );
  return (
    <AuthPage title="Look into your mail">
      <BanAppeal token={entering.problem.appeal} />
      <form key="code" onSubmit={entering.onSubmit} noValidate>
        <p className="mb-5 text-muted">
          If <strong className="font-medium break-words text-ink">{email}</strong> has an account here, a code is on its
          way to it. It works once, for 10 minutes.
        </p>
        <Alert>{entering.problem.message}</Alert>
        <CodeField label="Code" error={entering.problem.fields['code']} />
        <Button type="submit" look="primary" busy={entering.busy} className="mt-6 w-full">
          Continue
        </Button>
        <Button className="mt-2.5 w-full" disabled={left > 0} onClick={() => void resend()}>
          {left > 0 ? `Send another code in ${left} s` : 'Send another code'}
        </Button>
        <p role="status" className="mt-2 text-sm text-muted empty:hidden">
          {news}
        </p>
        {back}
      </form>
    </AuthPage>
  );
}
