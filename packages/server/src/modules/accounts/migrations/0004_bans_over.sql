create index users_banned_until on accounts.users (banned_until) where banned_until is not null;
