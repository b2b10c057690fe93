-- bulk.sql - many rows of the catalogue at once, for imports.
-- Rows are found by one JSON list of keys: `at` is a key's place in it. They are written one by one
-- on SQLite ($1, $2 ...) and together on PostgreSQL: there $1 is a JSON list of objects whose
-- members a, b, c ... are those values.

-- name: bulk_from
json_each($1) AS j CROSS JOIN
-- name: bulk_from @postgres
json_array_elements_text(CAST($1 AS json)) WITH ORDINALITY AS j (value, n) JOIN
-- name: bulk_at
SELECT j.key AS at
-- name: bulk_at @postgres
SELECT j.n - 1 AS at

-- ---- titles that are there ----

-- A source in 32 characters, filled up with spaces, and the value.
-- name: bulk_by_external_id
{{bulk_at}}, t.nr, t.kind
FROM {{bulk_from}} title_external_id x
    ON x.source = rtrim(substr(j.value, 1, 32)) AND x.value = substr(j.value, 33)
    JOIN title t ON t.nr = x.title_nr
ORDER BY 1
-- A year in four digits and the sort key.
-- name: bulk_by_title
{{bulk_at}}, t.nr, t.kind, t.title
FROM {{bulk_from}} title t
    ON t.year = CAST(substr(j.value, 1, 4) AS bigint) AND t.sort_key = substr(j.value, 5)
ORDER BY t.nr
-- The season's row number times 100,000 and the number of the episode.
-- name: bulk_by_episode
{{bulk_at}}, t.nr
FROM {{bulk_from}} title t ON t.season_nr = CAST(j.value AS bigint) / 100000
    AND t.episode_number = CAST(j.value AS bigint) % 100000
-- Ids are a list of texts; SQLite has the bytes of all of them in $2.
-- name: bulk_by_id
SELECT j.key AS at, t.nr, t.kind, t.season_nr, t.episode_number
FROM json_each($1) AS j CROSS JOIN title t
    ON t.id = substr($2, j.key * 16 + 1, 16)
-- name: bulk_by_id @postgres
{{bulk_at}}, t.nr, t.kind, t.season_nr, t.episode_number
FROM {{bulk_from}} title t ON t.id = CAST(j.value AS uuid)
-- name: bulk_by_slug
{{bulk_at}}, t.nr, t.kind FROM {{bulk_from}} title t ON t.slug = j.value
-- name: bulk_content
SELECT t.nr, t.id, t.title, t.original_title, t.year, t.released_on, t.runtime_minutes, t.overview,
    t.language, t.status, t.genres, t.popularity, t.poster_url
FROM {{bulk_from}} title t ON t.nr = CAST(j.value AS bigint) ORDER BY t.nr
-- name: bulk_external_ids
SELECT x.title_nr, x.source, x.value
FROM {{bulk_from}} title_external_id x ON x.title_nr = CAST(j.value AS bigint)
ORDER BY x.title_nr, x.source
-- name: bulk_credits
SELECT c.title_nr, c.part, p.sort_key, c.role, c.department, p.slug, p.nr
FROM {{bulk_from}} credit c ON c.title_nr = CAST(j.value AS bigint)
    JOIN person p ON p.nr = c.person_nr
ORDER BY c.title_nr, c.part, c.ordinal

-- ---- new titles ----

-- name: bulk_title_slugs
{{bulk_at}} FROM {{bulk_from}} title t ON t.slug = j.value
-- As many row numbers as are asked for; one alone is the first of a row of them.
-- name: bulk_title_numbers
SELECT coalesce(max(nr), 0) + 1 FROM title WHERE $1 > 0
-- name: bulk_title_numbers @postgres
SELECT nextval(pg_get_serial_sequence('title', 'nr')) FROM generate_series(1, $1)
-- name: bulk_title
INSERT INTO title (nr, id, kind, status, slug, revision, title, sort_key, year, popularity, rating,
    votes, genres, poster_url, original_title, released_on, runtime_minutes, language, season_nr,
    episode_number, created_at, updated_at, overview)
VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, 0, 0, $10, $11, $12, $13, $14, $15, $16, $17, $18,
    $18, $19)
-- name: bulk_title @postgres
INSERT INTO title (nr, id, kind, status, slug, revision, title, sort_key, year, popularity, rating,
    votes, genres, poster_url, original_title, released_on, runtime_minutes, language, season_nr,
    episode_number, created_at, updated_at, overview)
SELECT a, b, c, d, e, 1, f, g, h, i, 0, 0, j, k, l, m, n, o, p, q, r, r, s
FROM json_to_recordset(CAST($1 AS json)) AS x (a bigint, b uuid, c text, d text, e text, f text,
    g text, h bigint, i bigint, j text, k text, l text, m text, n bigint, o text, p bigint,
    q bigint, r bigint, s text)
