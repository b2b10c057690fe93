-- onetime.sql - one-time tokens.

-- name: onetime_insert
INSERT INTO one_time_token (id, purpose, account_nr, data, attempts, created_at, expires_at)
VALUES ($1, $2, $3, $4, 0, $5, $6)
-- name: onetime_void
DELETE FROM one_time_token WHERE account_nr = $1 AND purpose = $2
-- name: onetime_void_all
DELETE FROM one_time_token WHERE account_nr = $1
-- name: onetime_look
SELECT account_nr, data FROM one_time_token
WHERE id = $1 AND purpose = $2 AND expires_at > $3
-- name: onetime_take
DELETE FROM one_time_token WHERE id = $1 AND purpose = $2 AND expires_at > $3
RETURNING account_nr, data
-- name: onetime_try
UPDATE one_time_token SET attempts = attempts + 1
WHERE id = $1 AND purpose = $2 AND expires_at > $3 AND attempts < $4
RETURNING account_nr, data
-- name: onetime_sweep
DELETE FROM one_time_token WHERE id IN
    (SELECT id FROM one_time_token WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
-- name: onetime_sweep @postgres
DELETE FROM one_time_token WHERE id IN
    (SELECT id FROM one_time_token WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
     FOR UPDATE SKIP LOCKED)
-- name: onetime_claim
INSERT INTO one_time_token (id, purpose, account_nr, data, attempts, created_at, expires_at)
VALUES ($1, $2, NULL, NULL, 0, $3, $4) ON CONFLICT (id) DO NOTHING
