/* title_name.c - how titles are named, and the slugs they get.
 */
#include "base/unicode.h"
#include "catalog/catalog.h"

#include "title.sql.h"

#include <stdio.h>

bool title_name_parse(const char *text, title_name *ret)
{
    const char *colon = strchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (uuid_parse(text, &ret->id)) {
        ret->how = BY_ID;
        return true;
    }
    ret->how = colon ? BY_EXTERNAL_ID : BY_SLUG;
    ret->text = colon ? colon + 1 : text;
    if (colon && (!n || n >= sizeof ret->source))
        return false;
    memcpy(ret->source, text, n);
    ret->source[n] = '\0';
    return *ret->text && (colon || strlen(text) <= SLUG_MAX);
}

void title_name_add(db_sql *sql, const title_name *n)
{
    switch (n->how) {
    case BY_ID:
        db_add(sql, SQL_title_by_id, "u", &n->id);
        return;
    case BY_SLUG:
        db_add(sql, SQL_title_by_slug, "t", n->text);
        return;
    case BY_OLD_SLUG:
        db_add(sql, SQL_title_by_old_slug, "t", n->text);
        return;
    case BY_EXTERNAL_ID:
        db_add(sql, SQL_title_by_external_id, "tt", n->source, n->text);
        return;
    }
}

cinema_status title__not_found(const char *kind, cinema_error *err)
{
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such %s", kind);
}

static cinema_status find(cinema *c, db_tx *tx, const title_name *n, bool published_only, arena *a,
                          db_rows *rows, cinema_error *err)
{
    db_sql sql;
    if (tx)
        db_sql_for_tx(&sql, tx);
    else
        db_sql_for(&sql, c);
    db_add(&sql, SQL_title_nr, "");
    title_name_add(&sql, n);
    if (published_only)
        db_add(&sql, SQL_title_shown, "");
    return tx ? db_run(tx, &sql, a, rows, err) : db_read(c, &sql, a, rows, err);
}

cinema_status title__find(cinema *c, db_tx *tx, const char *name, bool published_only, arena *a,
                          int64_t *nr, const char **kind, cinema_error *err)
{
    title_name n;
    db_rows rows;
    cinema_status s;
    if (!title_name_parse(name, &n))
        return title__not_found("title", err);
    if ((s = find(c, tx, &n, published_only, a, &rows, err)))
        return s;
    if (!rows.count && n.how == BY_SLUG) {
        n.how = BY_OLD_SLUG;
        if ((s = find(c, tx, &n, published_only, a, &rows, err)))
            return s;
    }
    if (!rows.count)
        return title__not_found("title", err);
    *nr = rows.first->cells[0].number;
    if (kind)
        *kind = rows.first->cells[1].text;
    return CINEMA_OK;
}

/* Room is kept for a year and a number behind it. */
cinema_status slug_make(const char *text, int64_t year, const char *fallback, int attempt,
                        char slug[SLUG_MAX + 1])
{
    CLEANUP(freep) char *base = NULL;
    uuid looks_like_one;
    cinema_status s = unicode_slug(text, SLUG_MAX - 14, &base);
    if (s)
        return s;
    int n = snprintf(slug, SLUG_MAX + 1, "%s", *base ? base : fallback);
    if (year != CINEMA_ABSENT)
        n += snprintf(slug + n, SLUG_MAX + 1 - (size_t)n, "-%lld", (long long)year);
    if (attempt > 1)
        n += snprintf(slug + n, SLUG_MAX + 1 - (size_t)n, "-%d", attempt);
    if (uuid_parse(slug, &looks_like_one))
        snprintf(slug + n, SLUG_MAX + 1 - (size_t)n, "-%s", fallback);
    return CINEMA_OK;
}
