-- twofactor.sql - second factors and backup codes.

-- name: factor_is_on
SELECT nr FROM factor WHERE account_nr = $1 AND confirmed_at IS NOT NULL
-- name: factor_get
SELECT id, secret, last_step, created_at, confirmed_at FROM factor
WHERE account_nr = $1 AND kind = 'totp'

-- Setting up anew replaces what was not confirmed, and nothing else.
-- name: factor_begin
INSERT INTO factor (id, account_nr, kind, secret, last_step, created_at, confirmed_at)
VALUES ($1, $2, 'totp', $3, 0, $4, NULL)
ON CONFLICT (account_nr, kind) DO UPDATE SET id = excluded.id, secret = excluded.secret,
    last_step = 0, created_at = excluded.created_at
WHERE factor.confirmed_at IS NULL
-- name: factor_confirm
UPDATE factor SET confirmed_at = $2, last_step = $3 WHERE id = $1 AND confirmed_at IS NULL

-- Of parallel uses of one code one finds last_step behind it.
-- name: factor_advance
UPDATE factor SET last_step = $2
WHERE id = $1 AND confirmed_at IS NOT NULL AND last_step < $2
-- name: factor_remove
DELETE FROM factor WHERE account_nr = $1

-- name: backup_code_insert
INSERT INTO backup_code (account_nr, hash) VALUES ($1, $2)
-- name: backup_code_more
, ($1, $2)
-- name: backup_code_take
DELETE FROM backup_code WHERE account_nr = $1 AND hash = $2
-- name: backup_code_clear
DELETE FROM backup_code WHERE account_nr = $1
-- name: backup_code_count
SELECT count(*) FROM backup_code WHERE account_nr = $1
