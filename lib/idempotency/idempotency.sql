-- idempotency.sql - keys and the answers that were given under them.

-- name: idempotency_find
SELECT fingerprint, status, tag, place, answer FROM idempotency WHERE id = $1 AND created_at > $2

-- An old one is as good as none. In PostgreSQL this waits for another that is under way.
-- name: idempotency_claim
INSERT INTO idempotency (id, fingerprint, created_at, status) VALUES ($1, $2, $3, 0)
    ON CONFLICT (id) DO UPDATE SET fingerprint = $2, created_at = $3, status = 0
    WHERE idempotency.created_at <= $4
    RETURNING status

-- name: idempotency_keep
UPDATE idempotency SET status = $2, tag = $3, place = $4, answer = $5 WHERE id = $1

-- A few at a time, with each new one: the table never holds much more than a day.
-- name: idempotency_expire
DELETE FROM idempotency WHERE id IN
    (SELECT id FROM idempotency WHERE created_at <= $1 ORDER BY created_at LIMIT 16)
-- name: idempotency_expire @postgres
DELETE FROM idempotency WHERE id IN
    (SELECT id FROM idempotency WHERE created_at <= $1 ORDER BY created_at LIMIT 16
        FOR UPDATE SKIP LOCKED)
