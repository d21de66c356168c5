-- Who may in. Secrets are kept as hashes only.
create table account (
  name text not null primary key,
  -- Argon2id, PHC text; null: no sign-in by password, tokens only.
  password text,
  enabled bigint not null,
  created_ms bigint not null
);

create table account_role (
  account text not null references account (name),
  role text not null,
  primary key (account, role)
);

create table account_area (
  account text not null references account (name),
  area text not null,
  primary key (account, area)
);

create table session (
  fingerprint text not null primary key,
  account text not null references account (name),
  opened_ms bigint not null,
  expires_ms bigint not null
);
create index session_account on session (account);
create index session_expires on session (expires_ms);

create table token (
  fingerprint text not null primary key,
  account text not null references account (name),
  created_ms bigint not null,
  -- null: until the account is disabled.
  expires_ms bigint
);
create index token_account on token (account);

-- Who looked at which households, when. Appended, never changed.
create table access_log (
  id text not null primary key,
  at_ms bigint not null,
  account text not null,
  action text not null,
  subject text not null
);
create index access_log_at on access_log (at_ms);
