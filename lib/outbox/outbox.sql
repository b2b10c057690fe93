-- outbox.sql - work for the outside, waiting, taken, done or given up.

-- name: outbox_add
INSERT INTO outbox (kind, key, status, payload, created_at, due_at, attempts)
VALUES ($1, $2, 'waiting', $3, $4, $4, 0)
ON CONFLICT (kind, key) DO NOTHING RETURNING nr

-- name: outbox_next
SELECT due_at FROM outbox WHERE status = 'waiting' ORDER BY due_at, nr LIMIT 1

-- name: outbox_take
UPDATE outbox SET lease = $1, due_at = $2, attempts = attempts + 1 WHERE nr IN
    (SELECT nr FROM outbox WHERE status = 'waiting' AND due_at <= $3 AND nr >= $4
        ORDER BY due_at, nr LIMIT 1)
RETURNING nr, kind, key, payload, created_at, attempts
-- name: outbox_take @postgres
UPDATE outbox SET lease = $1, due_at = $2, attempts = attempts + 1 WHERE nr IN
    (SELECT nr FROM outbox WHERE status = 'waiting' AND due_at <= $3 AND nr >= $4
        ORDER BY due_at, nr LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING nr, kind, key, payload, created_at, attempts

-- Only who still holds the lease may say what came of it.
-- name: outbox_done
UPDATE outbox SET status = 'done', payload = $3, lease = NULL, error = NULL, ended_at = $4
WHERE nr = $1 AND lease = $2
-- name: outbox_again
UPDATE outbox SET lease = NULL, due_at = $3, error = $4 WHERE nr = $1 AND lease = $2
-- name: outbox_dead
UPDATE outbox SET status = 'dead', lease = NULL, ended_at = $3, error = $4
WHERE nr = $1 AND lease = $2

-- name: outbox_sweep
DELETE FROM outbox WHERE nr IN
    (SELECT nr FROM outbox WHERE status = $1 AND ended_at <= $2 AND status <> 'waiting'
        ORDER BY ended_at LIMIT $3)

-- SQLite takes the index of what has ended only where its condition is written out, as above.
-- name: outbox_counts
SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE status = 'waiting' LIMIT 10000) w),
    (SELECT min(created_at) FROM outbox WHERE status = 'waiting'),
    (SELECT count(*) FROM
        (SELECT 1 FROM outbox WHERE status = 'dead' AND status <> 'waiting' LIMIT 10000) d)

-- name: outbox_dead_list
SELECT ended_at AS k, nr, CAST(nr AS text) AS id, kind, attempts, created_at, ended_at, error
    FROM outbox WHERE status = 'dead' AND status <> 'waiting'
-- name: outbox_dead_after
 AND (ended_at, nr) < ($1, $2)
-- name: outbox_dead_order
 ORDER BY ended_at DESC, nr DESC LIMIT $1
-- name: outbox_retry
UPDATE outbox SET status = 'waiting', due_at = $2, attempts = 0, ended_at = NULL
WHERE nr = $1 AND status = 'dead'
-- name: outbox_retry_all
UPDATE outbox SET status = 'waiting', due_at = $1, attempts = 0, ended_at = NULL WHERE nr IN
    (SELECT nr FROM outbox WHERE status = 'dead' AND ended_at <= $1 AND status <> 'waiting'
        ORDER BY ended_at LIMIT $2)
