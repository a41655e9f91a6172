import type { AutomodTrigger, CallOutput } from '@confab/sdk';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { TextArea } from '../ui/Field.tsx';
import { classes } from '../ui/classes.ts';
import { SaidMessage } from './SaidMessage.tsx';

interface Props {
  trigger: AutomodTrigger;
  roomId: string | null;
}

/** What the rule as it stands would have done to the newest messages, and to a text. Changes nothing. */
export function RuleTrial({ trigger, roomId }: Props) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  /** With what was tried: the answer to something else is not shown. */
  const [tried, setTried] = useState<{ of: AutomodTrigger; text: string; answer: CallOutput<'tryAutomodRule'> } | null>(
    null,
  );
  const answer = tried?.of === trigger ? tried.answer : null;

  async function tryIt() {
    setBusy(true);
    setProblem(null);
    try {
      const said = text.trim();
      const got = await client.call('tryAutomodRule', {
        body: { roomId, trigger, ...(said !== '' && { text: said }) },
      });
      client.learn(got.users);
      setTried({ of: trigger, text, answer: got });
    } catch (thrown) {
      setTried(null);
      setProblem(messageOf(thrown));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-labelledby="trial-title" className="mt-6 rounded-xl border bg-surface p-4">
      <h3 id="trial-title" className="font-semibold">
        Try it
      </h3>
      <p className="mt-0.5 text-sm text-muted">
        Against the newest messages {roomId === null ? 'of all public rooms' : 'of the room'}. Nothing changes.
      </p>
      <TextArea
        label="And against this text"
        className="mt-3"
        rows={2}
        maxLength={8000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button className="mt-3" busy={busy} onClick={() => void tryIt()}>
        Try
      </Button>
      <div className="mt-3">
        <Alert>{problem}</Alert>
      </div>
      <div role="status">
        {answer && (
          <>
            {answer.text !== null && tried?.text === text && (
              <p className={classes('font-medium', answer.text && 'text-warn')}>
                {answer.text ? 'The text is caught.' : 'The text goes through.'}
              </p>
            )}
            <p>
              Would have matched {answer.matched.toLocaleString()} of {answer.tried.toLocaleString()}{' '}
              {answer.tried === 1 ? 'message' : 'messages'}.
            </p>
          </>
        )}
      </div>
      {answer && answer.examples.length > 0 && (
        <ul aria-label="Messages that it would have matched" className="mt-3 max-h-80 space-y-3 overflow-y-auto">
          {answer.examples.map((message) => (
            <li key={message.id}>
              <SaidMessage message={message} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
