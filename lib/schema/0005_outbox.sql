-- 0005_outbox.sql - work for the outside, written in the transaction that is the reason for it.

-- payload is sealed by CINEMA_KEY: a mail may hold a token. It is emptied when the work is done.
-- due_at: when to try it (again); while somebody is at it, when it falls to another. lease: whose it
-- is meanwhile. Rows that are done stay for a while, so that a key is not done twice.
CREATE TABLE outbox (
    nr {identity},
    kind {text} NOT NULL,
    key {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('waiting', 'done', 'dead')),
    payload {blob} NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL,
    attempts bigint NOT NULL,
    lease {blob},
    ended_at bigint,
    error {text},
    UNIQUE (kind, key)
);
CREATE INDEX outbox_due ON outbox (due_at, nr) WHERE status = 'waiting';
CREATE INDEX outbox_ended ON outbox (status, ended_at) WHERE status <> 'waiting';
