/* dead_letter.c - work that was given up: looked at, and put back to what waits.
 */
#include "base/text.h"
#include "call/cursor.h"
#include "call/page.h"
#include "outbox/outbox.h"

#include "outbox.sql.h"

#include <cinema/worker.h>

enum { LIMIT = 20, AT_ONCE = 500, THIS_LIST = 0xDEAD };

static const field fields[] = {
    { OUT(cinema_dead_letter, id, TEXT), .present = true },
    { OUT(cinema_dead_letter, kind, TEXT), .present = true, .help = "such as mail" },
    { OUT(cinema_dead_letter, attempts, NUMBER), .present = true },
    { OUT(cinema_dead_letter, created_at, TIME), .present = true },
    { OUT(cinema_dead_letter, ended_at, TIME), .present = true, .help = "when it was given up" },
    { OUT(cinema_dead_letter, error, TEXT), .help = "why, in the words of the last attempt" },
};
const field_table cinema__dead_letter = ANSWER("dead_letter", fields, cinema_dead_letter);

static const field query_fields[] = {
    { IN(cinema_dead_letter_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_dead_letter_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
};
const field_table cinema__dead_letter_query =
    QUERY("dead letter list", query_fields, cinema_dead_letter_query);

_Static_assert(sizeof(cinema_dead_letter_page) == sizeof(op_page), "a page as all pages");

static cinema_status list(cinema *c, cinema_dead_letter_query *q, arena *a, op_page **ret,
                          cinema_error *err)
{
    op_page *p = record_new(a, sizeof *p);
    size_t limit = q->limit ? q->limit : LIMIT;
    int64_t nr;
    db_value key;
    db_rows rows;
    db_sql sql;
    cinema_status s = p ? CINEMA_OK : fail_memory(err);
    if (s || (s = fields_check(&cinema__dead_letter_query, MODE_QUERY, q, a, NULL, err)) ||
        (q->after && (s = cursor_read(c, THIS_LIST, q->after, a, &key, &nr, err))))
        return s;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_outbox_dead_list, "");
    if (q->after)
        db_add(&sql, SQL_outbox_dead_after, "ii", key.number, nr);
    db_add(&sql, SQL_outbox_dead_order, "i", (int64_t)limit + 1);
    if ((s = db_read(c, &sql, a, &rows, err)))
        return s;
    p->total = CINEMA_ABSENT;
    *ret = p;
    return page_fill(c, &cinema__dead_letter, THIS_LIST, &rows, limit, a, p, err);
}

cinema_status cinema_dead_letter_list_sized(cinema *c, const cinema_dead_letter_query *in,
                                            size_t size, cinema_dead_letter_page **ret,
                                            cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_dead_letter_query q;
    op_page *p = NULL;
    cinema_status s = a ? TAKE(q, in, size, err) : fail_memory(err);
    if (!s && !(s = list(c, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

void cinema_dead_letter_page_free(cinema_dead_letter_page *p)
{
    record_free(p);
}

/* ---- putting back ---------------------------------------------------------------------------- */

/* Who waits for work in this process is told after the commit. */
static cinema_status put_back(cinema *c, const db_sql *sql, int64_t *count, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_rows rows = { 0 };
    cinema_status s = a ? db_begin(c, &tx, err) : fail_memory(err);
    if (s || (s = db_run(tx, sql, a, &rows, err)))
        return s;
    db_when_committed(c, outbox__ring);
    *count = rows.changed;
    return db_commit(&tx, err);
}

cinema_status cinema_dead_letter_retry(cinema *c, const char *id, cinema_error *err)
{
    int64_t nr, count = 0;
    db_sql sql;
    cinema_status s = handle_check(c, err);
    if (!s && text_number(id, &nr)) {
        db_sql_for(&sql, c);
        db_add(&sql, SQL_outbox_retry, "ii", nr, now_ms(c));
        s = put_back(c, &sql, &count, err);
    }
    if (s || count)
        return s;
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such dead letter");
}

/* Some rows a transaction. What dies again meanwhile is left. */
cinema_status cinema_dead_letter_retry_all(cinema *c, int64_t *ret, cinema_error *err)
{
    int64_t now = now_ms(c), count = AT_ONCE, all = 0;
    db_sql sql;
    cinema_status s = handle_check(c, err);
    for (; !s && count == AT_ONCE; all += count) {
        count = 0;
        db_sql_for(&sql, c);
        db_add(&sql, SQL_outbox_retry_all, "ii", now, (int64_t)AT_ONCE);
        s = put_back(c, &sql, &count, err);
    }
    if (!s)
        *ret = all;
    return s;
}
