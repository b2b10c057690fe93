/* index.c - keeping the index: one entry a title, in the transaction that changes the title.
 * Everything that writes it is run late, so that it is in the order of the changes: a row number of
 * a title that is gone may be another's in the same group.
 */
#include "search/search.h"

#include "base/buffer.h"

#include "search.sql.h"

#include <inttypes.h>
#include <stdio.h>

static cinema_status put(db_tx *tx, int64_t title_nr, const search_document *d, arena *a,
                         cinema_error *err)
{
    const char *words;
    db_sql sql;
    if (search__words(d, a, &words))
        return fail_memory(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_search_put, "it", title_nr, words);
    return db_run_late(tx, &sql, err);
}

cinema_status search__put(cinema *c, db_tx *tx, int64_t title_nr, const search_document *d,
                          cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    (void)c;
    return a ? put(tx, title_nr, d, a, err) : fail_memory(err);
}

static const char *text_of(const db_value *cell)
{
    return cell->type == DB_TEXT ? cell->text : NULL;
}

static const char *lines_of(const db_rows *rows, arena *a)
{
    size_t n = 1;
    for (const db_row *row = rows->first; row; row = row->next)
        n += row->cells[0].length + 1;
    char *text = arena_text(a, n), *to = text;
    for (const db_row *row = rows->first; text && row; row = row->next) {
        memcpy(to, row->cells[0].text, row->cells[0].length);
        to += row->cells[0].length;
        *to++ = '\n';
    }
    if (text)
        *to = '\0';
    return text;
}

static cinema_status run(db_tx *tx, db_text text, int64_t nr, arena *a, db_rows *rows,
                         cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, text, "i", nr);
    return db_run(tx, &sql, a, rows, err);
}

cinema_status search__refresh(cinema *c, db_tx *tx, int64_t title_nr, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_rows title, people;
    cinema_status s;
    (void)c;
    if (!a)
        return fail_memory(err);
    if ((s = run(tx, SQL_search_title, title_nr, a, &title, err)) || !title.count ||
        (s = run(tx, SQL_search_people, title_nr, a, &people, err)))
        return s;
    const db_value *v = title.first->cells;
    search_document d = { text_of(&v[0]), text_of(&v[1]), lines_of(&people, a), text_of(&v[2]) };
    return d.people ? put(tx, title_nr, &d, a, err) : fail_memory(err);
}

/* `list` is JSON: row numbers. */
static cinema_status drop(db_tx *tx, const char *list, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_search_drop, "t", list);
    return db_run_late(tx, &sql, err);
}

cinema_status search__drop(cinema *c, db_tx *tx, int64_t title_nr, cinema_error *err)
{
    char list[32];
    (void)c;
    snprintf(list, sizeof list, "[%" PRId64 "]", title_nr);
    return drop(tx, list, err);
}

cinema_status search__drop_episodes(cinema *c, db_tx *tx, int64_t series_nr, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_rows rows;
    cinema_status s = a ? run(tx, SQL_search_episodes, series_nr, a, &rows, err) : fail_memory(err);
    (void)c;
    return s ? s : drop(tx, rows.first->cells[0].text, err);
}

/* --- many at once --- */

/* One statement for all. Nothing in words has to be escaped. */
static cinema_status add_together(db_tx *tx, const search_entry *items, size_t count,
                                  cinema_error *err)
{
    CLEANUP(buffer_done) buffer json = BUFFER(SIZE_MAX / 2);
    db_sql sql;
    for (size_t i = 0; i < count; i++) {
        buffer_text(&json, i ? ",{\"nr\":" : "[{\"nr\":");
        buffer_number(&json, items[i].title_nr);
        buffer_text(&json, ",\"words\":\"");
        buffer_text(&json, items[i].words);
        buffer_text(&json, "\"}");
    }
    buffer_byte(&json, ']');
    if (json.failed)
        return fail_memory(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_search_add, "t", json.bytes);
    return db_run(tx, &sql, NULL, NULL, err);
}

cinema_status search__add(db_tx *tx, const search_entry *items, size_t count, cinema_error *err)
{
    db_sql sql;
    cinema_status s = CINEMA_OK;
    db_sql_for_tx(&sql, tx);
    if (sql.postgres && count)
        return add_together(tx, items, count, err);
    for (size_t i = 0; !s && i < count; i++) {
        db_sql_for_tx(&sql, tx);
        db_add(&sql, SQL_search_add, "it", items[i].title_nr, items[i].words);
        s = db_run_late(tx, &sql, err);
    }
    return s;
}
