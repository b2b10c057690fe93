-- 0003_idempotency.sql - first answers to requests that carried an Idempotency-Key.

-- id: a hash of caller, operation and key. status 0: the request is being worked on (seen only by
-- its own transaction). The answer is what the client got, so that a repetition gets the same.
CREATE TABLE idempotency (
    id {blob} NOT NULL PRIMARY KEY,
    fingerprint {blob} NOT NULL,
    created_at bigint NOT NULL,
    status bigint NOT NULL,
    tag {text},
    place {text},
    answer {text}
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
