import { LIMITS, type Profile } from '@confab/sdk';
import { useState } from 'react';
import { client, useClient } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field, TextArea } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { LanguagesField } from './LanguagesField.tsx';
import { TimeZoneField } from './TimeZoneField.tsx';

/** What others see of me. */
export function ProfilePage() {
  const me = useClient((known) => known.me);
  return me && <ProfileForm key={me.id} me={me} />;
}

const ADVICE = {
  name: `Use 1 to ${LIMITS.personName} characters.`,
  bio: `Use up to ${LIMITS.bio} characters.`,
  'seller.name': 'Use 1 to 80 characters.',
  'seller.about': `Use up to ${LIMITS.bio} characters.`,
  'seller.location': 'Use up to 80 characters.',
};

function ProfileForm({ me }: { me: Profile }) {
  const [languages, setLanguages] = useState<readonly string[]>(me.languages);
  const [timeZone, setTimeZone] = useState(me.timeZone);
  const [sells, setSells] = useState(me.seller !== null);
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const orNull = (name: string) => textOf(form, name).trim() || null;
    await client.call('updateProfile', {
      body: {
        name: textOf(form, 'name'),
        bio: textOf(form, 'bio').trim(),
        languages: [...languages],
        timeZone,
        seller: sells
          ? {
              name: textOf(form, 'seller.name'),
              about: orNull('seller.about'),
              location: orNull('seller.location'),
            }
          : null,
      },
    });
    toast('Saved.');
  }, ADVICE);
  const { fields } = problem;

  return (
    <form onSubmit={onSubmit} noValidate className="space-y-10">
      <Section title="Profile" note="Everyone here can see it.">
        <Alert>{problem.message}</Alert>
        <div className="max-w-md space-y-5">
          <Field label="Name" name="name" autoComplete="name" defaultValue={me.name} error={fields['name']} />
          <Field
            label="Username"
            name="username"
            readOnly
            value={`@${me.username}`}
            hint={
              me.role === 'guest'
                ? 'You choose one when you create an account.'
                : 'Others find and mention you by it. It can’t be changed.'
            }
          />
          <TextArea
            label="About you"
            name="bio"
            defaultValue={me.bio}
            hint={`Up to ${LIMITS.bio} characters.`}
            error={fields['bio']}
          />
          <LanguagesField languages={languages} onChange={setLanguages} />
          <TimeZoneField timeZone={timeZone} onChange={setTimeZone} />
        </div>
      </Section>
      <Section title="Seller profile" note="How you appear to those you sell to.">
        <div className="max-w-md space-y-5">
          <Switch label="I sell here" checked={sells} onChange={(event) => setSells(event.target.checked)} />
          {sells && (
            <>
              <Field
                label="Seller name"
                name="seller.name"
                autoComplete="organization"
                defaultValue={me.seller?.name ?? me.name}
                error={fields['seller.name']}
              />
              <TextArea
                label="What you sell"
                name="seller.about"
                defaultValue={me.seller?.about ?? ''}
                error={fields['seller.about']}
              />
              <Field
                label="Place"
                name="seller.location"
                defaultValue={me.seller?.location ?? ''}
                error={fields['seller.location']}
              />
            </>
          )}
        </div>
      </Section>
      <Button type="submit" look="primary" busy={busy}>
        Save profile
      </Button>
    </form>
  );
}
