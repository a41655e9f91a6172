import { useUser } from '../lib/client.ts';
import { moderationPath } from '../lib/router.ts';
import { Link } from '../ui/Link.tsx';

/** Leads to what moderators know of somebody. null: automod. */
export function PersonLink({ userId }: { userId: string | null }) {
  const user = useUser(userId);
  if (userId === null) return <>Automod</>;
  return (
    <Link
      to={moderationPath('members', userId)}
      className="min-w-0 font-medium wrap-anywhere text-accent underline-offset-2 hover:underline"
    >
      {user?.name ?? '…'}
    </Link>
  );
}
