-- Further to 0002: how people and programs come in, and what is kept of their looks at households.
alter table account add column last_sign_in_ms bigint;
-- The password was given by somebody else: its owner must choose another before anything else.
alter table account add column one_time bigint not null default 0;
-- Argon2id of a crew member's six digits; good on paired phones only. null: none.
alter table account add column pin text;

alter table session add column used_ms bigint not null default 0;
-- What the browser said of itself, in two words.
alter table session add column browser text not null default '';
-- The paired phone on which it was opened by PIN. null: opened by password.
alter table session add column phone text;
update session set used_ms = opened_ms;

alter table token add column name text not null default '';
-- The roles it carries, separated by spaces. null: all of its account's.
alter table token add column roles text;
alter table token add column read_only bigint not null default 0;
alter table token add column used_ms bigint;

-- How many rows were shown (null: not counted) and the households among them, a line each, with a line break at either end.
alter table access_log add column row_count bigint;
alter table access_log add column households text not null default '';
create index access_log_account on access_log (account, at_ms);

-- What somebody changed of an account or a phone. Appended, never changed.
create table account_change (
  id text not null primary key,
  at_ms bigint not null,
  changed_by text not null,
  account text not null,
  what text not null
);
create index account_change_account on account_change (account, at_ms);

-- Phones on which crews sign in by PIN. Its secret and its code are kept as SHA-256 only.
create table phone (
  id text not null primary key,
  name text not null,
  made_ms bigint not null,
  made_by text not null,
  -- The code that pairs it, once, until it expires. null: used or withdrawn.
  code text,
  code_expires_ms bigint not null,
  -- null: not paired yet.
  fingerprint text,
  paired_ms bigint,
  used_ms bigint,
  revoked_ms bigint,
  revoked_by text
);
create unique index phone_fingerprint on phone (fingerprint);
create unique index phone_code on phone (code);

-- Wrong PINs of an account on a phone since its last right one.
create table pin_slip (
  phone text not null references phone (id),
  account text not null references account (name),
  wrong bigint not null,
  primary key (phone, account)
);
