-- audit.sql - the audit log.

-- name: audit_insert
INSERT INTO audit (id, at, action, actor, actor_id, account_id, target, address, user_agent,
    request_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
-- What an account did last, however much there is of it.
-- name: audit_last
SELECT l.at, l.address, l.user_agent, l.detail
    FROM (SELECT at, nr, action, address, user_agent, detail FROM audit WHERE account_id = $1
        ORDER BY at DESC, nr DESC LIMIT 1000) l
    WHERE l.action = $2 ORDER BY l.at DESC, l.nr DESC LIMIT 200
-- name: audit_list
SELECT a.at AS k, a.nr, a.id, a.at, a.action, a.actor, a.actor_id, a.account_id, a.target,
    a.address, a.user_agent, a.request_id, a.detail
    FROM audit a WHERE a.at >= $1 AND a.at <= $2
-- name: audit_of_actor
 AND a.actor_id = $1
-- name: audit_of_account
 AND a.account_id = $1
-- name: audit_of_action
 AND a.action = $1
-- name: audit_after
 AND (a.at, a.nr) < ($1, $2)
-- name: audit_order
 ORDER BY a.at DESC, a.nr DESC LIMIT $1
