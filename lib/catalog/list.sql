-- list.sql - pages of titles: one range of one index for each status, merged where there are several.
-- `k` is what the page is sorted by; with the row number it is the cursor.
-- SQLite takes the tables of a CROSS JOIN in their order, and no index for a column behind a plus:
-- it has no statistics to choose by. PostgreSQL has, and chooses itself.

-- name: list_columns
t.nr, t.id, t.slug, t.kind, t.title, t.year, t.genres, t.rating, t.poster_url
-- name: list_by_title
SELECT t.sort_key AS k, {{list_columns}}
-- name: list_by_year
SELECT t.year AS k, {{list_columns}}
-- name: list_by_popularity
SELECT t.popularity AS k, {{list_columns}}
-- name: list_by_rating
SELECT t.rating AS k, {{list_columns}}
-- name: list_by_age
SELECT t.nr AS k, {{list_columns}}

-- Along the sort's own index, or from the few titles that a filter leaves.
-- name: list_from
 FROM title t
-- name: list_from_genre
 FROM title_genre g CROSS JOIN title t
-- name: list_from_years
 FROM (SELECT y.nr FROM title y WHERE y.kind = $1 AND y.status = $2 AND y.year >= $3
    AND y.year <= $4) AS few CROSS JOIN title t
-- name: list_from_changes
 FROM (SELECT y.nr FROM title y WHERE y.kind = $1 AND y.status = $2 AND y.updated_at >= $3) AS few
    CROSS JOIN title t

-- name: list_where
 WHERE t.kind = $1 AND t.status = $2
-- name: list_of_genre
 AND g.genre_nr = $1 AND t.nr = g.title_nr
-- name: list_of_few
 AND t.nr = few.nr
-- name: list_in_genre
 AND EXISTS (SELECT 1 FROM title_genre g WHERE g.genre_nr = $1 AND g.title_nr = t.nr)
-- name: list_years
 AND t.year >= $1 AND t.year <= $2
-- name: list_years_beside
 AND +t.year >= $1 AND +t.year <= $2
-- name: list_years_beside @postgres
 AND t.year >= $1 AND t.year <= $2
-- name: list_updated_since
 AND t.updated_at >= $1
-- name: list_updated_since_beside
 AND +t.updated_at >= $1
-- name: list_updated_since_beside @postgres
 AND t.updated_at >= $1

-- name: list_after_title
 AND (t.sort_key, t.nr) > ($1, $2)
-- name: list_before_title
 AND (t.sort_key, t.nr) < ($1, $2)
-- name: list_after_year
 AND (t.year, t.nr) > ($1, $2)
-- name: list_before_year
 AND (t.year, t.nr) < ($1, $2)
-- name: list_after_popularity
 AND (t.popularity, t.nr) > ($1, $2)
-- name: list_before_popularity
 AND (t.popularity, t.nr) < ($1, $2)
-- name: list_after_rating
 AND (t.rating, t.nr) > ($1, $2)
-- name: list_before_rating
 AND (t.rating, t.nr) < ($1, $2)
-- name: list_after_age
 AND t.nr > $1 AND t.nr >= $2
-- name: list_before_age
 AND t.nr < $1 AND t.nr <= $2

-- name: list_order_title
 ORDER BY t.sort_key, t.nr LIMIT $1
-- name: list_order_title_back
 ORDER BY t.sort_key DESC, t.nr DESC LIMIT $1
-- name: list_order_year
 ORDER BY t.year, t.nr LIMIT $1
-- name: list_order_year_back
 ORDER BY t.year DESC, t.nr DESC LIMIT $1
-- name: list_order_popularity
 ORDER BY t.popularity, t.nr LIMIT $1
-- name: list_order_popularity_back
 ORDER BY t.popularity DESC, t.nr DESC LIMIT $1
-- name: list_order_rating
 ORDER BY t.rating, t.nr LIMIT $1
-- name: list_order_rating_back
 ORDER BY t.rating DESC, t.nr DESC LIMIT $1
-- name: list_order_age
 ORDER BY t.nr LIMIT $1
-- name: list_order_age_back
 ORDER BY t.nr DESC LIMIT $1

-- name: list_merge_open
SELECT * FROM (
-- name: list_merge_next
) AS part UNION ALL SELECT * FROM (
-- name: list_merge_close
) AS part
-- name: list_merge_order
 ORDER BY k, nr LIMIT $1
-- name: list_merge_order_back
 ORDER BY k DESC, nr DESC LIMIT $1

-- name: list_genre
SELECT g.nr, (SELECT count(*) FROM (SELECT 1 FROM title_genre x WHERE x.genre_nr = g.nr LIMIT $2) AS few)
FROM genre g WHERE g.slug = $1
-- name: list_few_years
SELECT count(*) FROM (SELECT 1 AS one FROM title y WHERE y.kind = $1 AND y.status = $2
    AND y.year >= $3 AND y.year <= $4 LIMIT $5) AS few
-- name: list_few_changes
SELECT count(*) FROM (SELECT 1 AS one FROM title y WHERE y.kind = $1 AND y.status = $2
    AND y.updated_at >= $3 LIMIT $4) AS few
-- name: list_total_kept
SELECT sum(total) FROM title_total WHERE kind = $1 AND ($2 = '' OR status = $2)
-- name: list_total_kept @postgres
SELECT CAST(sum(total) AS bigint) FROM title_total WHERE kind = $1 AND ($2 = '' OR status = $2)
-- name: list_count_open
SELECT count(*) FROM (
-- name: list_count
SELECT 1 AS one
-- name: list_count_close
 LIMIT $1) AS counted
