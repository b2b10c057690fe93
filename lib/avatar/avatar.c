/* avatar.c - avatars: what is taken, where it is kept, what is left over.
 * An avatar is put before the row that names it is committed, and removed after no row does: so a
 * crash leaves an avatar without a row, never a row without one. Names are random: each upload has
 * a blob of its own, and two that cross do not remove each other's.
 */
#include "avatar/avatar.h"

#include "avatar/image_header.h"
#include "avatar/shrink.h"
#include "base/handle.h"
#include "port/db/db.h"

#include "avatar.sql.h"

#include <cinema/avatar.h>

#include <sodium.h>
#include <stdio.h>

enum { IMAGE_MAX = 5 << 20, NAME_BYTES = 16, NAME_TEXT = 2 * NAME_BYTES + 1, BLOB_TEXT = 64 };
enum { FOLDERS = 256, SWEPT_AT_ONCE = 8, SWEEP_STEP_MS = 30 * 1000, LEFT_OVER_MS = 3600 * 1000 };
#define PIXELS_MAX UINT64_C(50000000)
#define FOLDER "avatars/"

/* ---- names ----------------------------------------------------------------------------------- */

static void blob_name(const char *name, char place[BLOB_TEXT])
{
    snprintf(place, BLOB_TEXT, FOLDER "%.2s/%s", name, name);
}

static bool is_name(const char *s)
{
    return strspn(s, "0123456789abcdef") == NAME_TEXT - 1 && !s[NAME_TEXT - 1];
}

const char *avatar__url(cinema *c, const char *name, arena *a)
{
    return name ? arena_format(a, "%s/v1/avatars/%s", config_public_url(c->config), name) : NULL;
}

/* ---- what is taken --------------------------------------------------------------------------- */

static cinema_status refuse(cinema_error *err, const char *rule, const char *what)
{
    return fail(err, CINEMA_INVALID, rule, "image", "image: %s", what);
}

/* Before any decoder sees it. */
static cinema_status check(const cinema_avatar_input *in, cinema_error *err)
{
    image_header h;
    if (!in->bytes || !in->length)
        return refuse(err, "required", "is required");
    if (in->length > IMAGE_MAX)
        return fail(err, CINEMA_TOO_LARGE, NULL, "image", "image: must have at most 5 MiB");
    switch (image_header_read(in->bytes, in->length, &h)) {
    case IMAGE_OTHER:
        return refuse(err, "type", "must be JPEG, PNG or WebP");
    case IMAGE_DAMAGED:
        return refuse(err, "image", "is damaged or cut short");
    case IMAGE_GOOD:
        break;
    }
    if ((uint64_t)h.width * h.height > PIXELS_MAX)
        return refuse(err, "pixels", "must have at most 50 million pixels");
    return h.frames > 1 ? refuse(err, "frames", "must not be animated") : CINEMA_OK;
}

/* ---- setting, removing ----------------------------------------------------------------------- */

typedef struct owner {
    int64_t nr;
    const char *avatar; /* NULL: none */
} owner;

/* `tx` NULL: outside of any; inside one the row is locked until its end. */
static cinema_status find(cinema *c, db_tx *tx, const char *user_id, arena *a, owner *ret,
                          cinema_error *err)
{
    db_sql sql;
    db_rows rows = { 0 };
    uuid id;
    cinema_status s = CINEMA_OK;
    if (uuid_parse(user_id, &id)) {
        db_sql_for(&sql, c);
        db_add(&sql, SQL_avatar_account, "u", &id);
        if (tx)
            db_add(&sql, SQL_avatar_lock, "");
        s = tx ? db_run(tx, &sql, a, &rows, err) : db_read(c, &sql, a, &rows, err);
    }
    if (s || !rows.count)
        return s ? s : fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such account");
    const db_value *v = rows.first->cells;
    *ret = (owner){ v[0].number, v[1].type == DB_NULL ? NULL : v[1].text };
    return CINEMA_OK;
}

/* `name` NULL: none any more. `before` is what the account had. */
static cinema_status change(cinema *c, const char *user_id, const char *name, arena *a,
                            const char **before, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    owner who;
    db_sql sql;
    cinema_status s;
    if ((s = db_begin(c, &tx, err)) || (s = find(c, tx, user_id, a, &who, err)))
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_avatar_set, "iti", who.nr, name, now_ms(c));
    if ((s = db_run(tx, &sql, a, NULL, err)) || (s = db_commit(&tx, err)))
        return s;
    *before = who.avatar;
    return CINEMA_OK;
}

/* What cannot be removed now is left to the sweep. */
static void drop(cinema *c, const char *name)
{
    char place[BLOB_TEXT];
    cinema_error why;
    if (!name)
        return;
    blob_name(name, place);
    if (blob_remove(c, place, &why))
        log_line(c, CINEMA_LOG_WARNING, "an avatar was not removed: %s", why.message);
}

