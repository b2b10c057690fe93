/* identity.c - sign-ins elsewhere that belong to accounts: finding, linking, listing, removing.
 */
#include "oauth/part.h"

#include "base/unicode.h"
#include "call/cursor.h"
#include "call/page.h"
#include "session/session.h"

#include "oauth.sql.h"

enum { LIMIT = 20, NAME_CHARACTERS = 200, EMAIL_BYTES = 320 };

/* ---- rows ------------------------------------------------------------------------------------ */

static cinema_status find(act *t, db_tx *tx, const person *p, int64_t *account_nr)
{
    db_sql sql;
    db_rows rows = { 0 };
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_linked_find, "tt", p->key, p->subject);
    cinema_status s = db_run(tx, &sql, t->a, &rows, t->err);
    *account_nr = !s && rows.count ? rows.first->cells[0].number : 0;
    return s;
}

/* *taken: somebody has linked it meanwhile. */
static cinema_status insert(act *t, db_tx *tx, int64_t account_nr, const person *p, bool *taken)
{
    db_sql sql;
    db_rows rows = { 0 };
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_linked_insert, "itttti", account_nr, p->key, p->subject, p->email, p->name,
           now_ms(t->c));
    cinema_status s = db_run(tx, &sql, t->a, &rows, t->err);
    *taken = !s && rows.changed == 0;
    return s;
}

static cinema_status used(act *t, db_tx *tx, const person *p)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_linked_used, "tttti", p->key, p->subject, p->email, p->name, now_ms(t->c));
    return db_run(tx, &sql, t->a, NULL, t->err);
}

/* ---- what is told about it ------------------------------------------------------------------- */

static cinema_status tell(act *t, db_tx *tx, const char *action, const account *who,
                          const char *name)
{
    audit_entry e = { .action = action,
                      .actor = "user",
                      .actor_id = who->id,
                      .account_id = who->id,
                      .target = name };
    return audit__add(t->c, tx, &t->caller, &e, t->a, t->err);
}

static cinema_status mail(act *t, db_tx *tx, const char *template, const account *who,
                          const char *name)
{
    cinema_pair value = { "provider", name };
    notify_mail m = { .template = template,
                      .to = who->email,
                      .name = who->name,
                      .locale = who->locale ? who->locale : t->caller.language,
                      .values = &value,
                      .count = 1 };
    return notify__mail(t->c, tx, &m, t->a, t->err);
}

static cinema_status taken(act *t)
{
    return fail(t->err, CINEMA_CONFLICT, "identity_taken", NULL,
                "this sign-in belongs to another account");
}

static cinema_status link_to(act *t, db_tx *tx, const account *who, const person *p,
                             const char *name)
{
    bool is_taken;
    cinema_status s = insert(t, tx, who->nr, p, &is_taken);
    if (s || is_taken)
        return s ? s : taken(t);
    if ((s = tell(t, tx, "identity.link", who, name)))
        return s;
    return mail(t, tx, "identity_linked", who, name);
}

/* ---- signing in ------------------------------------------------------------------------------ */

/* What the provider calls somebody becomes a name as any other: one line, not too long. */
static const char *clean_name(act *t, const char *name)
{
    char *copy = name ? arena_copy(t->a, name, strlen(name)) : NULL, *to = copy;
    size_t points = 0;
    if (!copy)
        return "";
    for (const char *from = copy; *from;) {
        size_t control = utf8_control(from);
        if (((unsigned char)*from & 0xC0) != 0x80 && ++points > NAME_CHARACTERS)
            break;
        *to++ = control ? ' ' : *from;
        from += control ? control : 1;
    }
    *to = '\0';
    return copy;
}

static cinema_status make_account(act *t, db_tx *tx, const person *p, const char *name,
                                  int64_t *account_nr)
{
    account who, new = { .email = p->email,
                         .name = clean_name(t, p->name),
                         .locale = NULL,
                         .email_verified_at = now_ms(t->c) };
    cinema_status s = account__insert(t->c, tx, &new, t->a, &who, t->err);
    bool is_taken;
    if (s)
        return s;
    if ((s = insert(t, tx, who.nr, p, &is_taken)) || is_taken)
        return s ? s : taken(t);
    *account_nr = who.nr;
    if ((s = tell(t, tx, "user.register", &who, name)))
        return s;
    return tell(t, tx, "identity.link", &who, name);
}

/* Both sides have verified the address, or nothing is joined: who registers with an address that is
 * not theirs must not find its owner in their account one day. */
