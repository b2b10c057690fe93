/* list.c - sessions and keys as their owners see them.
 */
#include "audit/audit.h"
#include "base/base64url.h"
#include "call/cursor.h"
#include "call/page.h"
#include "session/key.h"
#include "session/session.h"

#include "session.sql.h"

#include <cinema/auth.h>

enum { LIMIT = 20 };

static const field fields[] = {
    { OUT(cinema_session, id, UUID), .present = true },
    { OUT(cinema_session, created_at, TIME), .present = true },
    { OUT(cinema_session, used_at, TIME), .present = true, .help = "the last refresh" },
    { OUT(cinema_session, expires_at, TIME), .present = true, .help = "unless it is refreshed" },
    { OUT(cinema_session, method, TEXT), .present = true, .help = "how it was begun" },
    { OUT(cinema_session, address, TEXT), .help = "of the last use" },
    { OUT(cinema_session, user_agent, TEXT), .help = "of the last use" },
    { OUT(cinema_session, current, BOOL), .no_column = true, .present = true,
      .help = "the one that asks" },
    { OUT(cinema_session, user_id, UUID), .present = true },
    { OUT(cinema_session, email, TEXT), .present = true },
};
enum { WHOSE = 2 }; /* fields that tell it, the last ones */
const field_table cinema__session = { "session", fields, COUNT_OF(fields) - WHOSE,
                                      sizeof(cinema_session), 0 };
const field_table cinema__owned_session = ANSWER("owned_session", fields, cinema_session);

