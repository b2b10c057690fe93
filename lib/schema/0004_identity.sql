-- 0004_identity.sql - accounts, roles, sessions, keys, second factors, linked sign-ins, audit log.

-- People who sign in. email is shown as it was given (NFC), email_key is what makes it unique.
-- password is the hash in its own format, with its parameters; NULL: there is none.
-- permissions: all words of the account's roles, with spaces between, kept by the role room.
CREATE TABLE account (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    revision bigint NOT NULL,
    status {text} NOT NULL CHECK (status IN ('active', 'disabled')),
    email {text} NOT NULL,
    email_key {text} NOT NULL UNIQUE,
    email_verified_at bigint,
    name {text} NOT NULL,
    locale {text},
    avatar {text},
    password {text},
    password_changed_at bigint,
    password_reset_needed boolean NOT NULL,
    roles {text} NOT NULL,
    permissions {text} NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    signed_in_at bigint,
    delete_at bigint
);
CREATE INDEX account_by_deletion ON account (delete_at) WHERE delete_at IS NOT NULL;
CREATE INDEX account_by_status ON account (status, nr);

-- What an account is searched by: the words of its name and address.
CREATE TABLE account_word (
    word {text} NOT NULL,
    account_nr bigint NOT NULL REFERENCES account (nr) ON DELETE CASCADE,
    PRIMARY KEY (word, account_nr)
){clustered};
CREATE INDEX account_word_by_account ON account_word (account_nr);
CREATE INDEX account_by_avatar ON account (avatar) WHERE avatar IS NOT NULL;

-- Roles are data. permissions: words with spaces between; * is every one.
CREATE TABLE role (
    nr {identity},
    name {text} NOT NULL UNIQUE,
    revision bigint NOT NULL,
    description {text} NOT NULL,
    permissions {text} NOT NULL,
    built_in boolean NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE account_role (
    account_nr bigint NOT NULL REFERENCES account (nr) ON DELETE CASCADE,
    role_nr bigint NOT NULL REFERENCES role (nr) ON DELETE CASCADE,
    PRIMARY KEY (account_nr, role_nr)
){clustered};
CREATE INDEX account_role_by_role ON account_role (role_nr);

INSERT INTO role (name, revision, description, permissions, built_in, created_at, updated_at)
VALUES ('viewer', 1, 'watches; what everybody has who signs in', '', true, 0, 0),
    ('editor', 1, 'keeps the catalogue', 'content.write', true, 0, 0),
    ('admin', 1, 'may do everything', '*', true, 0, 0);

-- A sign-in. It is over when its row is gone, or at expires_at. counter: refresh tokens given out.
CREATE TABLE session (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    account_nr bigint NOT NULL REFERENCES account (nr) ON DELETE CASCADE,
    counter bigint NOT NULL,
    rotated_at bigint NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    auth_at bigint NOT NULL,
    method {text} NOT NULL,
    address {text},
    user_agent {text}
);
CREATE INDEX session_by_account ON session (account_nr, nr);
CREATE INDEX session_by_end ON session (expires_at);

-- Sessions that ended or whose account may do other things now, for processes that remember who is
-- behind a session and share nothing but the database: each asks what is new. Rows go after an hour.
CREATE TABLE session_change (
    nr {identity},
    session_id uuid NOT NULL,
    at bigint NOT NULL
);
CREATE INDEX session_change_by_time ON session_change (at);

-- Keys that sign access tokens. `secret` is sealed by CINEMA_KEY; NULL: it signs no more, what it
-- has signed is good until expires_at.
CREATE TABLE signing_key (
    nr {identity},
    id {text} NOT NULL UNIQUE,
    algorithm {text} NOT NULL,
    public {blob} NOT NULL,
    secret {blob},
    created_at bigint NOT NULL,
    retired_at bigint,
    expires_at bigint
);

-- Tokens that may be used once: in mails, between two steps of a sign-in. id: a hash of the token.
CREATE TABLE one_time_token (
    id {blob} NOT NULL PRIMARY KEY,
    purpose {text} NOT NULL,
    account_nr bigint REFERENCES account (nr) ON DELETE CASCADE,
    data {text},
    attempts bigint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX one_time_token_by_account ON one_time_token (account_nr, purpose);
CREATE INDEX one_time_token_by_end ON one_time_token (expires_at);

-- Second factors; kind leaves room for passkeys. secret is sealed. last_step: the time step of the
-- last code taken, so that none is taken twice. confirmed_at NULL: being set up.
CREATE TABLE factor (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    account_nr bigint NOT NULL REFERENCES account (nr) ON DELETE CASCADE,
    kind {text} NOT NULL,
    secret {blob} NOT NULL,
    last_step bigint NOT NULL,
    created_at bigint NOT NULL,
    confirmed_at bigint,
    UNIQUE (account_nr, kind)
);
CREATE TABLE backup_code (
    account_nr bigint NOT NULL REFERENCES account (nr) ON DELETE CASCADE,
    hash {blob} NOT NULL,
    PRIMARY KEY (account_nr, hash)
){clustered};

-- Sign-ins at other providers. issuer: "google", "github", or the URL of an OpenID provider.
CREATE TABLE linked_identity (
    nr {identity},
    account_nr bigint NOT NULL REFERENCES account (nr) ON DELETE CASCADE,
    issuer {text} NOT NULL,
    subject {text} NOT NULL,
    email {text},
    name {text},
    created_at bigint NOT NULL,
    used_at bigint NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX linked_identity_by_account ON linked_identity (account_nr, nr);

-- Who did what, when, from where. It keeps ids and not references: it outlives accounts.
CREATE TABLE audit (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    at bigint NOT NULL,
    action {text} NOT NULL,
    actor {text} NOT NULL,
    actor_id uuid,
    account_id uuid,
    target {text},
    address {text},
    user_agent {text},
    request_id {text},
    detail {text}
);
CREATE INDEX audit_by_actor ON audit (actor_id, at, nr) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_by_account ON audit (account_id, at, nr) WHERE account_id IS NOT NULL;
CREATE INDEX audit_by_action ON audit (action, at, nr);
CREATE INDEX audit_by_time ON audit (at, nr);
