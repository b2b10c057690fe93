-- oauth.sql - linked sign-ins.

-- name: linked_find
SELECT account_nr FROM linked_identity WHERE issuer = $1 AND subject = $2
-- name: linked_of
SELECT subject FROM linked_identity WHERE account_nr = $1 AND issuer = $2
-- name: linked_insert
INSERT INTO linked_identity (account_nr, issuer, subject, email, name, created_at, used_at)
VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (issuer, subject) DO NOTHING
-- name: linked_used
UPDATE linked_identity SET email = $3, name = $4, used_at = $5 WHERE issuer = $1 AND subject = $2
-- name: linked_remove
DELETE FROM linked_identity WHERE account_nr = $1 AND issuer = $2
-- name: linked_others
SELECT count(*) FROM linked_identity WHERE account_nr = $1 AND issuer <> $2
-- name: linked_list
SELECT l.nr AS k, l.nr, l.issuer, l.email, l.name, l.created_at, l.used_at
    FROM linked_identity l WHERE l.account_nr = $1
-- name: linked_after
 AND l.nr > $1
-- name: linked_order
 ORDER BY l.nr LIMIT $1
