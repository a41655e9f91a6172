import type { PublicProfile } from '@confab/sdk';
import { languageName } from '../lib/language-names.ts';
import { useNow } from '../lib/now.ts';
import { dayOf, timeIn } from '../lib/time.ts';

/** What a person tells about themself. */
export function PersonAbout({ profile }: { profile: PublicProfile }) {
  const now = useNow();
  const { bio, languages, timeZone, seller } = profile;
  const time = timeZone === null ? undefined : timeIn(timeZone, now);
  const facts: [string, string][] = [];
  if (languages.length > 0) facts.push(['Speaks', languages.map(languageName).join(', ')]);
  if (time !== undefined) facts.push(['Local time', time]);
  if (seller) facts.push(['Sells as', [seller.name, seller.location].filter(Boolean).join(', ')]);
  facts.push(['Here since', dayOf(profile.createdAt)]);
  return (
    <div className="mt-5 space-y-4">
      {bio !== '' && <p className="break-words whitespace-pre-wrap">{bio}</p>}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {facts.map(([term, value]) => (
          <div key={term} className="contents">
            <dt className="text-muted">{term}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {seller?.about && <p className="break-words whitespace-pre-wrap text-muted">{seller.about}</p>}
    </div>
  );
}
