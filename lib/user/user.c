/* user.c - users read: their fields, one, pages.
 */
#include "avatar/avatar.h"
#include "base/text.h"
#include "base/unicode.h"
#include "call/cursor.h"
#include "call/page.h"
#include "port/db/row.h"
#include "user/user_door.h"

#include "user.sql.h"

enum { LIMIT = 20, TOTAL_MAX = 10000, WORDS_MAX = 8 };

#define LOCALE_PATTERN "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

static const field fields[] = {
    { OUT(cinema_user, id, UUID), .present = true },
    { BOTH(cinema_user, revision, NUMBER), .update_only = true, .min = 1, .max = INT64_MAX,
      .help = "one more with every change; to change only this one, as If-Match does" },
    { BOTH(cinema_user, email, TEXT), .needed = true, .lasting = true, .min = 3, .max = 254 },
    { BOTH(cinema_user, email_verified, BOOL), .lasting = true,
      .help = "true unless given: who adds an address vouches for it" },
    { BOTH(cinema_user, name, TEXT), .max = 200, .help = "empty if none was given" },
    { BOTH(cinema_user, locale, TEXT), .min = 2, .max = 35, .pattern = LOCALE_PATTERN,
      .help = "BCP 47, such as de or pt-BR" },
    { OUT(cinema_user, avatar_url, TEXT) },
    { BOTH(cinema_user, status, TEXT), .lasting = true, .one_of = "active disabled" },
    { BOTH(cinema_user, roles, WORDS), .lasting = true, .max = 50, .item_max = 64,
      .help = "needs role.write; nobody can give more than they have" },
    { OUT(cinema_user, permissions, WORDS), .present = true, .help = "of all roles; *: every one" },
    { OUT(cinema_user, has_password, BOOL), .present = true },
    { BOTH(cinema_user, password_reset_needed, BOOL), .lasting = true,
      .help = "true: no sign-in before another password is chosen" },
    { OUT(cinema_user, created_at, TIME), .present = true },
    { OUT(cinema_user, updated_at, TIME), .present = true },
    { OUT(cinema_user, signed_in_at, TIME) },
    { OUT(cinema_user, delete_at, TIME), .help = "removed then, unless they sign in before" },
    { IN(cinema_user_input, password, TEXT), .lasting = true, .min = 1, .max = PASSWORD_MAX },
    { IN(cinema_user_input, password_hash, TEXT), .create_only = true, .lasting = true, .min = 1,
      .max = 250, .help = "of another system: bcrypt, PBKDF2, scrypt, Argon2" },
    { IN(cinema_user_input, clear, CLEAR) },
};
const field_table cinema__user = RECORD("user", fields, cinema_user);

static const field query_fields[] = {
    { IN(cinema_user_query, q, TEXT), .min = 1, .max = 254,
      .help = "words of name and address, or how they begin" },
    { IN(cinema_user_query, status, TEXT), .one_of = "active disabled" },
    { IN(cinema_user_query, role, TEXT), .min = 1, .max = 64 },
    { IN(cinema_user_query, after, TEXT), .min = 1, .max = 2000,
      .help = "next of the page before" },
    { IN(cinema_user_query, limit, LIMIT), .min = 1, .max = 100, .help = "20 unless given" },
    { IN(cinema_user_query, total, FLAG), .help = "count all, exactly up to 10,000" },
};
const field_table cinema__user_query = QUERY("user list", query_fields, cinema_user_query);

static const field removal_fields[] = {
    { IN(cinema_user_options, revision, NUMBER), .min = 1, .max = INT64_MAX,
      .help = "remove only this revision, as If-Match does" },
};
const field_table cinema__user_removal = QUERY("user removal", removal_fields, cinema_user_options);

_Static_assert(sizeof(cinema_user_page) == sizeof(op_page), "a page as all pages");

/* ---- one ------------------------------------------------------------------------------------- */

static cinema_status not_found(cinema_error *err)
{
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such user");
}

cinema_status user_find(cinema *c, db_tx *tx, const char *id, arena *a, account *ret,
                        cinema_error *err)
{
    cinema_status s = strchr(id, '@') ? account__by_email(c, tx, id, a, ret, err)
                                      : account__by_id(c, tx, id, a, ret, err);
    return s == CINEMA_NOT_FOUND ? not_found(err) : s;
}

/* What a row does not have as it is told. */
static cinema_status finish(cinema *c, cinema_user *u, arena *a, cinema_error *err)
{
    const char *avatar = u->avatar_url;
    texts_once(&u->permissions);
    u->avatar_url = avatar__url(c, avatar, a);
    return avatar && !u->avatar_url ? fail_memory(err) : CINEMA_OK;
}

static cinema_status record(cinema *c, const db_rows *rows, arena *a, cinema_user **ret,
                            cinema_error *err)
{
    cinema_user *u = record_new(a, sizeof *u);
    if (!rows->count)
        return not_found(err);
    if (!u || fields_read_row(&cinema__user, rows->first, 0, a, u))
        return fail_memory(err);
    cinema_status s = finish(c, u, a, err);
    if (!s)
        *ret = u;
    return s;
}

cinema_status user__read(cinema *c, db_tx *tx, int64_t nr, arena *a, cinema_user **ret,
                         cinema_error *err)
{
    db_rows rows;
    db_sql sql;
    if (tx)
        db_sql_for_tx(&sql, tx);
    else
        db_sql_for(&sql, c);
    db_add(&sql, SQL_user_get, "i", nr);
    cinema_status s = tx ? db_run(tx, &sql, a, &rows, err) : db_read(c, &sql, a, &rows, err);
    return s ? s : record(c, &rows, a, ret, err);
}

