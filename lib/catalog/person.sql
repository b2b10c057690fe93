-- person.sql - people.

-- name: person_columns
p.nr, p.id, p.revision, p.slug, p.name, p.created_at, p.updated_at, p.born_on, p.died_on,
    p.biography
-- name: person_get
SELECT {{person_columns}} FROM person p WHERE p.nr > 0
-- name: person_lock
-- Who sets credits of the person has it FOR SHARE: one waits for the other, no title in hand.
-- name: person_lock @postgres
 FOR NO KEY UPDATE
-- name: person_by_id
 AND p.id = $1
-- name: person_by_slug
 AND p.slug = $1
-- name: person_by_external_id
 AND p.nr = (SELECT person_nr FROM person_external_id WHERE source = $1 AND value = $2)
-- name: person_insert
INSERT INTO person (id, slug, name, sort_key, revision, created_at, updated_at, born_on, died_on,
    biography)
VALUES ($1, $2, $3, $4, 1, $5, $5
-- name: person_insert_more
, $1, $2, $3
-- name: person_insert_end
) ON CONFLICT (slug) DO NOTHING RETURNING nr
-- name: person_update
UPDATE person SET revision = revision + 1, slug = $1, name = $2, sort_key = $3, updated_at = $4
-- name: person_update_more
, born_on = $1, died_on = $2, biography = $3
-- name: person_update_end
 WHERE nr = $1
-- name: person_remove
DELETE FROM person WHERE nr = $1
-- name: person_slug_taken
SELECT 1 FROM person WHERE slug = $1 AND nr <> $2
-- name: person_list
SELECT p.sort_key AS k, {{person_columns}} FROM person p WHERE p.nr > 0
-- name: person_after
 AND (p.sort_key, p.nr) > ($1, $2)
-- name: person_order
 ORDER BY p.sort_key, p.nr LIMIT $1
-- name: person_count
SELECT count(*) FROM (SELECT 1 AS one FROM person LIMIT $1) AS counted
-- name: person_external_ids
SELECT source, value FROM person_external_id WHERE person_nr = $1 ORDER BY source
-- name: person_external_id_add
INSERT INTO person_external_id (source, value, person_nr) VALUES ($1, $2, $3)
ON CONFLICT (source, value) DO NOTHING
-- name: person_external_id_clear
DELETE FROM person_external_id WHERE person_nr = $1
-- name: person_titles
SELECT DISTINCT title_nr FROM credit WHERE person_nr = $1 ORDER BY title_nr