static const field query_fields[] = {
    { IN(cinema_session_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_session_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
};
const field_table cinema__session_query = QUERY("session list", query_fields, cinema_session_query);

_Static_assert(sizeof(cinema_session_page) == sizeof(op_page), "a page as all pages");

static cinema_status account_of(cinema *c, const char *id, arena *a, int64_t *nr, cinema_error *err)
{
    uuid account;
    db_sql sql;
    db_rows rows = { 0 };
    cinema_status s = CINEMA_OK;
    if (id && uuid_parse(id, &account)) { /* a trusted process has none */
        db_sql_for(&sql, c);
        db_add(&sql, SQL_session_account, "u", &account);
        s = db_read(c, &sql, a, &rows, err);
    }
    if (s || rows.count) {
        *nr = s ? 0 : rows.first->cells[0].number;
        return s;
    }
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such user");
}

static void mark(const op_page *p, const char *current)
{
    for (size_t i = 0; current && i < p->count; i++) {
        cinema_session *s = (cinema_session *)p->items[i];
        s->current = !strcmp(s->id, current);
    }
}

/* `account_nr` 0: of everybody. */
static cinema_status list(cinema *c, int64_t account_nr, const cinema_session_query *q, arena *a,
                          op_page **ret, cinema_error *err)
{
    const field_table *t = account_nr ? &cinema__session : &cinema__owned_session;
    op_page *p = record_new(a, sizeof *p);
    size_t limit = q->limit ? q->limit : LIMIT;
    uint64_t filters = 0x5E55 ^ (uint64_t)account_nr; /* the moment is no filter */
    int64_t nr;
    db_value key;
    db_rows rows;
    db_sql sql;
    cinema_status s = p ? CINEMA_OK : fail_memory(err);
    db_sql_for(&sql, c);
    if (account_nr)
        db_add(&sql, SQL_session_list, "ii", account_nr, now_ms(c));
    else
        db_add(&sql, SQL_session_list_all, "i", now_ms(c));
    if (s || (q->after && (s = cursor_read(c, filters, q->after, a, &key, &nr, err))))
        return s;
    if (q->after)
        db_add(&sql, SQL_session_after, "i", nr);
    db_add(&sql, SQL_session_order, "i", (int64_t)limit + 1);
    if ((s = db_read(c, &sql, a, &rows, err)))
        return s;
    p->total = CINEMA_ABSENT;
    if ((s = page_fill(c, t, filters, &rows, limit, a, p, err)))
        return s;
    mark(p, q->current);
    *ret = p;
    return CINEMA_OK;
}

static cinema_status take(const cinema_session_query *in, size_t size, arena *a,
                          cinema_session_query *q, cinema_error *err)
{
    cinema_status s = a ? take_input(q, sizeof *q, in, size, err) : fail_memory(err);
    return s ? s : fields_check(&cinema__session_query, MODE_QUERY, q, a, NULL, err);
}

cinema_status cinema_session_list_sized(cinema *c, const char *id, const cinema_session_query *in,
                                        size_t size, cinema_session_page **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_session_query q;
    op_page *p = NULL;
    int64_t nr;
    cinema_status s = take(in, size, a, &q, err);
    if (!s && !(s = account_of(c, id, a, &nr, err)) && !(s = list(c, nr, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

cinema_status cinema_session_list_all_sized(cinema *c, const cinema_session_query *in, size_t size,
                                            cinema_session_page **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_session_query q;
    op_page *p = NULL;
    cinema_status s = take(in, size, a, &q, err);
    if (!s && !(s = list(c, 0, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

void cinema_session_page_free(cinema_session_page *p)
{
    record_free(p);
}

/* ---- ending ---------------------------------------------------------------------------------- */

/* One, or with `session_id` NULL all, and the entry of the audit log. */
static cinema_status end(cinema *c, db_tx *tx, const op_call *by, const char *id, int64_t nr,
                         const char *session_id, arena *a, cinema_error *err)
{
    const char *action = session_id ? "session.end" : "session.end_all", *which = NULL;
    audit_entry e =
        by ? audit__by(by, action) : (audit_entry){ .action = action, .actor = "system" };
    cinema_status s = session_id ? session__end(c, tx, nr, session_id, a, err)
                                 : session__end_all(c, tx, nr, NULL, a, err);
    if (s)
        return s;
    /* A uuid, or there was none such. */
    if (session_id && !(which = arena_format(a, "{\"session_id\":\"%s\"}", session_id)))
        return fail_memory(err);
    e.account_id = id;
    e.detail = which;
    return audit__add(c, tx, by ? by->caller : NULL, &e, a, err);
}

cinema_status session__end_by(cinema *c, const op_call *by, const char *id, const char *session_id,
                              cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    int64_t nr;
    cinema_status s = a ? account_of(c, id, a, &nr, err) : fail_memory(err);
    if (s || (s = db_begin(c, &tx, err)) || (s = end(c, tx, by, id, nr, session_id, a, err)) ||
        (s = db_commit(&tx, err)))
        return s;
    session__told(c);
    return CINEMA_OK;
}

cinema_status cinema_session_end(cinema *c, const char *id, const char *session_id,
                                 cinema_error *err)
{
    return session__end_by(c, NULL, id, session_id, err);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* An answer for as many keys as there can be: room for it is had before a key is made. */
typedef struct key_texts {
    char id[KEY_ID], public[BASE64URL_ROOM(32)];
} key_texts;

typedef struct key_answer {
    cinema_keys list; /* the record */
    const cinema_key *items[KEYS_MAX];
    cinema_key keys[KEYS_MAX];
    key_texts texts[KEYS_MAX];
} key_answer;

static void tell_key(const session_key *k, key_texts *text, cinema_key *ret)
{
    memcpy(text->id, k->key.id, sizeof text->id);
    base64url_write(k->key.public, sizeof k->key.public, text->public);
    *ret = (cinema_key){ text->id,      "EdDSA",       text->public,
                         k->created_at, k->retired_at, k->expires_at };
}

static cinema_keys *tell_keys(const session_keys *keys, key_answer *to)
{
    for (size_t i = 0; i < keys->count; i++) {
        tell_key(&keys->items[i], &to->texts[i], &to->keys[i]);
        to->items[i] = &to->keys[i];
    }
    to->list = (cinema_keys){ to->items, keys->count };
    return &to->list;
}

static cinema_status answer_keys(cinema *c,
                                 cinema_status (*ask)(cinema *, session_keys *, cinema_error *),
                                 cinema_keys **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(sizeof(key_answer) + 256, 0);
    session_keys keys;
    key_answer *to = a ? record_new(a, sizeof *to) : NULL;
    cinema_status s = to ? key_ready(c, err) : fail_memory(err);
    if (s || (s = ask(c, &keys, err)))
        return s;
    *ret = tell_keys(&keys, to);
    MOVE(a);
    return CINEMA_OK;
}

cinema_status cinema_key_list(cinema *c, cinema_keys **ret, cinema_error *err)
{
    return answer_keys(c, key_all, ret, err);
}

cinema_status cinema_key_rotate(cinema *c, cinema_keys **ret, cinema_error *err)
{
    return answer_keys(c, key_rotate, ret, err);
}

void cinema_keys_free(cinema_keys *k)
{
    record_free(k);
}
