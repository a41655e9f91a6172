create schema if not exists accounts;

create table accounts.users (
  id uuid primary key,
  -- null for people without an address
  email text unique check (email = lower(email)),
  username text not null unique check (username = lower(username)),
  name text not null,
  role text not null check (role in ('owner', 'admin', 'moderator', 'user', 'guest')),
  -- PHC string; null for people who sign in by other means
  password_hash text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- What a person is found by: the username, and the name from each of its words on, in lower case. Collation "C" makes
-- "begins with" a range of the primary key's index.
create table accounts.search_terms (
  term text collate "C" not null,
  user_id uuid not null references accounts.users on delete cascade,
  primary key (term, user_id)
);
create index search_terms_user on accounts.search_terms (user_id);

create table accounts.sessions (
  id uuid primary key,
  user_id uuid not null references accounts.users on delete cascade,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  user_agent text not null,
  ip text not null
);
create index sessions_user on accounts.sessions (user_id);
create index sessions_expiry on accounts.sessions (expires_at);

-- A session's refresh tokens, each the successor of another but the first. Spent ones stay until they expire, so that
-- their reuse is noticed.
create table accounts.refresh_tokens (
  -- SHA-256 of the token
  hash bytea primary key,
  session_id uuid not null references accounts.sessions on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  spent_at timestamptz
);
create index refresh_tokens_session on accounts.refresh_tokens (session_id);
create index refresh_tokens_expiry on accounts.refresh_tokens (expires_at);

create table accounts.signing_keys (
  -- RFC 7638 thumbprint of the public key
  kid text primary key,
  alg text not null,
  public_jwk jsonb not null,
  -- sealed with AES-256-GCM under a key derived from the master secret: version byte, nonce, ciphertext, tag
  private_jwk bytea not null,
  created_at timestamptz not null,
  retired_at timestamptz
);
