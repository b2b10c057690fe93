-- migrate.sql - the schema's own bookkeeping.

-- name: schema_lock
SELECT 1
-- name: schema_lock @postgres
SELECT 1 FROM (SELECT pg_advisory_xact_lock(7164025141)) AS locked
-- name: schema_table
CREATE TABLE IF NOT EXISTS cinema_schema (
    version bigint NOT NULL PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at bigint NOT NULL
)
-- name: schema_there
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'cinema_schema'
-- name: schema_there @postgres
SELECT count(*) FROM pg_class WHERE oid = to_regclass('cinema_schema')
-- name: schema_version
SELECT max(version) FROM cinema_schema
-- name: schema_read
SELECT version, name, checksum, applied_at FROM cinema_schema ORDER BY version
-- name: schema_add
INSERT INTO cinema_schema (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)
-- name: installation_add
INSERT INTO installation (nr, id, secret) VALUES (1, $1, $2) ON CONFLICT (nr) DO NOTHING