static cinema_status join(act *t, db_tx *tx, const person *p, const char *name, int64_t *account_nr)
{
    account who;
    if (!p->email || !p->verified || strlen(p->email) > EMAIL_BYTES)
        return fail(t->err, CINEMA_FORBIDDEN, "email_unverified", NULL,
                    "the provider knows no verified e-mail address of yours");
    cinema_status s = account__by_email(t->c, tx, p->email, t->a, &who, t->err);
    if (s == CINEMA_NOT_FOUND)
        return make_account(t, tx, p, name, account_nr);
    if (s)
        return s;
    if (who.email_verified_at == CINEMA_ABSENT)
        return fail(t->err, CINEMA_CONFLICT, "email_in_use", NULL,
                    "an account has this address, but has not verified it");
    *account_nr = who.nr;
    return link_to(t, tx, &who, p, name);
}

cinema_status identity_account(act *t, const person *p, const char *name, int64_t *account_nr)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)) || (s = find(t, tx, p, account_nr)) ||
        (s = *account_nr ? used(t, tx, p) : join(t, tx, p, name, account_nr)))
        return s;
    return db_commit(&tx, t->err);
}

/* ---- linking --------------------------------------------------------------------------------- */

static cinema_status other_there(act *t, db_tx *tx, int64_t account_nr, const person *p)
{
    db_sql sql;
    db_rows rows = { 0 };
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_linked_of, "it", account_nr, p->key);
    cinema_status s = db_run(tx, &sql, t->a, &rows, t->err);
    if (s || !rows.count)
        return s;
    return fail(t->err, CINEMA_CONFLICT, "already_linked", NULL,
                "another sign-in of this provider is linked: remove that first");
}

static cinema_status add(act *t, db_tx *tx, const account *who, const person *p, const char *name)
{
    int64_t now_of;
    cinema_status s = find(t, tx, p, &now_of);
    if (s)
        return s;
    if (now_of)
        return now_of == who->nr ? used(t, tx, p) : taken(t);
    if ((s = other_there(t, tx, who->nr, p)))
        return s;
    return link_to(t, tx, who, p, name);
}

cinema_status identity_check_session(act *t, db_tx *tx, const account *who, const char *session_id)
{
    int64_t nr = who->nr;
    cinema_status s = session_id ? session__owner(tx, session_id, t->a, &nr, t->err) : CINEMA_OK;
    if (s && s != CINEMA_NOT_FOUND)
        return s;
    if (!s && nr == who->nr && !strcmp(who->status, "active"))
        return CINEMA_OK;
    return fail(t->err, CINEMA_UNAUTHENTICATED, "session_ended", NULL,
                "who began this has been signed out meanwhile: sign in and begin anew");
}

cinema_status identity_use_permit(act *t, db_tx *tx, const link_permit *m, account *who)
{
    onetime one;
    cinema_status s = account__by_nr(t->c, tx, m->account_nr, t->a, who, t->err);
    if (s)
        return s;
    s = onetime__take(t->c, tx, m->purpose, m->token, t->a, &one, t->err);
    if (s == CINEMA_INVALID || (!s && one.account_nr != who->nr))
        return fail(t->err, CINEMA_INVALID, "invalid_token", "code",
                    "what was begun is another account's, is done already or too old, or ended "
                    "with a new password: begin anew");
    return s ? s : identity_check_session(t, tx, who, m->session_id);
}

cinema_status identity_add(act *t, const link_permit *m, const person *p, const char *name)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account who;
    cinema_status s;
    if ((s = db_begin(t->c, &tx, t->err)) || (s = identity_use_permit(t, tx, m, &who)) ||
        (s = add(t, tx, &who, p, name)))
        return s;
    return db_commit(&tx, t->err);
}

/* ---- removing -------------------------------------------------------------------------------- */

static cinema_status ways_left(act *t, db_tx *tx, const account *who, const char *key)
{
    db_sql sql;
    db_rows rows = { 0 };
    if (who->password)
        return CINEMA_OK;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_linked_others, "it", who->nr, key);
    cinema_status s = db_run(tx, &sql, t->a, &rows, t->err);
    if (s || rows.first->cells[0].number > 0)
        return s;
    return fail(t->err, CINEMA_CONFLICT, "last_way_in", NULL,
                "no other way to sign in would be left: choose a password first");
}

static cinema_status drop(act *t, db_tx *tx, const account *who, const char *key)
{
    db_sql sql;
    db_rows rows = { 0 };
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_linked_remove, "it", who->nr, key);
    cinema_status s = db_run(tx, &sql, t->a, &rows, t->err);
    if (s || rows.changed)
        return s;
    return fail(t->err, CINEMA_NOT_FOUND, NULL, NULL, "no sign-in of this provider is linked");
}

