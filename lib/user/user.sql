-- user.sql - accounts as users see them.

-- name: user_columns
u.id, u.revision, u.email, u.email_verified_at IS NOT NULL AS email_verified, u.name, u.locale,
u.avatar, u.status, u.roles, u.permissions, u.password IS NOT NULL AS has_password,
u.password_reset_needed, u.created_at, u.updated_at, u.signed_in_at, u.delete_at
-- name: user_get
SELECT {{user_columns}} FROM account u WHERE u.nr = $1
-- name: user_get_by_id
SELECT {{user_columns}} FROM account u WHERE u.id = $1
-- name: user_get_by_email
SELECT {{user_columns}} FROM account u WHERE u.email_key = $1
-- name: user_list
SELECT u.nr AS k, u.nr, {{user_columns}} FROM account u WHERE u.nr > 0
-- name: user_count
SELECT count(*) FROM (SELECT 1 AS one FROM account u WHERE u.nr > 0
-- name: user_count_end
 LIMIT $1) AS counted
-- name: user_of_word
 AND u.nr IN (SELECT w.account_nr FROM account_word w WHERE w.word >= $1 AND w.word < $2)
-- name: user_of_no_word
 AND u.nr < 0
-- name: user_of_status
 AND u.status = $1
-- name: user_of_role
 AND u.nr IN (SELECT m.account_nr FROM account_role m JOIN role r ON r.nr = m.role_nr
    WHERE r.name = $1)
-- name: user_after
 AND u.nr < $1
-- name: user_order
 ORDER BY u.nr DESC LIMIT $1
-- name: user_update
UPDATE account SET revision = revision + 1, updated_at = $2, email = $3, email_key = $4,
    email_verified_at = $5, name = $6, locale = $7, status = $8, password = $9,
    password_changed_at = $10, password_reset_needed = $11 WHERE nr = $1
-- What is handed out to its owner. $1 account, then: what is good still; how many at most.
-- name: user_sessions
SELECT s.id, s.method, s.address, s.user_agent, s.created_at, s.used_at, s.expires_at FROM session s
    WHERE s.account_nr = $1 AND s.expires_at > $2 ORDER BY s.nr DESC LIMIT 1000
-- name: user_identities
SELECT l.issuer, l.subject, l.email, l.name, l.created_at, l.used_at FROM linked_identity l
    WHERE l.account_nr = $1 ORDER BY l.nr
-- name: user_acts_own
SELECT a.at, a.action, a.target, a.address, a.user_agent, true AS own FROM audit a
    WHERE a.actor_id = $1 ORDER BY a.at DESC, a.nr DESC LIMIT $2
-- name: user_acts_of_others
SELECT a.at, a.action, a.target, NULL AS address, NULL AS user_agent, false AS own FROM audit a
    WHERE a.account_id = $1 AND (a.actor_id IS NULL OR a.actor_id <> $1)
    ORDER BY a.at DESC, a.nr DESC LIMIT $2