static cinema_status get(cinema *c, const char *id, arena *a, cinema_user **ret, cinema_error *err)
{
    const char *shown, *key;
    db_rows rows;
    db_sql sql;
    uuid u;
    db_sql_for(&sql, c);
    if (uuid_parse(id, &u))
        db_add(&sql, SQL_user_get_by_id, "u", &u);
    else if (email__normalise(id, a, &shown, &key, NULL))
        return not_found(err);
    else
        db_add(&sql, SQL_user_get_by_email, "t", key);
    cinema_status s = db_read(c, &sql, a, &rows, err);
    return s ? s : record(c, &rows, a, ret, err);
}

cinema_status cinema_user_get_sized(cinema *c, const char *id, const cinema_user_options *in,
                                    size_t size, cinema_user **ret, cinema_error *err)
{
    cinema_user_options options;
    cinema_status s = TAKE(options, in, size, err);
    arena *a = s ? NULL : arena_new(0, 0);
    if (!s)
        s = a ? get(c, id, a, ret, err) : fail_memory(err);
    if (s)
        arena_free(a);
    return s;
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Words that begin as this one does: from it to what no word begins with. */
static cinema_status add_word(db_sql *sql, const char *word, arena *a, cinema_error *err)
{
    const char *end = arena_format(a, "%s\xf4\x8f\xbf\xbf", word);
    if (!end)
        return fail_memory(err);
    db_add(sql, SQL_user_of_word, "tt", word, end);
    return CINEMA_OK;
}

/* A word with signs in it may be of an address, which is kept with them; others are folded. */
static cinema_status add_search(db_sql *sql, const char *q, arena *a, cinema_error *err)
{
    bool address = strpbrk(q, "@.+-_") != NULL;
    CLEANUP(freep) char *folded = NULL;
    size_t count = 0;
    cinema_status s = address ? unicode_casefold(q, &folded) : unicode_fold(q, &folded);
    if (s)
        return fail_memory(err);
    for (const char *p = folded + strspn(folded, " "); !s && *p && count < WORDS_MAX; count++) {
        size_t n = strcspn(p, " ");
        const char *word = arena_copy(a, p, n);
        s = word ? add_word(sql, word, a, err) : fail_memory(err);
        p += n + strspn(p + n, " ");
    }
    if (!s && !count)
        db_add(sql, SQL_user_of_no_word, "");
    return s;
}

static cinema_status add_filters(db_sql *sql, const cinema_user_query *q, arena *a,
                                 cinema_error *err)
{
    if (q->status)
        db_add(sql, SQL_user_of_status, "t", q->status);
    if (q->role)
        db_add(sql, SQL_user_of_role, "t", q->role);
    return q->q ? add_search(sql, q->q, a, err) : CINEMA_OK;
}

static void set_total(const db_rows *rows, op_page *p)
{
    p->total = rows ? rows->first->cells[0].number : CINEMA_ABSENT;
    p->total_capped = p->total > TOTAL_MAX;
    if (p->total_capped)
        p->total = TOTAL_MAX;
}

static cinema_status list(cinema *c, cinema_user_query *q, arena *a, op_page **ret,
                          cinema_error *err)
{
    op_page *p = record_new(a, sizeof *p);
    size_t limit = q->limit ? q->limit : LIMIT;
    db_sql sql, count;
    const db_sql *all[] = { &sql, &count };
    db_rows rows[2];
    db_value key;
    int64_t nr;
    cinema_status s = p ? CINEMA_OK : fail_memory(err);
    if (s || (s = fields_check(&cinema__user_query, MODE_QUERY, q, a, NULL, err)))
        return s;
    db_sql_for(&sql, c);
    db_add(&sql, SQL_user_list, "");
    db_sql_for(&count, c);
    db_add(&count, SQL_user_count, "");
    if ((s = add_filters(&sql, q, a, err)) || (s = add_filters(&count, q, a, err)))
        return s;
    uint64_t filters = db_hash(&sql);
    if (q->after && (s = cursor_read(c, filters, q->after, a, &key, &nr, err)))
        return s;
    if (q->after)
        db_add(&sql, SQL_user_after, "i", nr);
    db_add(&sql, SQL_user_order, "i", (int64_t)limit + 1);
    db_add(&count, SQL_user_count_end, "i", (int64_t)TOTAL_MAX + 1);
    if ((s = db_read_all(c, all, q->total ? 2 : 1, a, rows, err)))
        return s;
    set_total(q->total ? &rows[1] : NULL, p);
    s = page_fill(c, &cinema__user, filters, &rows[0], limit, a, p, err);
    for (size_t i = 0; !s && i < p->count; i++)
        s = finish(c, (cinema_user *)(uintptr_t)p->items[i], a, err);
    *ret = p;
    return s;
}

cinema_status cinema_user_list_sized(cinema *c, const cinema_user_query *in, size_t size,
                                     cinema_user_page **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_user_query q;
    op_page *p = NULL;
    cinema_status s = a ? TAKE(q, in, size, err) : fail_memory(err);
    if (!s && !(s = list(c, &q, a, &p, err)))
        *ret = page_keep(&a, p);
    return s;
}

void cinema_user_free(cinema_user *u)
{
    record_free(u);
}

void cinema_user_page_free(cinema_user_page *p)
{
    record_free(p);
}
