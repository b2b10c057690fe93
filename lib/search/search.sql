-- search.sql - titles by their words.

-- ---- writing ----

-- name: search_put
INSERT OR REPLACE INTO title_search (rowid, words) VALUES ($1, $2)
-- name: search_put @postgres
INSERT INTO title_search (title_nr, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))
ON CONFLICT (title_nr) DO UPDATE SET words = excluded.words
-- name: search_add
INSERT INTO title_search (rowid, words) VALUES ($1, $2)
-- name: search_add @postgres
INSERT INTO title_search (title_nr, words)
SELECT x.nr, array_to_tsvector(string_to_array(x.words, ' '))
FROM json_to_recordset(CAST($1 AS json)) AS x (nr bigint, words text)
-- name: search_drop
DELETE FROM title_search WHERE rowid IN (SELECT value FROM json_each($1))
-- name: search_drop @postgres
DELETE FROM title_search WHERE title_nr IN
    (SELECT CAST(x AS bigint) FROM json_array_elements_text(CAST($1 AS json)) AS x)
-- name: search_episodes
SELECT json_group_array(t.nr) FROM season s JOIN title t ON t.season_nr = s.nr
WHERE s.series_nr = $1
-- name: search_episodes @postgres
SELECT CAST(coalesce(json_agg(t.nr), '[]') AS text) FROM season s
JOIN title t ON t.season_nr = s.nr WHERE s.series_nr = $1

-- name: search_title
SELECT title, original_title, overview FROM title WHERE nr = $1
-- name: search_people
SELECT p.name FROM credit c JOIN person p ON p.nr = c.person_nr WHERE c.title_nr = $1
ORDER BY c.part, c.ordinal

-- ---- finding ----
-- k is what the answer is ordered by, with the row number as the cursor: whether the title is the
-- query, begins with it or neither, times 2^54; in front of that the least popular come last.

-- name: search_k
SELECT CASE WHEN t.sort_key = $1 THEN 0 WHEN t.sort_key > $1 AND t.sort_key < $2
    THEN 18014398509481984 ELSE 36028797018963968 END + 9007199254740991 - t.popularity AS k, t.nr

-- name: search_open
SELECT b.k, t.nr, t.id, t.slug, t.kind, t.title, t.year, t.genres, t.rating, t.poster_url
FROM (SELECT DISTINCT c.k, c.nr FROM (
-- name: search_titles
SELECT * FROM ({{search_k}} FROM title t WHERE t.sort_key >= $1 AND t.sort_key < $2
-- name: search_titles_end
 ORDER BY t.sort_key, t.year, t.nr LIMIT 100) AS titles UNION ALL SELECT * FROM (

-- Latest entries first, and no more than are looked at. SQLite reads them one by one as they come:
-- the second part is only begun when the first has not filled the page.
-- name: search_words
SELECT * FROM ({{search_k}} FROM (SELECT s.rowid AS nr FROM title_search s
    WHERE s.title_search MATCH $3 ORDER BY s.rowid DESC LIMIT 10000) AS m
    CROSS JOIN title t ON t.nr = m.nr WHERE t.nr > 0
-- name: search_words @postgres
SELECT * FROM ({{search_k}} FROM (SELECT s.title_nr AS nr FROM title_search s
    WHERE s.words @@ CAST($3 AS tsquery) ORDER BY s.title_nr DESC LIMIT 10000) AS m
    JOIN title t ON t.nr = m.nr WHERE t.nr > 0
-- name: search_words_end
 LIMIT 400) AS found
-- name: search_words_end @postgres
 ORDER BY t.nr DESC LIMIT 400) AS found
-- name: search_union
 UNION ALL
-- name: search_close
 LIMIT 400) AS looked_at) AS c
-- name: search_after
 WHERE (c.k, c.nr) > ($1, $2)
-- name: search_order
 ORDER BY c.k, c.nr LIMIT $1) AS b JOIN title t ON t.nr = b.nr ORDER BY b.k, b.nr
-- name: search_count
SELECT count(*) FROM (SELECT DISTINCT c.nr FROM (
-- name: search_count_end
) AS counted

-- name: search_type
 AND t.kind = $1
-- name: search_genre
 AND EXISTS (SELECT 1 FROM title_genre g WHERE g.title_nr = t.nr
    AND g.genre_nr = (SELECT x.nr FROM genre x WHERE x.slug = $1))
-- name: search_language
 AND t.language = $1
-- name: search_year_from
 AND t.year >= $1
-- name: search_year_to
 AND t.year <= $1 AND t.year > 0
