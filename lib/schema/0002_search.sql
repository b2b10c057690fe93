-- 0002_search.sql - what titles are found by.

-- Exact titles and beginnings of titles.
CREATE INDEX title_by_key ON title (sort_key, year, nr);

-- The words of a title: folded by us, with single spaces between, which is all that the tokenizer
-- splits at (to `ascii` every byte above 127 is part of a word). rowid is title.nr.
-- @sqlite
CREATE VIRTUAL TABLE title_search USING fts5 (words, prefix = '3', tokenize = 'ascii');
-- @end
-- @postgres
CREATE TABLE title_search (
    title_nr bigint NOT NULL PRIMARY KEY REFERENCES title (nr) ON DELETE CASCADE,
    words tsvector NOT NULL
);
CREATE INDEX title_search_by_word ON title_search USING gin (words);
-- @end
