-- key.sql - keys that sign access tokens.

-- One process at a time makes a key.
-- name: key_turn
SELECT 1
-- name: key_turn @postgres
SELECT pg_advisory_xact_lock(7021990021)
-- name: key_all
SELECT id, public, secret, created_at, retired_at, expires_at FROM signing_key
    WHERE algorithm = 'EdDSA' AND (expires_at IS NULL OR expires_at > $1) ORDER BY nr
-- name: key_insert
INSERT INTO signing_key (id, algorithm, public, secret, created_at)
VALUES ($1, 'EdDSA', $2, $3, $4)
-- name: key_retire
UPDATE signing_key SET secret = NULL, retired_at = $1, expires_at = $2
    WHERE algorithm = 'EdDSA' AND secret IS NOT NULL AND id <> $3
-- name: key_sweep
DELETE FROM signing_key WHERE expires_at <= $1
