-- avatar.sql - the column avatar of account: the name of its blob, without the folder.

-- name: avatar_account
SELECT nr, avatar FROM account WHERE id = $1
-- name: avatar_lock
-- name: avatar_lock @postgres
 FOR UPDATE
-- name: avatar_set
UPDATE account SET revision = revision + 1, updated_at = $3, avatar = $2 WHERE nr = $1
-- name: avatar_known
SELECT 1 FROM account WHERE avatar = $1
