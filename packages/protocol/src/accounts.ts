/** People as accounts: who they are, what they set, how they get in. */
import { z } from 'zod';
import { Avatar, Id, line, nameLine, text, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

export const Username = z
  .string()
  .min(3)
  .max(30)
  .regex(
    /^[a-z0-9](?:[a-z0-9._]*[a-z0-9])?$/,
    'may hold a-z, 0-9, dot and underscore, and begins and ends with a letter or digit',
  )
  .meta({
    id: 'Username',
    description:
      'Permanent and unique: a-z, 0-9, dot and underscore, beginning and ending with a letter or digit. Names that could be taken for those who run the place, such as admin or mod.ann, count as taken.',
  });

/** One address, in lower case. Lists and display names are refused, so that mail can go to exactly one mailbox. */
export const Email = z
  .string()
  .max(254)
  .overwrite((s) => s.trim().toLowerCase())
  .pipe(z.email())
  .meta({ id: 'Email', format: 'email', description: 'One address; kept in lower case.' });

export const Password = z
  .string()
  .min(8)
  .max(200)
  .refine((s) => s.isWellFormed(), 'must be well-formed Unicode')
  .meta({ id: 'Password' });
export const PersonName = nameLine(LIMITS.personName).meta({ id: 'PersonName' });

/** What a person may do on the whole instance. */
export const Role = z.enum(['owner', 'admin', 'moderator', 'user', 'guest']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

/** What everyone may know of a person. */
export const PublicUser = z
  .object({ id: Id, username: z.string(), name: z.string(), role: Role })
  .meta({ id: 'PublicUser' });
export type PublicUser = z.infer<typeof PublicUser>;

/** A BCP 47 language tag of language, script and region in its canonical form, such as `pt-BR`. */
export const LanguageTag = z
  .string()
  .max(35)
  .refine((tag) => canonicalLanguage(tag) !== undefined, 'must be a language tag such as en or pt-BR')
  .overwrite((tag) => canonicalLanguage(tag) ?? tag)
  .meta({ id: 'LanguageTag' });

// What else a tag may hold are words of one's own (`en-x-…`, and variants nobody registered), which others would be shown.
const LANGUAGE = /^[a-z]{2,3}(?:-(?<script>[A-Z][a-z]{3}))?(?:-(?:[A-Z]{2}|\d{3}))?$/;
const SCRIPTS = new Intl.DisplayNames('en', { type: 'script', fallback: 'none' });

function canonicalLanguage(tag: string): string | undefined {
  try {
    const [canonical = ''] = Intl.getCanonicalLocales(tag);
    const found = LANGUAGE.exec(canonical);
    const script = found?.groups?.['script'];
    return found === null || (script !== undefined && SCRIPTS.of(script) === undefined) ? undefined : canonical;
  } catch {
    return undefined;
  }
}

/** A name of the IANA time zone database, such as `Europe/Berlin`. */
export const TimeZone = z
  .string()
  .max(64)
  .refine((zone) => isTimeZone(zone), 'must be a time zone such as Europe/Berlin')
  .meta({ id: 'TimeZone' });

function isTimeZone(zone: string): boolean {
  // Offsets such as +02:00 are taken by Intl as well, and say nothing of summer.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** How someone appears to those they sell to. */
export const SellerProfile = z
  .object({
    name: nameLine(80),
    about: text(LIMITS.bio).nullable(),
    location: line(1, 80).nullable(),
  })
  .meta({ id: 'SellerProfile' });

const Shown = {
  bio: z.string().meta({ description: 'Plain text.' }),
  languages: z.array(LanguageTag).meta({ description: 'The best first.' }),
  timeZone: z.string().nullable(),
  avatar: z.string().nullable(),
  seller: SellerProfile.nullable(),
  createdAt: Timestamp,
};

/** What everyone may read about a person who asks for it. */
export const PublicProfile = PublicUser.extend(Shown).meta({ id: 'PublicProfile' });
export type PublicProfile = z.infer<typeof PublicProfile>;

/** What a person knows of themself. */
export const Profile = PublicProfile.extend({
  email: z.string().nullable(),
  emailVerified: z.boolean(),
  phone: z.string().nullable().meta({ description: 'Verified, in E.164 form such as +4915112345678.' }),
  guestUntil: Timestamp.nullable().meta({ description: 'A guest’s account ends then.' }),
}).meta({ id: 'Profile' });
export type Profile = z.infer<typeof Profile>;

/** What of one’s profile one may change. What is left out stays. */
export const ProfileChanges = z.strictObject({
  name: PersonName.optional(),
  bio: z.union([text(LIMITS.bio), z.literal('')]).optional(),
  languages: z.array(LanguageTag).max(10).optional(),
  timeZone: TimeZone.nullable().optional(),
  avatar: Avatar.nullable().optional(),
  seller: SellerProfile.strict().nullable().optional(),
});

/** Who may begin a direct conversation with me, or put me into a room. */
export const DirectFrom = z.enum(['everyone', 'shared_rooms', 'nobody']).meta({ id: 'DirectFrom' });
export type DirectFrom = z.infer<typeof DirectFrom>;

/** What a person has set for themself, on all devices. */
export const Settings = z
  .object({
    privacy: z.object({
      findable: z.boolean().meta({ description: 'Found by search, beside by those who know the exact username.' }),
      directFrom: DirectFrom,
    }),
    notifications: z.object({
      push: z.boolean(),
      sound: z.boolean(),
      preview: z.boolean().meta({ description: 'Notifications show what was written.' }),
      emailDigest: z.enum(['never', 'daily', 'weekly']),
    }),
    chat: z.object({
      enterSends: z
        .boolean()
        .meta({ description: 'Enter sends; otherwise it begins a new line, and Ctrl+Enter sends.' }),
      clock: z.enum(['auto', '12', '24']),
      animations: z.boolean(),
    }),
  })
  .meta({ id: 'Settings' });
export type Settings = z.infer<typeof Settings>;

/** Each part is changed field by field; what is left out stays. */
export const SettingsChanges = z.strictObject({
  privacy: Settings.shape.privacy.partial().strict().optional(),
  notifications: Settings.shape.notifications.partial().strict().optional(),
  chat: Settings.shape.chat.partial().strict().optional(),
});

// ---- ways in

/** A mobile number in international form. */
export const Phone = z
  .string()
  .max(20)
  .overwrite((s) => s.replaceAll(/[\s()./-]/g, ''))
  .regex(/^\+[1-9]\d{6,14}$/, 'must be in international form such as +4915112345678')
  .meta({ id: 'Phone', description: 'E.164: +, country, number.' });

/** Six digits, as they are mailed, texted or shown by an authenticator app. */
export const Code = z
  .string()
  .max(20)
  .overwrite((s) => s.replaceAll(/[\s-]/g, ''))
  .regex(/^\d{6}$/, 'must be 6 digits')
  .meta({ id: 'Code' });

/** An unguessable text of the server’s, such as the token of a mailed link. */
export const Token = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9_-]+$/, 'is not such a token')
  .meta({ id: 'Token' });

export const Session = z
  .object({
    id: Id,
    current: z.boolean(),
    method: z.string().meta({ description: 'How it was begun: password, email_code, passkey, oauth, guest, sign_up.' }),
    device: z.string().meta({ description: 'Such as "Firefox on Linux".' }),
    ip: z.string().meta({ description: 'Where it was begun or last used.' }),
    createdAt: Timestamp,
    lastUsedAt: Timestamp,
    expiresAt: Timestamp,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

export const Passkey = z
  .object({ id: Id, name: z.string(), createdAt: Timestamp, lastUsedAt: Timestamp.nullable() })
  .meta({ id: 'Passkey' });
export type Passkey = z.infer<typeof Passkey>;

export const Identity = z
  .object({ provider: z.string(), name: z.string().nullable(), createdAt: Timestamp })
  .meta({ id: 'Identity', description: 'An account elsewhere that signs in here.' });
export type Identity = z.infer<typeof Identity>;

/** How I get in, and what keeps others out. */
export const Security = z
  .object({
    hasPassword: z.boolean(),
    totp: z.boolean().meta({ description: 'Whether codes of an authenticator app are asked for.' }),
    recoveryCodes: z.int().meta({ description: 'How many are left.' }),
    passkeys: z.array(Passkey),
    identities: z.array(Identity),
    stepUpUntil: Timestamp.nullable().meta({
      description: 'Until then sensitive changes need no further proof. null: `stepUp` first.',
    }),
    stepUpWith: z
      .array(z.enum(['password', 'totp', 'email_code', 'passkey']))
      .meta({ description: 'What proves that it is me.' }),
  })
  .meta({ id: 'Security' });
export type Security = z.infer<typeof Security>;

export const DeviceKind = z.enum(['web', 'fcm', 'apns']).meta({ id: 'DeviceKind' });
export const Device = z
  .object({ id: Id, kind: DeviceKind, createdAt: Timestamp })
  .meta({ id: 'Device', description: 'A device that notifications are pushed to.' });
export type Device = z.infer<typeof Device>;

// ---- seen by those who run the place

export const AccountState = z
  .enum(['active', 'deactivated', 'disabled', 'deleted'])
  .meta({ id: 'AccountState', description: 'deactivated: by its owner. disabled: by an administrator.' });
export type AccountState = z.infer<typeof AccountState>;

export const Ban = z
  .object({
    since: Timestamp,
    until: Timestamp.nullable().meta({ description: 'null: for good.' }),
    reason: z.string(),
    appeal: z.string().optional().meta({
      description: 'Where a sign-in or a refresh was refused: what POST /api/auth/appeal takes, for a day.',
    }),
  })
  .meta({ id: 'Ban' });

/** A network in CIDR notation, no wider than /8 (IPv4) or /16 (IPv6); one address alone is its own network. */
export const AddressRange = z
  .union([
    z.cidrv4().refine((range) => Number(range.split('/')[1]) >= 8, 'may be no wider than /8'),
    z.cidrv6().refine((range) => Number(range.split('/')[1]) >= 16, 'may be no wider than /16'),
    z.ipv4(),
    z.ipv6(),
  ])
  .meta({ id: 'AddressRange', description: 'Such as 203.0.113.0/24 or 2001:db8::/32.' });

export const AddressBan = z
  .object({
    id: Id,
    range: z.string(),
    reason: z.string(),
    until: Timestamp.nullable().meta({ description: 'null: until it is removed.' }),
    createdBy: Id,
    createdAt: Timestamp,
  })
  .meta({ id: 'AddressBan' });
export type AddressBan = z.infer<typeof AddressBan>;

export const Account = PublicUser.extend({
  email: z.string().nullable(),
  emailVerified: z.boolean(),
  state: AccountState,
  ban: Ban.nullable(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
}).meta({ id: 'Account' });
export type Account = z.infer<typeof Account>;

export const AuditEntry = z
  .object({
    id: Id,
    at: Timestamp,
    action: z.string(),
    actorId: Id.nullable().meta({ description: 'null: nobody signed in, or the command line.' }),
    targetId: Id.nullable(),
    ip: z.string().nullable(),
    requestId: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;
