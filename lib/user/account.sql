-- account.sql - rows of accounts.

-- name: account_get
SELECT nr, id, revision, status, email, email_key, email_verified_at, name, locale, avatar,
    password, password_changed_at, password_reset_needed, roles, permissions, created_at,
    updated_at, signed_in_at, delete_at FROM account
-- name: account_by_email
 WHERE email_key = $1
-- name: account_by_id
 WHERE id = $1
-- name: account_by_nr
 WHERE nr = $1
-- name: account_lock
-- name: account_lock @postgres
 FOR UPDATE
-- name: account_insert
INSERT INTO account (id, revision, status, email, email_key, email_verified_at, name, locale,
    password, password_changed_at, password_reset_needed, roles, permissions, created_at,
    updated_at)
SELECT $1, 1, $10, $2, $3, $4, $5, $6, $7, $8, $11, r.name, r.permissions, $9, $9
FROM role r WHERE r.name = 'viewer'
-- Waits for a change of the role under way, which does not know of this account yet.
-- name: account_insert_lock
-- name: account_insert_lock @postgres
 FOR SHARE
-- name: account_insert_end
 ON CONFLICT (email_key) DO NOTHING RETURNING nr
-- name: account_insert_role
INSERT INTO account_role (account_nr, role_nr) SELECT $1, nr FROM role WHERE name = 'viewer'
-- name: account_set_password
UPDATE account SET revision = revision + 1, updated_at = $3, password = $2,
    password_changed_at = $3, password_reset_needed = false WHERE nr = $1
-- name: account_renew_password
UPDATE account SET password = $3 WHERE nr = $1 AND password = $2
-- name: account_verify_email
UPDATE account SET revision = revision + 1, updated_at = $3,
    email_verified_at = coalesce(email_verified_at, $3) WHERE nr = $1 AND email_key = $2
-- name: account_set_email
UPDATE account SET revision = revision + 1, updated_at = $4, email = $2, email_key = $3,
    email_verified_at = $4 WHERE nr = $1
-- name: account_email_taken
SELECT 1 FROM account WHERE email_key = $1 AND nr <> $2
-- name: account_signed_in
UPDATE account SET signed_in_at = $2, delete_at = NULL WHERE nr = $1
-- name: account_leave
UPDATE account SET delete_at = $2, revision = revision + 1, updated_at = $3 WHERE nr = $1
-- name: account_word_clear
DELETE FROM account_word WHERE account_nr = $1
-- name: account_word_add
INSERT INTO account_word (word, account_nr) VALUES ($1, $2) ON CONFLICT DO NOTHING
-- name: account_due
SELECT nr, id FROM account WHERE delete_at <= $1 ORDER BY delete_at LIMIT $2
-- Who is signing in this moment is left for another time, and who has signed in is none of them; who
-- signs in after it waits, and finds no account.
-- name: account_due @postgres
SELECT nr, id FROM account WHERE delete_at <= $1 ORDER BY delete_at LIMIT $2
    FOR UPDATE SKIP LOCKED
-- name: account_remove
DELETE FROM account WHERE nr = $1
