-- Networks that nobody signs up or signs in from.
create table accounts.address_bans (
  id         uuid primary key,
  range      cidr not null unique,
  reason     text not null,
  -- null: until it is removed
  until      timestamptz,
  created_by uuid not null,
  created_at timestamptz not null
);
create index address_bans_over on accounts.address_bans (until) where until is not null;
