/** What the parts of this module are made of. */
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Limiter } from '../../platform/limiter/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { PersonalData } from '../../platform/personal-data.ts';
import type { AddressBans } from './address-bans.ts';
import type { Answers } from './answers.ts';
import type { Audit } from './audit.ts';
import type { Challenges } from './challenges.ts';
import type { BanRecords, DemandVoice, DemandWording, Trail } from './contracts.ts';
import type { Entry } from './entry.ts';
import type { Keyring } from './keyring.ts';
import type { Letters } from './letters.ts';
import type { Passwords } from './passwords.ts';
import type { People } from './people.ts';
import type { SessionLifetimes, Sessions } from './sessions.ts';
import type { StepUp } from './step-up.ts';
import type { Texts } from './texts.ts';

/** As configured. */
export interface AccountsConfig {
  /** Where people reach this installation, without a slash at the end. Known once it listens. */
  baseUrl: () => string;
  sessions: SessionLifetimes;
  guests: { enabled: boolean; /** Seconds. */ lifetime: number };
  providers: readonly ProviderConfig[];
}

/** An account elsewhere that may sign in here. */
export interface ProviderConfig {
  /** In paths and stored with each link: it never changes. */
  id: string;
  name: string;
  kind: 'oidc' | 'github';
  /** The issuer (OpenID Connect Discovery), or where GitHub is. */
  url: string;
  clientId: string;
  clientSecret: string;
}

export interface Core {
  db: Database;
  clock: Clock;
  ids: Ids;
  log: Logger;
  bus: Bus;
  jobs: Jobs;
  limiter: Limiter;
  config: AccountsConfig;
  /** Of the other modules. */
  personalData: () => readonly PersonalData[];
  banRecords: () => BanRecords;
  demandWording: DemandWording;
  demandVoice: DemandVoice;
  audit: Audit;
  trail: Trail;
  challenges: Challenges;
  addressBans: AddressBans;
  keyring: Keyring;
  letters: Letters;
  texts: Texts;
  passwords: Passwords;
  people: People;
  sessions: Sessions;
  entry: Entry;
  stepUp: StepUp;
  answers: Answers;
  /** Somebody's role changed, and that is committed: it holds at once on every node, for what is open as well. */
  roleChanged(userId: string): void;
  /**
   * Somebody was shut out, and that is committed. From when this resolves, nothing that they began on this node is stored in a
   * room any more.
   */
  shutOut(userId: string): Promise<void>;
}
