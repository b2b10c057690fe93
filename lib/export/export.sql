-- export.sql - pages of the whole catalogue, each kind by id. What belongs to the things of a page
-- is read by the same page again, in the same snapshot.

-- name: export_order
 ORDER BY t.id LIMIT $1
-- name: export_page_end
 ORDER BY t.id LIMIT $1) AS t

-- ---- genres, people, seasons ----

-- name: export_genres
SELECT t.id, t.id, t.slug, t.name FROM genre t WHERE t.id > $1
-- name: export_people
SELECT t.id, t.id, t.slug, t.name, t.born_on, t.died_on, t.biography FROM person t WHERE t.id > $1
-- name: export_person_ids
SELECT t.id, x.source, x.value FROM (SELECT t.id, t.nr FROM person t WHERE t.id > $1
-- name: export_person_ids_end
 CROSS JOIN person_external_id x WHERE x.person_nr = t.nr ORDER BY t.id, x.source
-- name: export_seasons
SELECT t.id, t.id, p.slug, t.season_number, t.title, t.overview
FROM season t CROSS JOIN title p WHERE p.nr = t.series_nr AND t.id > $1

-- ---- films, series, episodes ----

-- name: export_titles
SELECT t.id, t.kind, t.id, t.slug, p.slug, s.season_number, t.episode_number, t.title,
    t.original_title, t.year, t.released_on, t.runtime_minutes, t.overview, t.language, t.status,
    t.genres, t.popularity, t.poster_url
FROM title t LEFT JOIN season s ON s.nr = t.season_nr LEFT JOIN title p ON p.nr = s.series_nr
WHERE t.id > $1
-- name: export_of_kind
 AND t.kind = $1
-- name: export_no_episodes
 AND t.kind <> 'episode'
-- name: export_title_slugs
SELECT t.id, x.slug FROM (SELECT t.id, t.nr FROM title t WHERE t.id > $1
-- name: export_title_slugs_end
 CROSS JOIN title_old_slug x WHERE x.title_nr = t.nr ORDER BY t.id, x.slug
-- name: export_title_ids
SELECT t.id, x.source, x.value FROM (SELECT t.id, t.nr FROM title t WHERE t.id > $1
-- name: export_title_ids_end
 CROSS JOIN title_external_id x WHERE x.title_nr = t.nr ORDER BY t.id, x.source
-- name: export_credits
SELECT t.id, c.part, c.role, c.department, p.slug, p.name
FROM (SELECT t.id, t.nr FROM title t WHERE t.id > $1
-- name: export_credits_end
 CROSS JOIN credit c CROSS JOIN person p WHERE c.title_nr = t.nr AND p.nr = c.person_nr
ORDER BY t.id, c.part, c.ordinal

-- ---- how much there is ----

-- name: export_count_genres
SELECT count(*) FROM genre
-- name: export_count_people
SELECT count(*) FROM person
-- name: export_count_seasons
SELECT count(*) FROM season
-- name: export_count_titles
SELECT CAST(sum(total) AS bigint) FROM title_total WHERE kind = $1
