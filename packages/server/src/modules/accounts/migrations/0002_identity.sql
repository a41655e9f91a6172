-- An address is one account's once it is proven; before that several may claim it, so that signing up tells nobody
-- whether it is known.
alter table accounts.users drop constraint users_email_key;
alter table accounts.users
  add column email_verified_at timestamptz,
  add column state text not null default 'active' check (state in ('active', 'deactivated', 'disabled', 'deleted')),
  add column banned_at timestamptz,
  -- null beside banned_at: for good
  add column banned_until timestamptz,
  add column ban_reason text,
  add column guest_until timestamptz,
  add column bio text not null default '',
  add column languages text[] not null default '{}',
  add column time_zone text,
  add column avatar text,
  add column seller jsonb,
  add column settings jsonb not null default '{}',
  -- sealed under a data key
  add column phone bytea,
  -- HMAC of the number: equal numbers are found without opening them
  add column phone_index bytea unique;
create unique index users_verified_email on accounts.users (email) where email_verified_at is not null;
create index users_email on accounts.users (email, created_at);
create index users_guests on accounts.users (guest_until) where guest_until is not null;

alter table accounts.sessions
  add column method text not null default 'password',
  -- what step-up asks for: when its owner last proved who they are
  add column authenticated_at timestamptz,
  -- however much it is used, it ends then
  add column ends_at timestamptz;
update accounts.sessions set authenticated_at = created_at;

-- Sessions without refresh tokens: the API token itself is presented each time.
create table accounts.api_tokens (
  session_id uuid primary key references accounts.sessions on delete cascade,
  name text not null,
  -- SHA-256 of the token
  hash bytea not null unique,
  scopes text[] not null
);

-- What is proven once: a code that was mailed or texted, a link, a step of a ceremony. Removed when it expires.
create table accounts.challenges (
  -- SHA-256 of the token that names it; of the purpose and the subject where a short code proves it
  hash bytea primary key,
  purpose text not null,
  user_id uuid references accounts.users on delete cascade,
  -- HMAC of the code, where there is one
  code_hash bytea,
  -- sealed under the master secret
  data bytea not null,
  attempts integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index challenges_expiry on accounts.challenges (expires_at);
create index challenges_user on accounts.challenges (user_id);

-- Keys of sealed columns, the one with the highest version seals. Sealed themselves under the master secret.
create table accounts.data_keys (
  version integer primary key check (version between 1 and 255),
  sealed bytea not null,
  created_at timestamptz not null
);

create table accounts.totp (
  user_id uuid primary key references accounts.users on delete cascade,
  -- sealed under a data key; null: begun, not yet confirmed
  secret bytea,
  confirmed_at timestamptz check ((confirmed_at is null) = (secret is null)),
  -- the newest time step a code was taken of: none is taken twice (RFC 6238 §5.2)
  last_step bigint not null default 0,
  -- a new enrolment, beside the confirmed one where there is one
  pending_secret bytea,
  pending_at timestamptz
);

create table accounts.recovery_codes (
  user_id uuid not null references accounts.users on delete cascade,
  -- HMAC of the code
  hash bytea not null,
  used_at timestamptz,
  primary key (user_id, hash)
);

create table accounts.passkeys (
  id uuid primary key,
  user_id uuid not null references accounts.users on delete cascade,
  credential_id text not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_user on accounts.passkeys (user_id);

create table accounts.identities (
  provider text not null,
  -- who they are there
  subject text not null,
  user_id uuid not null references accounts.users on delete cascade,
  name text,
  created_at timestamptz not null,
  primary key (provider, subject)
);
create unique index identities_user on accounts.identities (user_id, provider);

create table accounts.push_devices (
  id uuid primary key,
  user_id uuid not null references accounts.users on delete cascade,
  kind text not null check (kind in ('web', 'fcm', 'apns')),
  -- token or subscription, sealed under a data key
  target bytea not null,
  -- HMAC of it
  target_index bytea not null unique,
  created_at timestamptz not null
);
create index push_devices_user on accounts.push_devices (user_id);

create table accounts.audit_log (
  id uuid primary key,
  at timestamptz not null,
  action text not null,
  actor_id uuid,
  target_id uuid,
  ip text,
  request_id text,
  details jsonb not null
);
create index audit_log_actor on accounts.audit_log (actor_id, id);
create index audit_log_target on accounts.audit_log (target_id, id);
create index audit_log_action on accounts.audit_log (action text_pattern_ops, id);

create function accounts.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'accounts.audit_log is append-only';
end
$$;
create trigger audit_log_append_only before update or delete or truncate on accounts.audit_log
  for each statement execute function accounts.refuse_change();