/* A provider that is not set any more can be removed by what is shown of it. */
static cinema_status key_of(act *t, const char *name, const char **ret)
{
    provider p;
    cinema_error why;
    act quiet = *t;
    quiet.err = &why;
    cinema_status s = provider_find(&quiet, name, &p);
    *ret = s ? name : p.key;
    return s == CINEMA_NO_MEMORY ? fail_memory(t->err) : CINEMA_OK;
}

/* The account's row is locked first: of two removals at once the second sees the first. */
static cinema_status remove_link(act *t, const char *id, const char *name)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const char *key;
    account who;
    cinema_status s;
    if (!name)
        return fail(t->err, CINEMA_INVALID, "required", "provider", "provider: is required");
    if ((s = key_of(t, name, &key)) || (s = db_begin(t->c, &tx, t->err)) ||
        (s = account__by_id(t->c, tx, id, t->a, &who, t->err)) || (s = drop(t, tx, &who, key)) ||
        (s = ways_left(t, tx, &who, key)) || (s = tell(t, tx, "identity.unlink", &who, name)) ||
        (s = mail(t, tx, "identity_unlinked", &who, name)))
        return s;
    return db_commit(&tx, t->err);
}

cinema_status cinema_identity_remove_sized(cinema *c, const char *id,
                                           const cinema_identity_remove_input *input, size_t size,
                                           cinema_error *err)
{
    CLEANUP(act_end) act t = { 0 };
    cinema_identity_remove_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) || (s = act_begin(&t, c, &in.client, NULL, &in, err)))
        return s;
    return remove_link(&t, id, in.provider);
}

/* ---- listing --------------------------------------------------------------------------------- */

static const field fields[] = {
    { OUT(cinema_identity, provider, TEXT), .present = true },
    { OUT(cinema_identity, email, TEXT), .help = "as the provider said last" },
    { OUT(cinema_identity, name, TEXT) },
    { OUT(cinema_identity, created_at, TIME), .present = true },
    { OUT(cinema_identity, used_at, TIME), .present = true, .help = "the last sign-in by it" },
};
const field_table cinema__identity = ANSWER("identity", fields, cinema_identity);

static const field query_fields[] = {
    { IN(cinema_identity_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_identity_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
};
const field_table cinema__identity_query =
    QUERY("identity list", query_fields, cinema_identity_query);

_Static_assert(sizeof(cinema_identity_page) == sizeof(op_page), "a page as all pages");

static void name_providers(cinema *c, const op_page *p, arena *a)
{
    for (size_t i = 0; i < p->count; i++) {
        cinema_identity *one = (cinema_identity *)p->items[i];
        const char *name = provider_name(c, one->provider, a);
        one->provider = name ? name : one->provider;
    }
}

static cinema_status list(cinema *c, const char *id, cinema_identity_query *q, arena *a,
                          op_page **ret, cinema_error *err)
{
    op_page *p = record_new(a, sizeof *p);
    size_t limit = q->limit ? q->limit : LIMIT;
    account who;
    int64_t nr;
    db_value key;
    db_rows rows;
    db_sql sql;
    cinema_status s = p ? CINEMA_OK : fail_memory(err);
    if (s || (s = fields_check(&cinema__identity_query, MODE_QUERY, q, a, NULL, err)) ||
        (s = account__by_id(c, NULL, id, a, &who, err)))
        return s;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_linked_list, "i", who.nr);
    uint64_t filters = db_hash(&sql);
    if (q->after && (s = cursor_read(c, filters, q->after, a, &key, &nr, err)))
        return s;
    if (q->after)
        db_add(&sql, SQL_linked_after, "i", nr);
    db_add(&sql, SQL_linked_order, "i", (int64_t)limit + 1);
    if ((s = db_read(c, &sql, a, &rows, err)))
        return s;
    p->total = CINEMA_ABSENT;
    if ((s = page_fill(c, &cinema__identity, filters, &rows, limit, a, p, err)))
        return s;
    name_providers(c, p, a);
    *ret = p;
    return CINEMA_OK;
}

cinema_status cinema_identity_list_sized(cinema *c, const char *id, const cinema_identity_query *in,
                                         size_t size, cinema_identity_page **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_identity_query q;
    op_page *p = NULL;
    cinema_status s = a ? TAKE(q, in, size, err) : fail_memory(err);
    if (!s && !(s = list(c, id, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

void cinema_identity_page_free(cinema_identity_page *p)
{
    record_free(p);
}
