import { ConfabError } from '@confab/sdk';
import { Dices } from 'lucide-react';
import { useState } from 'react';
import { client, useClient } from '../lib/client.ts';
import { useSubmit } from '../lib/problems.ts';
import { LanguagesField } from '../settings/LanguagesField.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Switch } from '../ui/Switch.tsx';
import { AgeDialog } from './AgeDialog.tsx';
import { InterestsField } from './InterestsField.tsx';
import { setMatch } from './match.ts';
import { keepWishes, keptWishes, MOST_LANGUAGES } from './wishes.ts';

/** Whom one would like to meet. */
export function WishesForm() {
  const isGuest = useClient((known) => known.me?.role === 'guest');
  const [wishes, setWishes] = useState(keptWishes);
  const [asksAge, setAsksAge] = useState(false);

  async function find() {
    keepWishes(wishes);
    setMatch(await client.match.find(isGuest ? { ...wishes, meetGuests: false } : wishes));
  }
  const { busy, problem, onSubmit } = useSubmit(async () => {
    try {
      await find();
    } catch (thrown) {
      if (!(thrown instanceof ConfabError) || thrown.code !== 'age_confirmation_required') throw thrown;
      setAsksAge(true);
    }
  });

  return (
    <>
      <form onSubmit={onSubmit} noValidate className="max-w-lg">
        <p className="mb-6 text-muted">
          Talk with somebody you don’t know, just the two of you, for as long as you both like. They see your name and
          your profile, as in any room.
        </p>
        <Alert>{problem.message}</Alert>
        <div className="space-y-6">
          <LanguagesField
            languages={wishes.languages}
            most={MOST_LANGUAGES}
            onChange={(languages) => setWishes({ ...wishes, languages: [...languages] })}
          />
          <InterestsField
            interests={wishes.interests}
            onChange={(interests) => setWishes({ ...wishes, interests: [...interests] })}
          />
          {!isGuest && (
            <Switch
              label="Meet guests too"
              hint="Guests have no account. Without it you meet members only."
              checked={wishes.meetGuests}
              onChange={(event) => setWishes({ ...wishes, meetGuests: event.target.checked })}
            />
          )}
        </div>
        <Button type="submit" look="primary" busy={busy} className="mt-7 max-sm:w-full">
          {!busy && <Dices size={18} aria-hidden />}
          Find somebody
        </Button>
      </form>
      {asksAge && <AgeDialog onConfirmed={find} onClose={() => setAsksAge(false)} />}
    </>
  );
}
