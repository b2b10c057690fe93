-- role.sql - roles, and what accounts have of them.

-- name: role_columns
r.name, r.revision, r.description, r.permissions, r.built_in, r.created_at, r.updated_at
-- name: role_get
SELECT r.nr, {{role_columns}} FROM role r WHERE r.name = $1
-- name: role_lock
-- name: role_lock @postgres
 FOR UPDATE
-- name: role_list
SELECT r.name AS k, r.nr, {{role_columns}} FROM role r WHERE r.nr > 0
-- name: role_after
 AND (r.name, r.nr) > ($1, $2)
-- name: role_order
 ORDER BY r.name, r.nr LIMIT $1
-- name: role_insert
INSERT INTO role (name, revision, description, permissions, built_in, created_at, updated_at)
VALUES ($1, 1, $2, $3, false, $4, $4) ON CONFLICT (name) DO NOTHING RETURNING nr
-- name: role_update
UPDATE role SET revision = revision + 1, description = $2, permissions = $3, updated_at = $4
WHERE nr = $1
-- name: role_remove
DELETE FROM role WHERE nr = $1

-- Changes that could take the last administrator come one after the other.
-- name: role_guard
SELECT nr FROM role WHERE name = 'admin'
-- name: role_guard @postgres
SELECT nr FROM role WHERE name = 'admin' FOR NO KEY UPDATE
-- Somebody who may do everything, and is not $1 (0: anybody).
-- name: role_administrator
SELECT 1 FROM role r JOIN account_role x ON x.role_nr = r.nr JOIN account a ON a.nr = x.account_nr
WHERE r.permissions = '*' AND a.status = 'active' AND a.delete_at IS NULL AND a.nr <> $1 LIMIT 1

-- name: role_account
SELECT a.nr, a.id, a.roles, a.permissions FROM account a
-- name: role_account_by_id
 WHERE a.id = $1
-- name: role_account_by_nr
 WHERE a.nr = $1
-- name: role_give
INSERT INTO account_role (account_nr, role_nr) VALUES ($1, $2) ON CONFLICT DO NOTHING
-- name: role_of_account
SELECT r.name, r.permissions FROM account_role x JOIN role r ON r.nr = x.role_nr
WHERE x.account_nr = $1 ORDER BY r.name
-- name: role_take_all
DELETE FROM account_role WHERE account_nr = $1

-- What is kept in the row of an account: of all that have a role, or of one. Role $2 does not count:
-- it is about to go.
-- name: role_apply
UPDATE account SET revision = revision + 1, updated_at = $1,
    roles = (SELECT coalesce(group_concat(g.name, ' '), '') FROM (
        SELECT r.name AS name FROM account_role x JOIN role r ON r.nr = x.role_nr
        WHERE x.account_nr = account.nr AND r.nr <> $2 ORDER BY r.name) g),
    permissions = (SELECT coalesce(group_concat(g.permissions, ' '), '') FROM (
        SELECT r.permissions AS permissions FROM account_role x JOIN role r ON r.nr = x.role_nr
        WHERE x.account_nr = account.nr AND r.nr <> $2 AND r.permissions <> ''
        ORDER BY r.name) g)
-- name: role_apply @postgres
UPDATE account SET revision = revision + 1, updated_at = $1,
    roles = (SELECT coalesce(string_agg(r.name, ' ' ORDER BY r.name), '')
        FROM account_role x JOIN role r ON r.nr = x.role_nr
        WHERE x.account_nr = account.nr AND r.nr <> $2),
    permissions = (SELECT coalesce(string_agg(r.permissions, ' ' ORDER BY r.name), '')
        FROM account_role x JOIN role r ON r.nr = x.role_nr
        WHERE x.account_nr = account.nr AND r.nr <> $2 AND r.permissions <> '')
-- name: role_apply_to_one
 WHERE nr = $1
-- name: role_apply_to_all
 WHERE nr IN (SELECT account_nr FROM account_role WHERE role_nr = $1)

-- What session__changed does for one account, for all that have a role.
-- name: role_changed
INSERT INTO session_change (session_id, at)
    SELECT s.id, $2 FROM account_role x JOIN session s ON s.account_nr = x.account_nr
    WHERE x.role_nr = $1
