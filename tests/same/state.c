/* state.c - all that a database holds, as text that does not depend on the engine.
 */
#include "same/answer.h"

#include <sodium.h>
#include <stdio.h>

/* Row numbers differ; the order of rows by them does not. */
static const char *const tables[] = {
    "SELECT t.id, t.kind, t.status, t.slug, t.revision, t.title, t.sort_key, t.year, t.popularity, "
    "t.rating, t.votes, t.genres, t.poster_url, t.original_title, t.released_on, "
    "t.runtime_minutes, t.language, s.id, t.episode_number, t.created_at, t.updated_at, t.overview "
    "FROM title t LEFT JOIN season s ON s.nr = t.season_nr ORDER BY t.nr",
    "SELECT o.slug, t.id FROM title_old_slug o JOIN title t ON t.nr = o.title_nr ORDER BY o.slug",
    "SELECT x.source, x.value, t.id FROM title_external_id x JOIN title t ON t.nr = x.title_nr "
    "ORDER BY x.source, x.value",
    "SELECT kind, status, total, total - (SELECT count(*) FROM title t WHERE t.kind = n.kind AND "
    "t.status = n.status) FROM title_total n ORDER BY kind, status",
    "SELECT s.id, t.id, s.season_number, s.revision, s.title, s.overview, s.created_at, "
    "s.updated_at FROM season s JOIN title t ON t.nr = s.series_nr ORDER BY s.nr",
    "SELECT id, slug, name, sort_key, revision, created_at, updated_at FROM genre ORDER BY nr",
    "SELECT g.id, t.id FROM title_genre x JOIN genre g ON g.nr = x.genre_nr JOIN title t ON "
    "t.nr = x.title_nr ORDER BY g.id, t.id",
    "SELECT id, slug, name, sort_key, revision, born_on, died_on, biography, created_at, "
    "updated_at FROM person ORDER BY nr",
    "SELECT x.source, x.value, p.id FROM person_external_id x JOIN person p ON p.nr = x.person_nr "
    "ORDER BY x.source, x.value",
    "SELECT name, revision, description, permissions, built_in, created_at, updated_at FROM role "
    "ORDER BY name",
    "SELECT id, revision, status, email, name, roles, permissions, created_at, updated_at FROM "
    "account ORDER BY id",
    "SELECT id, at, action, actor, actor_id, account_id, target, address, user_agent, request_id, "
    "detail FROM audit ORDER BY nr",
    "SELECT t.id, c.part, c.ordinal, p.id, c.role, c.department FROM credit c JOIN title t ON "
    "t.nr = c.title_nr JOIN person p ON p.nr = c.person_nr ORDER BY t.id, c.part, c.ordinal",
};

static void put_cell(buffer *b, const db_value *v)
{
    char hex[33];
    switch ((db_type)v->type) {
    case DB_INT:
    case DB_BOOL:
        buffer_number(b, v->number);
        return;
    case DB_REAL:
        buffer_format(b, "%a", v->real);
        return;
    case DB_TEXT:
        buffer_add(b, v->text, v->length);
        return;
    case DB_UUID:
    case DB_BLOB:
        ck_assert_uint_eq(v->length, 16);
        buffer_text(b, sodium_bin2hex(hex, sizeof hex, v->blob, 16));
        return;
    default:
        buffer_text(b, "NULL");
    }
}

static void read_rows(engine *e, const char *text, arena *a, db_rows *rows)
{
    db_sql sql;
    cinema_error err;
    db_sql_for(&sql, e->c);
    db_add(&sql, (db_text){ "state", text, text }, "");
    OK(db_read(e->c, &sql, a, rows, &err));
}

static void put_table(engine *e, const char *text, buffer *b)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, (size_t)1 << 30);
    db_rows rows;
    read_rows(e, text, a, &rows);
    buffer_format(b, "---- %.60s\n", text);
    for (const db_row *row = rows.first; row; row = row->next) {
        for (size_t i = 0; i < rows.columns; i++) {
            buffer_text(b, i ? " | " : "");
            put_cell(b, &row->cells[i]);
        }
        buffer_byte(b, '\n');
    }
}

/* ---- the index of words ---------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each word once, in order: SQLite keeps the text, PostgreSQL a set. */
static void put_words(buffer *b, char *text)
{
    size_t n = 0, room = strlen(text) / 2 + 1;
    const char **words = calloc(room, sizeof *words);
    char *rest = NULL;
    for (char *w = strtok_r(text, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
        words[n++] = w;
    qsort(words, n, sizeof *words, by_bytes);
    for (size_t i = 0; i < n; i++)
        if (!i || strcmp(words[i], words[i - 1]))
            buffer_format(b, " %s", words[i]);
    free(words);
}

static void put_index(engine *e, buffer *b)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, (size_t)1 << 30);
    db_rows rows;
    bool sqlite = !strcmp(e->name, "sqlite");
    read_rows(e,
              sqlite ? "SELECT t.id, s.words FROM title_search s LEFT JOIN title t ON t.nr = "
                       "s.rowid ORDER BY s.rowid"
                     : "SELECT t.id, array_to_string(tsvector_to_array(s.words), ' ') FROM "
                       "title_search s LEFT JOIN title t ON t.nr = s.title_nr ORDER BY s.title_nr",
              a, &rows);
    buffer_text(b, "---- words\n");
    for (const db_row *row = rows.first; row; row = row->next) {
        put_cell(b, &row->cells[0]);
        put_words(b, arena_copy(a, row->cells[1].text, row->cells[1].length));
        buffer_byte(b, '\n');
    }
}

void state_get(engine *e, buffer *ret)
{
    e->fault = (port_fault){ 0 };
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        put_table(e, tables[i], ret);
    put_index(e, ret);
    ck_assert_int_eq(ret->failed, CINEMA_OK);
}

#define NEWEST(table) " + (SELECT coalesce(max(nr), 0) FROM " table ")"

int64_t state_newest(engine *e)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_rows rows;
    e->fault = (port_fault){ 0 };
    read_rows(e,
              "SELECT 0" NEWEST("title") NEWEST("person") NEWEST("genre") NEWEST("role")
                  NEWEST("account") NEWEST("session") NEWEST("outbox"),
              a, &rows);
    return rows.first->cells[0].number;
}
