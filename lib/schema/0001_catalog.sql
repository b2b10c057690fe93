-- 0001_catalog.sql - titles, genres, people and what joins them.

CREATE TABLE installation (
    nr bigint NOT NULL PRIMARY KEY CHECK (nr = 1),
    id uuid NOT NULL,
    secret {blob} NOT NULL
);

-- Films, series and episodes. 0 stands for "not known" where a list sorts by the column. An episode
-- goes with its season, which comes further down: PostgreSQL takes the reference only then.
CREATE TABLE title (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    kind {text} NOT NULL CHECK (kind IN ('movie', 'series', 'episode')),
    status {text} NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
    slug {text} NOT NULL UNIQUE,
    revision bigint NOT NULL,
    title {text} NOT NULL,
    sort_key {text} NOT NULL,
    year bigint NOT NULL,
    popularity bigint NOT NULL,
    rating double precision NOT NULL,
    votes bigint NOT NULL,
    genres {text} NOT NULL,
    poster_url {text},
    original_title {text},
    released_on {text},
    runtime_minutes bigint,
    language {text},
-- @sqlite
    season_nr bigint REFERENCES season (nr) ON DELETE CASCADE,
-- @end
-- @postgres
    season_nr bigint,
-- @end
    episode_number bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    overview {text}
);
CREATE INDEX title_by_title ON title (kind, status, sort_key, nr);
CREATE INDEX title_by_year ON title (kind, status, year, nr);
CREATE INDEX title_by_popularity ON title (kind, status, popularity, nr);
CREATE INDEX title_by_rating ON title (kind, status, rating, nr);
CREATE INDEX title_by_age ON title (kind, status, nr);
CREATE INDEX title_by_change ON title (kind, status, updated_at, nr);
CREATE UNIQUE INDEX title_by_episode ON title (season_nr, episode_number)
    WHERE season_nr IS NOT NULL;

-- Slugs that a title had once.
CREATE TABLE title_old_slug (
    slug {text} NOT NULL PRIMARY KEY,
    title_nr bigint NOT NULL REFERENCES title (nr) ON DELETE CASCADE
){clustered};
CREATE INDEX title_old_slug_by_title ON title_old_slug (title_nr);

CREATE TABLE title_external_id (
    source {text} NOT NULL,
    value {text} NOT NULL,
    title_nr bigint NOT NULL REFERENCES title (nr) ON DELETE CASCADE,
    PRIMARY KEY (source, value)
){clustered};
CREATE UNIQUE INDEX title_external_id_by_title ON title_external_id (title_nr, source);

-- How many titles there are, kept with each change: a list's total without counting.
CREATE TABLE title_total (
    kind {text} NOT NULL,
    status {text} NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (kind, status)
){clustered};
INSERT INTO title_total (kind, status, total) VALUES
    ('movie', 'draft', 0), ('movie', 'published', 0), ('movie', 'archived', 0),
    ('series', 'draft', 0), ('series', 'published', 0), ('series', 'archived', 0),
    ('episode', 'draft', 0), ('episode', 'published', 0), ('episode', 'archived', 0);

CREATE TABLE season (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    series_nr bigint NOT NULL REFERENCES title (nr) ON DELETE CASCADE,
    season_number bigint NOT NULL,
    revision bigint NOT NULL,
    title {text},
    overview {text},
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (series_nr, season_number)
);
-- @postgres
ALTER TABLE title ADD FOREIGN KEY (season_nr) REFERENCES season (nr) ON DELETE CASCADE;
-- @end

CREATE TABLE genre (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    slug {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    sort_key {text} NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX genre_by_name ON genre (sort_key, nr);

CREATE TABLE title_genre (
    genre_nr bigint NOT NULL REFERENCES genre (nr) ON DELETE CASCADE,
    title_nr bigint NOT NULL REFERENCES title (nr) ON DELETE CASCADE,
    PRIMARY KEY (genre_nr, title_nr)
){clustered};
CREATE INDEX title_genre_by_title ON title_genre (title_nr);

CREATE TABLE person (
    nr {identity},
    id uuid NOT NULL UNIQUE,
    slug {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    sort_key {text} NOT NULL,
    revision bigint NOT NULL,
    born_on {text},
    died_on {text},
    biography {text},
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX person_by_name ON person (sort_key, nr);

CREATE TABLE person_external_id (
    source {text} NOT NULL,
    value {text} NOT NULL,
    person_nr bigint NOT NULL REFERENCES person (nr) ON DELETE CASCADE,
    PRIMARY KEY (source, value)
){clustered};
CREATE UNIQUE INDEX person_external_id_by_person ON person_external_id (person_nr, source);

-- part 0 is the cast, 1 the crew; ordinal counts within it.
CREATE TABLE credit (
    title_nr bigint NOT NULL REFERENCES title (nr) ON DELETE CASCADE,
    part bigint NOT NULL,
    ordinal bigint NOT NULL,
    person_nr bigint NOT NULL REFERENCES person (nr),
    role {text},
    department {text},
    PRIMARY KEY (title_nr, part, ordinal)
){clustered};
CREATE INDEX credit_by_person ON credit (person_nr, title_nr);
