-- session.sql - sessions.

-- name: session_insert
INSERT INTO session (id, account_nr, counter, rotated_at, created_at, used_at, expires_at, auth_at,
    method, address, user_agent)
VALUES ($1, $2, 1, $3, $3, $3, $4, $3, $5, $6, $7)

-- For a refresh.
-- name: session_lock
SELECT s.nr, s.counter, s.rotated_at, s.expires_at, s.auth_at, s.account_nr, a.id, a.status
    FROM session s JOIN account a ON a.nr = s.account_nr WHERE s.id = $1
-- name: session_lock @postgres
SELECT s.nr, s.counter, s.rotated_at, s.expires_at, s.auth_at, s.account_nr, a.id, a.status
    FROM session s JOIN account a ON a.nr = s.account_nr WHERE s.id = $1 FOR UPDATE OF s
-- name: session_rotate
UPDATE session SET counter = counter + 1, rotated_at = $2, used_at = $2, expires_at = $3,
    address = $4, user_agent = $5 WHERE nr = $1

-- With every request: who is behind it, and may they still.
-- name: session_who
SELECT s.account_nr, a.id, s.auth_at, s.expires_at, a.status, a.permissions
    FROM session s JOIN account a ON a.nr = s.account_nr WHERE s.id = $1

-- name: session_end
DELETE FROM session WHERE id = $1 AND account_nr = $2
-- name: session_end_all
DELETE FROM session WHERE account_nr = $1
-- name: session_end_others
DELETE FROM session WHERE account_nr = $1 AND id <> $2

-- name: session_change_one
INSERT INTO session_change (session_id, at) VALUES ($1, $2)
-- name: session_change_all
INSERT INTO session_change (session_id, at) SELECT id, $2 FROM session WHERE account_nr = $1
-- name: session_change_others
INSERT INTO session_change (session_id, at)
    SELECT id, $2 FROM session WHERE account_nr = $1 AND id <> $3
-- name: session_changes
SELECT session_id FROM session_change WHERE at > $1 LIMIT $2

-- name: session_sweep
DELETE FROM session WHERE nr IN
    (SELECT nr FROM session WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
-- name: session_change_sweep
DELETE FROM session_change WHERE nr IN
    (SELECT nr FROM session_change WHERE at <= $1 ORDER BY at LIMIT $2)

-- name: session_list
SELECT s.nr AS k, s.nr, s.id, s.created_at, s.used_at, s.expires_at, s.method, s.address,
    s.user_agent FROM session s WHERE s.account_nr = $1 AND s.expires_at > $2
-- name: session_list_all
SELECT s.nr AS k, s.nr, s.id, s.created_at, s.used_at, s.expires_at, s.method, s.address,
    s.user_agent, a.id AS user_id, a.email FROM session s JOIN account a ON a.nr = s.account_nr
    WHERE s.nr > 0 AND s.expires_at > $1
-- name: session_after
 AND s.nr < $1
-- name: session_order
 ORDER BY s.nr DESC LIMIT $1

-- name: session_owner
SELECT account_nr FROM session WHERE id = $1
-- name: session_account
SELECT nr FROM account WHERE id = $1
