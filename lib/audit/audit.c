/* audit.c - the audit log: entries written by other rooms, read newest first.
 */
#include "audit/audit.h"

#include "base/unicode.h"
#include "call/cursor.h"
#include "call/page.h"

#include "audit.sql.h"

#include <cinema/audit.h>

enum { LIMIT = 20, ADDRESS_MAX = 64, AGENT_MAX = 256, REQUEST_ID_MAX = 72, TARGET_MAX = 256 };

/* ---- writing --------------------------------------------------------------------------------- */

audit_entry audit__by(const op_call *k, const char *action)
{
    const identity *who = &k->who;
    return (audit_entry){ .action = action,
                          .actor = who->system       ? "system"
                                   : who->account_nr ? "user"
                                   : who->known      ? who->name
                                                     : "nobody",
                          .actor_id = who->account_id };
}

/* Clients choose these texts: what is no text or too long must not keep the act from being done. */
static const char *bounded(const char *text, size_t max, arena *a)
{
    char *copy = text ? arena_text(a, max + 1) : NULL;
    if (copy)
        text_copy(copy, max + 1, text);
    return copy;
}

/* NULL for text that is no id: it is in the log for people, who know the rest of the entry. */
static const uuid *id_of(const char *text, uuid *room)
{
    return text && uuid_parse(text, room) ? room : NULL;
}

cinema_status audit__add(cinema *c, db_tx *tx, const cinema_caller *caller, const audit_entry *e,
                         arena *a, cinema_error *err)
{
    static const cinema_caller nobody;
    const cinema_caller *from = caller ? caller : &nobody;
    uuid id, actor, account;
    db_sql sql;
    uuid_new(c, &id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_audit_insert, "uittuuttttt", &id, now_ms(c), e->action, e->actor,
           id_of(e->actor_id, &actor), id_of(e->account_id, &account),
           bounded(e->target, TARGET_MAX, a), bounded(from->address, ADDRESS_MAX, a),
           bounded(from->user_agent, AGENT_MAX, a), bounded(from->request_id, REQUEST_ID_MAX, a),
           e->detail);
    return db_run(tx, &sql, a, NULL, err);
}

static const char *text_of(const db_value *v)
{
    return v->type == DB_NULL ? NULL : v->text;
}

cinema_status audit__last(db_tx *tx, const char *account_id, const char *action, arena *a,
                          const audit_trace **ret, size_t *count, cinema_error *err)
{
    uuid id;
    db_rows rows;
    db_sql sql;
    size_t n = 0;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_audit_last, "ut", id_of(account_id, &id), action);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    audit_trace *list = s ? NULL : arena_alloc(a, (rows.count + 1) * sizeof *list);
    if (s || !list)
        return s ? s : fail_memory(err);
    for (const db_row *r = rows.first; r; r = r->next)
        list[n++] = (audit_trace){ r->cells[0].number, text_of(&r->cells[1]), text_of(&r->cells[2]),
                                   text_of(&r->cells[3]) };
    *ret = list;
    *count = n;
    return CINEMA_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const field fields[] = {
    { OUT(cinema_audit_entry, id, UUID), .present = true },
    { OUT(cinema_audit_entry, at, TIME), .present = true },
    { OUT(cinema_audit_entry, action, TEXT), .present = true,
      .help = "what was done, such as role.set" },
    { OUT(cinema_audit_entry, actor, TEXT), .present = true,
      .help = "user, system, set-up token or nobody" },
    { OUT(cinema_audit_entry, actor_id, UUID), .help = "the user who did it" },
    { OUT(cinema_audit_entry, account_id, UUID), .help = "the user whom it is about" },
    { OUT(cinema_audit_entry, target, TEXT), .help = "what else it is about, such as a role" },
    { OUT(cinema_audit_entry, address, TEXT), .help = "where it was done from" },
    { OUT(cinema_audit_entry, user_agent, TEXT) },
    { OUT(cinema_audit_entry, request_id, TEXT) },
    { OUT(cinema_audit_entry, detail, TEXT), .help = "more, as JSON" },
};
const field_table cinema__audit_entry = ANSWER("audit_entry", fields, cinema_audit_entry);

static const field query_fields[] = {
    { IN(cinema_audit_query, actor_id, UUID), .help = "what this user did" },
    { IN(cinema_audit_query, account_id, UUID), .help = "what was done to this user" },
    { IN(cinema_audit_query, action, TEXT), .min = 1, .max = 80 },
    { IN(cinema_audit_query, from, TIME), .help = "at this moment and later" },
    { IN(cinema_audit_query, to, TIME), .help = "at this moment and before" },
    { IN(cinema_audit_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_audit_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
};
const field_table cinema__audit_query = QUERY("audit list", query_fields, cinema_audit_query);

_Static_assert(sizeof(cinema_audit_page) == sizeof(op_page), "a page as all pages");

/* `last`: no later than this; ids were checked and are there with their filters. */
static void add_filters(const cinema_audit_query *q, int64_t last, uuid ids[2], db_sql *sql)
{
    db_add(sql, SQL_audit_list, "ii", q->from ? *q->from : INT64_MIN, last);
    if (q->actor_id)
        db_add(sql, SQL_audit_of_actor, "u", id_of(q->actor_id, &ids[0]));
    if (q->account_id)
        db_add(sql, SQL_audit_of_account, "u", id_of(q->account_id, &ids[1]));
    if (q->action)
        db_add(sql, SQL_audit_of_action, "t", q->action);
}

static cinema_status list(cinema *c, cinema_audit_query *q, arena *a, op_page **ret,
                          cinema_error *err)
{
    op_page *p = record_new(a, sizeof *p);
    size_t limit = q->limit ? q->limit : LIMIT;
    int64_t nr, last = q->to ? *q->to : INT64_MAX;
    uuid ids[2];
    db_value key;
    db_rows rows;
    db_sql sql;
    cinema_status s = p ? CINEMA_OK : fail_memory(err);
    if (s || (s = fields_check(&cinema__audit_query, MODE_QUERY, q, a, NULL, err)))
        return s;
    db_sql_for(&sql, c);
    add_filters(q, last, ids, &sql);
    uint64_t filters = db_hash(&sql);
    if (q->after && (s = cursor_read(c, filters, q->after, a, &key, &nr, err)))
        return s;
    if (q->after) { /* so that an index begins where the page before has ended */
        db_sql_for(&sql, c);
        add_filters(q, key.number, ids, &sql);
        db_add(&sql, SQL_audit_after, "ii", key.number, nr);
    }
    db_add(&sql, SQL_audit_order, "i", (int64_t)limit + 1);
    if ((s = db_read(c, &sql, a, &rows, err)))
        return s;
    p->total = CINEMA_ABSENT;
    *ret = p;
    return page_fill(c, &cinema__audit_entry, filters, &rows, limit, a, p, err);
}

cinema_status cinema_audit_list_sized(cinema *c, const cinema_audit_query *in, size_t size,
                                      cinema_audit_page **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_audit_query q;
    op_page *p = NULL;
    cinema_status s = a ? TAKE(q, in, size, err) : fail_memory(err);
    if (!s && !(s = list(c, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

void cinema_audit_page_free(cinema_audit_page *p)
{
    record_free(p);
}
