-- genre.sql - genres.

-- name: genre_columns
g.nr, g.id, g.revision, g.slug, g.name, g.created_at, g.updated_at
-- name: genre_get
SELECT {{genre_columns}}, NULL AS titles FROM genre g WHERE g.nr > 0
-- name: genre_lock
-- name: genre_lock @postgres
 FOR UPDATE
-- name: genre_by_id
 AND g.id = $1
-- name: genre_by_slug
 AND g.slug = $1
-- name: genre_insert
INSERT INTO genre (id, slug, name, sort_key, revision, created_at, updated_at)
VALUES ($1, $2, $3, $4, 1, $5, $5
-- name: genre_insert_end
) ON CONFLICT (slug) DO NOTHING RETURNING nr
-- name: genre_update
UPDATE genre SET revision = revision + 1, slug = $1, name = $2, sort_key = $3, updated_at = $4
-- name: genre_update_end
 WHERE nr = $1
-- name: genre_remove
DELETE FROM genre WHERE nr = $1
-- name: genre_slug_taken
SELECT 1 FROM genre WHERE slug = $1 AND nr <> $2
-- name: genre_list
SELECT g.sort_key AS k, {{genre_columns}}, NULL AS titles FROM genre g WHERE g.nr > 0
-- Those that visitors see, as title_shown has it.
-- name: genre_list_counted
SELECT g.sort_key AS k, {{genre_columns}},
    (SELECT count(*) FROM title_genre x JOIN title t ON t.nr = x.title_nr
        WHERE x.genre_nr = g.nr AND t.status = 'published' AND (t.season_nr IS NULL OR EXISTS (
            SELECT 1 FROM season e JOIN title r ON r.nr = e.series_nr
            WHERE e.nr = t.season_nr AND r.status = 'published'))) AS titles
    FROM genre g WHERE g.nr > 0
-- name: genre_after
 AND (g.sort_key, g.nr) > ($1, $2)
-- name: genre_order
 ORDER BY g.sort_key, g.nr LIMIT $1
-- name: genre_count
SELECT count(*) FROM (SELECT 1 AS one FROM genre LIMIT $1) AS counted

-- A title keeps its genres' slugs in its own row, with spaces between.
-- name: genre_renamed
UPDATE title SET revision = revision + 1, updated_at = $4,
    genres = trim(replace(' ' || genres || ' ', ' ' || $2 || ' ', ' ' || $3 || ' '))
    WHERE nr IN (SELECT title_nr FROM title_genre WHERE genre_nr = $1)
-- name: genre_gone
UPDATE title SET revision = revision + 1, updated_at = $3,
    genres = trim(replace(' ' || genres || ' ', ' ' || $2 || ' ', ' '))
    WHERE nr IN (SELECT title_nr FROM title_genre WHERE genre_nr = $1)