static cinema_status keep(cinema *c, const char *bytes, size_t length, char name[NAME_TEXT],
                          cinema_error *err)
{
    unsigned char random[NAME_BYTES];
    char place[BLOB_TEXT];
    random_bytes(c, random, sizeof random);
    sodium_bin2hex(name, NAME_TEXT, random, sizeof random);
    blob_name(name, place);
    return blob_put_bytes(c, place, bytes, length, err);
}

/* The account is looked for first: an image costs more than that. */
static cinema_status take(cinema *c, const char *user_id, const cinema_avatar_input *in, arena *a,
                          cinema_avatar *ret, cinema_error *err)
{
    CLEANUP(freep) char *bytes = NULL;
    char name[NAME_TEXT];
    const char *before;
    size_t length;
    owner who;
    cinema_status s;
    if ((s = check(in, err)) || (s = find(c, NULL, user_id, a, &who, err)) ||
        (s = shrink_image(c, in->bytes, in->length, &bytes, &length, err)) ||
        (s = keep(c, bytes, length, name, err)))
        return s;
    if (!(ret->name = arena_copy(a, name, sizeof name - 1)) ||
        !(ret->avatar_url = avatar__url(c, name, a)))
        return fail_memory(err);
    ret->length = (int64_t)length;
    if ((s = change(c, user_id, name, a, &before, err)))
        return s;
    drop(c, before);
    return CINEMA_OK;
}

cinema_status cinema_avatar_set_sized(cinema *c, const char *user_id,
                                      const cinema_avatar_input *input, size_t size,
                                      cinema_avatar **ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = NULL;
    cinema_avatar_input in;
    cinema_status s;
    if ((s = TAKE(in, input, size, err)) || (s = handle_check(c, err)))
        return s;
    a = arena_new(0, 0);
    cinema_avatar *made = a ? record_new(a, sizeof *made) : NULL;
    if (!made)
        return fail_memory(err);
    if ((s = take(c, user_id, &in, a, made, err)))
        return s;
    MOVE(a);
    *ret = made;
    return CINEMA_OK;
}

cinema_status cinema_avatar_remove(cinema *c, const char *user_id, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    const char *before;
    cinema_status s = a ? handle_check(c, err) : fail_memory(err);
    if (s || (s = change(c, user_id, NULL, a, &before, err)))
        return s;
    drop(c, before);
    return CINEMA_OK;
}

void cinema_avatar_free(cinema_avatar *a)
{
    record_free(a);
}

/* ---- for other rooms ------------------------------------------------------------------------- */

cinema_status avatar__get(cinema *c, const char *name, blob_reader **ret, cinema_error *err)
{
    char place[BLOB_TEXT];
    if (is_name(name)) {
        blob_name(name, place);
        cinema_status s = blob_get(c, place, 0, UINT64_MAX, ret, err);
        if (s != CINEMA_NOT_FOUND)
            return s;
    }
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such avatar");
}

/* ---- what is left over ----------------------------------------------------------------------- */

typedef struct sweep {
    cinema *c;
    cinema_error *err;
} sweep;

static cinema_status is_known(cinema *c, const char *name, bool *ret, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows = { 0 };
    if (!a)
        return fail_memory(err);
    db_sql_for(&sql, c);
    db_add(&sql, SQL_avatar_known, "t", name);
    cinema_status s = db_read(c, &sql, a, &rows, err);
    *ret = rows.count;
    return s;
}

/* Not yet known may be one whose row is about to be committed, so young ones stay. */
static cinema_status look_at(const char *place, const blob_info *info, void *user)
{
    const sweep *w = user;
    const char *name = strrchr(place, '/') + 1;
    bool known = true;
    cinema_status s = CINEMA_OK;
    if (is_name(name) && now_ms(w->c) - info->changed_at > LEFT_OVER_MS)
        s = is_known(w->c, name, &known, w->err);
    return s || known ? s : blob_remove(w->c, place, w->err);
}

/* Where to look goes on with the calls of this process, and with the time: a process may live for
 * one run only. */
cinema_status avatar__sweep(cinema *c, bool *more, cinema_error *err)
{
    static atomic_uint calls;
    char prefix[BLOB_TEXT];
    sweep w = { c, err };
    unsigned call = atomic_fetch_add(&calls, 1);
    unsigned folder = (unsigned)(now_ms(c) / SWEEP_STEP_MS + call) % FOLDERS;
    snprintf(prefix, sizeof prefix, FOLDER "%02x/", folder);
    *more = (call + 1) % SWEPT_AT_ONCE != 0;
    return blob_list(c, prefix, NULL, look_at, &w, err);
}
