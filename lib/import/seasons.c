/* seasons.c - lines of seasons, and where an episode belongs.
 * A line names a series by its slug, id or external id. The slug is the one that follows from title
 * and year, also where the series was given another because that one was taken.
 */
#include "import/batch.h"

#include "bulk.sql.h"

#include <stdio.h>

enum { KEY_MAX = 48 };

/* `*nr` 0: the line is refused. */
static cinema_status find_series(batch *b, line *l, int64_t *nr)
{
    const char *name = l->in.series, *kind = NULL;
    if ((*nr = names_get(b->series, name)) || (*nr = names_get(b->memory->series, name)))
        return CINEMA_OK;
    cinema_status s = title__find(b->c, b->tx, name, false, b->arena, nr, &kind, b->err);
    if (s && s != CINEMA_NOT_FOUND)
        return s;
    if (s || strcmp(kind, "series") != 0) {
        *nr = 0;
        batch_refuse(b, l, "series", "not_found", "there is no series %.80s (it has to come first)",
                     name);
        return CINEMA_OK;
    }
    return names_put(b->series, name, *nr) ? fail_memory(b->err) : CINEMA_OK;
}

static cinema_status find_season(batch *b, int64_t series_nr, int64_t number, db_rows *rows)
{
    CLEANUP(bulk_keys_done) bulk_keys keys = BULK_KEYS;
    bulk_number(&keys, series_nr * 10000 + number);
    return batch_find(b, &keys, SQL_bulk_seasons, rows);
}

static cinema_status remember(batch *b, int64_t series_nr, int64_t number, int64_t season_nr)
{
    char key[KEY_MAX];
    snprintf(key, sizeof key, "%lld/%lld", (long long)series_nr, (long long)number);
    return names_put(b->memory->seasons, key, season_nr) ? fail_memory(b->err) : CINEMA_OK;
}

static const char *newer(const char *said, const db_value *there)
{
    return said ? said : there->type == DB_TEXT ? there->text : NULL;
}

static bool differs(const char *said, const db_value *there)
{
    return said && (there->type != DB_TEXT || strcmp(said, there->text) != 0);
}

/* A season stays where it is. */
static cinema_status has_place(batch *b, line *l, bool *ret)
{
    db_rows rows = { 0 };
    cinema_status s =
        l->in.id ? batch_run(b, SQL_bulk_season_by_id, &rows, "u", &l->id) : CINEMA_OK;
    *ret = rows.count > 0;
    if (!s && *ret)
        batch_refuse(b, l, "id", "place", "the season %s has another place", l->in.id);
    return s;
}

/* `*nr` 0: the line is refused. */
static cinema_status add(batch *b, line *l, int64_t series_nr, int64_t *nr)
{
    const cinema_title_input *t = &l->in.title;
    uuid id = l->id;
    bool elsewhere;
    db_rows rows;
    cinema_status s = has_place(b, l, &elsewhere);
    *nr = 0;
    if (s || elsewhere)
        return s;
    if (!l->in.id)
        uuid_new(b->c, &id);
    s = batch_run(b, SQL_bulk_season, &rows, "uiitti", &id, series_nr, *l->in.season_number,
                  t->title, t->overview, now_ms(b->c));
    if (s)
        return s;
    *nr = rows.first->cells[0].number;
    b->counts.created++;
    return CINEMA_OK;
}

/* Cells: place, nr, title, overview. */
static cinema_status change(batch *b, const line *l, const db_value *v)
{
    const cinema_title_input *t = &l->in.title;
    if (!differs(t->title, &v[2]) && !differs(t->overview, &v[3])) {
        b->counts.unchanged++;
        return CINEMA_OK;
    }
    b->counts.updated++;
    return batch_run(b, SQL_bulk_season_change, NULL, "itti", v[1].number, newer(t->title, &v[2]),
                     newer(t->overview, &v[3]), now_ms(b->c));
}

cinema_status season_line_write(batch *b, line *l)
{
    int64_t series_nr, number = *l->in.season_number, nr;
    db_rows rows;
    cinema_status s;
    if ((s = find_series(b, l, &series_nr)) || !series_nr ||
        (s = find_season(b, series_nr, number, &rows)))
        return s;
    if (!rows.count)
        s = add(b, l, series_nr, &nr);
    else if (!(s = change(b, l, rows.first->cells)))
        nr = rows.first->cells[1].number;
    return s || l->state.refused ? s : remember(b, series_nr, number, nr);
}

cinema_status episode_place(batch *b, line *l)
{
    int64_t series_nr, number = *l->in.season_number;
    char key[KEY_MAX];
    db_rows rows;
    cinema_status s;
    if ((s = find_series(b, l, &series_nr)) || !series_nr)
        return s;
    snprintf(key, sizeof key, "%lld/%lld", (long long)series_nr, (long long)number);
    if ((l->state.season_nr = names_get(b->memory->seasons, key)))
        return CINEMA_OK;
    if ((s = find_season(b, series_nr, number, &rows)))
        return s;
    if (!rows.count) {
        batch_refuse(b, l, "season_number", "not_found",
                     "%.80s has no season %lld (it has to come first)", l->in.series,
                     (long long)number);
        return CINEMA_OK;
    }
    l->state.season_nr = rows.first->cells[1].number;
    return remember(b, series_nr, number, l->state.season_nr);
}
