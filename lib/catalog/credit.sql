-- credit.sql - credits between titles and people. part 0 is the cast, 1 the crew.

-- name: credit_list
SELECT c.part, c.role, c.department, p.id, p.slug, p.name
    FROM credit c JOIN person p ON p.nr = c.person_nr WHERE c.title_nr = $1
    ORDER BY c.part, c.ordinal
-- name: credit_people_lock
SELECT nr FROM person WHERE nr IN (SELECT value FROM json_each($1))
-- name: credit_people_lock @postgres
SELECT nr FROM person WHERE nr IN
    (SELECT CAST(x AS bigint) FROM json_array_elements_text(CAST($1 AS json)) AS x)
    ORDER BY nr FOR SHARE
-- name: credit_clear
DELETE FROM credit WHERE title_nr = $1 AND part = $2
-- name: credit_add
INSERT INTO credit (title_nr, part, ordinal, person_nr, role, department)
VALUES ($1, $2, $3, $4, $5, $6)
-- name: credit_revision
SELECT revision FROM title WHERE nr = $1
-- name: credit_lock
SELECT revision FROM title WHERE nr = $1
-- name: credit_lock @postgres
SELECT revision FROM title WHERE nr = $1 FOR UPDATE

-- In a title the cast comes first, then the crew, each in its order: later ones have lower places.
-- name: credit_place
t.nr * 2000 + 1999 - c.part * 1000 - c.ordinal
-- name: credit_of_person
SELECT t.year AS k, {{credit_place}} AS place, t.id, t.slug, t.kind, t.title,
    t.year, CASE WHEN c.part = 0 THEN c.role END AS character, c.department,
    CASE WHEN c.part = 1 THEN c.role END AS job
    FROM credit c JOIN title t ON t.nr = c.title_nr WHERE c.person_nr = $1
-- name: credit_before
 AND (t.year, {{credit_place}}) < ($1, $2)
-- name: credit_order
 ORDER BY t.year DESC, {{credit_place}} DESC LIMIT $1
