import {
  Bot,
  ChartNoAxesColumn,
  Flag,
  Globe,
  Hourglass,
  type LucideIcon,
  Network,
  Scale,
  ScrollText,
  Users,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { type ModerationPageName, moderationPath } from '../lib/router.ts';
import { SectionNav } from '../ui/SectionNav.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import type { Scope } from './scope.ts';
import { countText, useWaiting, type Waiting } from './waiting.ts';

interface Section {
  page: ModerationPageName;
  name: string;
  icon: LucideIcon;
  /** For whom; everyone who moderates anything unless told. */
  for?: 'instance' | 'admin';
  waiting?: keyof Waiting;
}

const SECTIONS: readonly Section[] = [
  { page: 'figures', name: 'Now', icon: ChartNoAxesColumn },
  { page: 'reports', name: 'Reports', icon: Flag, waiting: 'reports' },
  { page: 'held', name: 'Held messages', icon: Hourglass, waiting: 'held' },
  { page: 'appeals', name: 'Appeals', icon: Scale, waiting: 'appeals' },
  { page: 'members', name: 'Members', icon: Users },
  { page: 'automod', name: 'Automod', icon: Bot },
  { page: 'rooms', name: 'Lounges and rooms', icon: Globe },
  { page: 'networks', name: 'Networks', icon: Network, for: 'admin' },
  { page: 'log', name: 'Log', icon: ScrollText, for: 'instance' },
];

/** Whether a page of the console is for whoever has this scope. */
export function isFor(page: ModerationPageName, scope: Scope): boolean {
  const needed = SECTIONS.find((section) => section.page === page)?.for;
  return needed === undefined || (needed === 'admin' ? scope.admin : scope.instance);
}

interface Props {
  scope: Scope;
  page: ModerationPageName;
  /** Beside the page; over it where there is no room. */
  aside?: ReactNode;
  children: ReactNode;
}

/** What all pages of the console have around them. */
export function ConsolePage({ scope, page, aside, children }: Props) {
  const waiting = useWaiting(true);
  const pages = SECTIONS.filter((section) => isFor(section.page, scope)).map((section) => {
    const n = section.waiting === undefined ? null : waiting[section.waiting];
    return [
      moderationPath(section.page),
      n !== null && n > 0 ? `${section.name} (${countText(n)})` : section.name,
      section.icon,
    ] as const;
  });
  return (
    <div className="relative flex min-w-0 flex-1">
      <SubPage title="Moderation">
        <div className="space-y-5 pb-10">
          <SectionNav label="Moderation" flat pages={pages} current={moderationPath(page)} />
          {children}
        </div>
      </SubPage>
      {aside}
    </div>
  );
}