-- name: bulk_external_id
INSERT INTO title_external_id (source, value, title_nr) VALUES ($1, $2, $3)
-- name: bulk_external_id @postgres
INSERT INTO title_external_id (source, value, title_nr) SELECT a, b, c
FROM json_to_recordset(CAST($1 AS json)) AS x (a text, b text, c bigint)
-- name: bulk_old_slug
INSERT INTO title_old_slug (slug, title_nr) VALUES ($1, $2) ON CONFLICT (slug) DO NOTHING
-- name: bulk_old_slug @postgres
INSERT INTO title_old_slug (slug, title_nr) SELECT a, b
FROM json_to_recordset(CAST($1 AS json)) AS x (a text, b bigint) ON CONFLICT (slug) DO NOTHING
-- name: bulk_genre
INSERT INTO title_genre (genre_nr, title_nr) VALUES ($1, $2)
-- name: bulk_genre @postgres
INSERT INTO title_genre (genre_nr, title_nr) SELECT a, b
FROM json_to_recordset(CAST($1 AS json)) AS x (a bigint, b bigint)
-- name: bulk_credit
INSERT INTO credit (title_nr, part, ordinal, person_nr, role, department)
VALUES ($1, $2, $3, $4, $5, $6)
-- name: bulk_credit @postgres
INSERT INTO credit (title_nr, part, ordinal, person_nr, role, department) SELECT a, b, c, d, e, f
FROM json_to_recordset(CAST($1 AS json))
    AS x (a bigint, b bigint, c bigint, d bigint, e text, f text)

-- ---- people and genres ----

-- Of people of one name the first is meant.
-- name: bulk_people
{{bulk_at}}, p.nr FROM {{bulk_from}} person p ON p.sort_key = j.value ORDER BY p.nr
-- As those who set credits do it: locked, in one order.
-- name: bulk_people @postgres
{{bulk_at}}, p.nr FROM {{bulk_from}} person p ON p.sort_key = j.value ORDER BY p.nr
FOR SHARE OF p
-- name: bulk_people_by_slug
{{bulk_at}}, p.nr, p.sort_key FROM {{bulk_from}} person p ON p.slug = j.value
-- name: bulk_people_by_slug @postgres
{{bulk_at}}, p.nr, p.sort_key FROM {{bulk_from}} person p ON p.slug = j.value ORDER BY p.nr
FOR SHARE OF p
-- name: bulk_person_slugs
{{bulk_at}} FROM {{bulk_from}} person p ON p.slug = j.value
-- name: bulk_person_numbers
SELECT coalesce(max(nr), 0) + 1 FROM person WHERE $1 > 0
-- name: bulk_person_numbers @postgres
SELECT nextval(pg_get_serial_sequence('person', 'nr')) FROM generate_series(1, $1)
-- name: bulk_person
INSERT INTO person (nr, id, slug, name, sort_key, revision, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
-- name: bulk_person @postgres
INSERT INTO person (nr, id, slug, name, sort_key, revision, created_at, updated_at)
SELECT a, b, c, d, e, 1, f, f FROM json_to_recordset(CAST($1 AS json))
    AS x (a bigint, b uuid, c text, d text, e text, f bigint)
-- name: bulk_person_external_ids
SELECT x.person_nr, x.source, x.value FROM person p JOIN person_external_id x ON x.person_nr = p.nr
WHERE p.sort_key = $1 ORDER BY x.person_nr
-- name: bulk_person_by_key
SELECT nr FROM person WHERE sort_key = $1 ORDER BY nr
-- name: bulk_person_by_id
SELECT nr FROM person WHERE id = $1
-- name: bulk_person_by_slug
SELECT p.nr, x.source, x.value
FROM person p LEFT JOIN person_external_id x ON x.person_nr = p.nr WHERE p.slug = $1
-- name: bulk_person_by_external_id
SELECT person_nr FROM person_external_id WHERE source = $1 AND value = $2
-- name: bulk_person_content
SELECT slug, name, born_on, died_on, biography FROM person WHERE nr = $1
-- A person has one id of a source: another value takes the place of the old one.
-- name: bulk_person_drop_external_id
DELETE FROM person_external_id WHERE source = $1 AND person_nr = $3 AND value <> $2
-- name: bulk_person_add_external_id
INSERT INTO person_external_id (source, value, person_nr) VALUES ($1, $2, $3)
ON CONFLICT (source, value) DO NOTHING
-- name: bulk_genres
SELECT nr, slug, name, id FROM genre ORDER BY nr LIMIT $1
-- Titles are written with these slugs: nobody may change them meanwhile.
-- name: bulk_genres @postgres
SELECT nr, slug, name, id FROM genre ORDER BY nr LIMIT $1 FOR KEY SHARE

-- ---- seasons ----

-- The row number of the series times 10,000 and the number of the season.
-- name: bulk_seasons
{{bulk_at}}, s.nr, s.title, s.overview FROM {{bulk_from}} season s
    ON s.series_nr = CAST(j.value AS bigint) / 10000
    AND s.season_number = CAST(j.value AS bigint) % 10000
-- name: bulk_season_by_id
SELECT nr FROM season WHERE id = $1
-- name: bulk_season
INSERT INTO season (id, series_nr, season_number, revision, title, overview, created_at, updated_at)
VALUES ($1, $2, $3, 1, $4, $5, $6, $6) RETURNING nr
-- name: bulk_season_change
UPDATE season SET revision = revision + 1, title = $2, overview = $3, updated_at = $4 WHERE nr = $1
