-- title.sql - films, series and episodes: one table, one set of statements.
-- Columns come in the order of the field tables in title.c, behind the row number.

-- name: title_columns
t.nr, t.id, t.revision, t.kind, t.slug, t.title, t.original_title, t.year, t.released_on,
    t.runtime_minutes, t.overview, t.language, t.status, t.genres, t.popularity, t.rating, t.votes,
    t.poster_url, t.created_at, t.updated_at
-- name: title_get
SELECT {{title_columns}} FROM title t WHERE t.kind = $1
-- name: title_lock
-- name: title_lock @postgres
 FOR UPDATE
-- name: title_published
 AND t.status = 'published'
-- The same for any kind: an episode is shown while its series is, too.
-- name: title_shown
 AND t.status = 'published' AND (t.season_nr IS NULL OR EXISTS (SELECT 1 FROM season e
    JOIN title r ON r.nr = e.series_nr WHERE e.nr = t.season_nr AND r.status = 'published'))
-- name: title_by_id
 AND t.id = $1
-- name: title_by_slug
 AND t.slug = $1
-- name: title_by_old_slug
 AND t.nr = (SELECT title_nr FROM title_old_slug WHERE slug = $1)
-- name: title_by_external_id
 AND t.nr = (SELECT title_nr FROM title_external_id WHERE source = $1 AND value = $2)

-- name: title_nr
SELECT t.nr, t.kind FROM title t WHERE t.nr > 0
-- name: title_version
SELECT t.revision, t.votes, t.id, t.slug FROM title t WHERE t.kind = $1

-- name: title_external_ids
SELECT x.source, x.value FROM title t JOIN title_external_id x ON x.title_nr = t.nr WHERE t.nr > 0
-- name: title_external_ids_order
 ORDER BY x.source
-- name: title_credits
SELECT c.part, c.role, c.department, p.id, p.slug, p.name
    FROM title t JOIN credit c ON c.title_nr = t.nr JOIN person p ON p.nr = c.person_nr
    WHERE c.ordinal < $1
-- name: title_credits_order
 ORDER BY c.part, c.ordinal

-- name: title_insert
INSERT INTO title (id, kind, status, slug, revision, title, sort_key, year, popularity, rating,
    votes, genres, poster_url, original_title, released_on, runtime_minutes, language, season_nr,
    episode_number, created_at, updated_at, overview)
VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, 0, 0, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17,
    $18)
ON CONFLICT (slug) DO NOTHING RETURNING nr
-- name: title_update
UPDATE title SET status = $2, slug = $3, revision = revision + 1, title = $4, sort_key = $5,
    year = $6, popularity = $7, genres = $8, poster_url = $9, original_title = $10,
    released_on = $11, runtime_minutes = $12, language = $13, updated_at = $14, overview = $15
WHERE nr = $1
-- name: title_touch
UPDATE title SET revision = revision + 1, updated_at = $2 WHERE nr = $1
-- name: title_remove
DELETE FROM title WHERE nr = $1
-- name: title_lock_seasons
SELECT nr FROM season WHERE series_nr = $1
-- Waits for episodes being written, which refer to them; those to come find them gone.
-- name: title_lock_seasons @postgres
SELECT nr FROM season WHERE series_nr = $1 ORDER BY nr FOR UPDATE
-- name: title_remove_episodes
DELETE FROM title WHERE season_nr IN (SELECT nr FROM season WHERE series_nr = $1) RETURNING status
-- name: title_total_add
UPDATE title_total SET total = total + $3 WHERE kind = $1 AND status = $2

-- An update that meets another's slug fails, and its transaction with it; an insert can wait and pass
-- by. So a slug is taken by a row that holds it, for the moment until the title itself does: nobody
-- else can have it from then on.
-- name: slug_claim
INSERT INTO title (id, kind, status, slug, revision, title, sort_key, year, popularity, rating,
    votes, genres, created_at, updated_at)
VALUES ($1, 'movie', 'draft', $2, 0, '', '', 0, 0, 0, 0, '', 0, 0)
ON CONFLICT (slug) DO NOTHING RETURNING nr
-- name: slug_retire
INSERT INTO title_old_slug (slug, title_nr) VALUES ($1, $2)
ON CONFLICT (slug) DO UPDATE SET title_nr = excluded.title_nr
-- name: slug_revive
DELETE FROM title_old_slug WHERE slug = $1

-- name: external_id_add
INSERT INTO title_external_id (source, value, title_nr) VALUES ($1, $2, $3)
ON CONFLICT (source, value) DO NOTHING
-- name: external_id_clear
DELETE FROM title_external_id WHERE title_nr = $1

-- No row: there is no such genre. One named twice is there once.
-- name: title_genre_add
INSERT INTO title_genre (genre_nr, title_nr) SELECT nr, $2 FROM genre WHERE slug = $1
ON CONFLICT (genre_nr, title_nr) DO UPDATE SET title_nr = excluded.title_nr
-- A title written while its genre gets another slug must not keep the old one.
-- name: title_genre_add @postgres
INSERT INTO title_genre (genre_nr, title_nr)
SELECT nr, $2 FROM genre WHERE slug = $1 FOR KEY SHARE
ON CONFLICT (genre_nr, title_nr) DO UPDATE SET title_nr = excluded.title_nr
-- $1: slugs with spaces between. Whoever changes a genre has it before its titles: so do we.
-- name: title_genre_lock
-- name: title_genre_lock @postgres
SELECT nr FROM genre WHERE slug = ANY (string_to_array($1, ' ')) ORDER BY nr FOR KEY SHARE
-- name: title_genre_clear
DELETE FROM title_genre WHERE title_nr = $1
