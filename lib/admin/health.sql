-- The smallest question: whether the database answers at all.

-- name: health_probe
SELECT 1
