/* verify.c - who is behind an access token.
 * A signature is checked once: the token's keyed hash is remembered with what it said, in this
 * process. What its session may do comes from the row; where the database is on a server that is
 * remembered too, and session_change is asked what is no longer so.
 */
#include "base/text.h"
#include "port/kv/kv.h"
#include "session/key.h"
#include "session/session.h"

#include "session.sql.h"

#include <sodium.h>
#include <stdio.h>

enum {
    CHANGES_EVERY_MS = 700, /* so that an end is seen within a second */
    /* Changes of the last minute are looked at each time: clocks differ, and a row may become
     * visible after later ones. */
    CHANGES_BACK_MS = 60000,
    CHANGES_MAX = 1000, /* more: all is forgotten rather than these one by one, as others wait */
    REMEMBERED_MS = 60000,
    PERMISSIONS_MAX = 2000,
    KEY_TEXT = 48,
};

/* What a token said, as it is remembered. */
typedef struct said {
    int64_t expires_at; /* ms */
    char session[UUID_TEXT];
} said;

/* What a session's row said. */
typedef struct standing {
    int64_t account_nr, auth_at, expires_at;
    unsigned round; /* of memory_round when it was read */
    char account[UUID_TEXT];
    char permissions[PERMISSIONS_MAX]; /* only as much as there is, when it is remembered */
} standing;

static cinema_status refuse(cinema_error *err)
{
    return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", NULL,
                "this access token is not good, or its session is over");
}

static cinema_status expired(cinema_error *err)
{
    return fail(err, CINEMA_UNAUTHENTICATED, "token_expired", NULL,
                "this access token has expired: refresh it");
}

/* ---- the token ------------------------------------------------------------------------------- */

static void token_key(cinema *c, const char *token, size_t n, char key[KEY_TEXT])
{
    unsigned char hash[crypto_shorthash_siphashx24_BYTES];
    crypto_shorthash_siphashx24(hash, (const unsigned char *)token, n, c->session->memory_key);
    memcpy(key, "token:", 6);
    sodium_bin2hex(key + 6, KEY_TEXT - 6, hash, sizeof hash);
}

static bool recall(cinema *c, const char *key, void *to, size_t room, size_t *length)
{
    kv_step step = kv_get(key, to, room);
    bool found = !kv_run(c, KV_LOCAL, &step, 1, NULL) && step.hit;
    *length = step.length;
    return found;
}

static void remember(cinema *c, const char *key, const void *value, size_t length, int64_t ttl_ms)
{
    kv_step step = kv_set(key, value, length, ttl_ms);
    if (ttl_ms > 0)
        kv_run(c, KV_LOCAL, &step, 1, NULL); /* without it the next check costs more */
}

/* Signature and claims. The outcome of what is wrong is one and the same. */
static cinema_status check(cinema *c, const jwt *t, said *ret, cinema_error *err)
{
    bool found = false;
    uuid id;
    session_key key;
    jwt_claims claims;
    cinema_status s;
    if (!t->typed || (s = key_ready(c, err)) || (s = key_of(c, t->key_id, &key, &found, err)))
        return t->typed ? s : refuse(err);
    found = found && jwt_check(t, &key.key, &claims);
    sodium_memzero(&key, sizeof key);
    if (!found || !uuid_parse(claims.session, &id))
        return refuse(err);
    if (claims.expires_at > INT64_MAX / 1000 || claims.expires_at * 1000 <= now_ms(c))
        return expired(err);
    ret->expires_at = claims.expires_at * 1000;
    uuid_text(&id, ret->session);
    return CINEMA_OK;
}

static cinema_status read(cinema *c, const char *token, arena *a, said *ret, bool *ours,
                          cinema_error *err)
{
    jwt t;
    cinema_status s;
    if (!jwt_read(token, a, &t)) {
        jwt_done(&t);
        return refuse(err);
    }
    *ours = t.issuer && !strcmp(t.issuer, config_public_url(c->config));
    s = *ours ? check(c, &t, ret, err) : CINEMA_OK;
    jwt_done(&t);
    return s;
}

/* ---- the session ----------------------------------------------------------------------------- */

static cinema_status read_standing(cinema *c, const char *session, arena *a, standing *ret,
                                   cinema_error *err)
{
    uuid id;
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    uuid_parse(session, &id);
    db_add(&sql, SQL_session_who, "u", &id);
    cinema_status s = db_read(c, &sql, a, &rows, err);
    if (s)
        return s;
    const db_value *v = rows.first ? rows.first->cells : NULL;
    if (!v || strcmp(v[4].text, "active") != 0)
        return refuse(err);
    if (v[5].length >= sizeof ret->permissions)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "an account has too many permissions");
    *ret =
        (standing){ .account_nr = v[0].number, .auth_at = v[2].number, .expires_at = v[3].number };
    uuid_text(v[1].blob, ret->account);
    memcpy(ret->permissions, v[5].text, v[5].length + 1);
    return CINEMA_OK;
}

static void session_key_text(const char *session, char key[KEY_TEXT])
{
    snprintf(key, KEY_TEXT, "session:%s", session);
}

static void forget(cinema *c, const db_rows *rows)
{
    if (rows->count > CHANGES_MAX) {
        atomic_fetch_add(&c->session->memory_round, 1);
        return;
    }
    for (const db_row *row = rows->first; row; row = row->next) {
        char text[UUID_TEXT], key[KEY_TEXT];
        uuid_text(row->cells[0].blob, text);
        session_key_text(text, key);
        kv_step step = kv_delete(key);
        kv_run(c, KV_LOCAL, &step, 1, NULL);
    }
}

static cinema_status ask_changes(cinema *c, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    int64_t began = clock_monotonic_ms();
    db_sql sql;
    db_rows rows;
    if (!a)
        return fail_memory(err);
    db_sql_for(&sql, c);
    db_add(&sql, SQL_session_changes, "ii", now_ms(c) - CHANGES_BACK_MS, (int64_t)CHANGES_MAX + 1);
    cinema_status s = db_read(c, &sql, a, &rows, err);
    if (s)
        return s;
    forget(c, &rows);
    atomic_store(&c->session->changes_read_at, began);
    return CINEMA_OK;
}

static bool fresh(const struct session_state *state)
{
    int64_t at = atomic_load(&state->changes_read_at);
    return at && clock_monotonic_ms() - at < CHANGES_EVERY_MS;
}

/* One thread asks; others wait for its answer rather than go by what may be over. */
static cinema_status follow_changes(cinema *c, cinema_error *err)
{
    cinema_status s = CINEMA_OK;
    if (fresh(c->session))
        return CINEMA_OK;
    pthread_mutex_lock(&c->session->changes_lock);
    if (!fresh(c->session))
        s = ask_changes(c, err);
    pthread_mutex_unlock(&c->session->changes_lock);
    return s;
}

static cinema_status find_standing(cinema *c, const char *session, arena *a, standing *ret,
                                   cinema_error *err)
{
    char key[KEY_TEXT];
    size_t length;
    cinema_status s;
    if (db_local(c))
        return read_standing(c, session, a, ret, err);
    if ((s = follow_changes(c, err)))
        return s;
    session_key_text(session, key);
    unsigned round = atomic_load(&c->session->memory_round);
    if (recall(c, key, ret, sizeof *ret, &length) && ret->round == round)
        return CINEMA_OK;
    if ((s = read_standing(c, session, a, ret, err)))
        return s;
    ret->round = round;
    remember(c, key, ret, offsetof(standing, permissions) + strlen(ret->permissions) + 1,
             REMEMBERED_MS);
    return CINEMA_OK;
}

/* ---- both ------------------------------------------------------------------------------------ */

static cinema_status give(const said *what, const standing *st, arena *a, identity *ret,
                          cinema_error *err)
{
    *ret = (identity){ .known = true,
                       .account_nr = st->account_nr,
                       .auth_at = st->auth_at,
                       .account_id = arena_copy(a, st->account, strlen(st->account)),
                       .session_id = arena_copy(a, what->session, strlen(what->session)),
                       .permissions = arena_copy(a, st->permissions, strlen(st->permissions)) };
    ret->name = ret->account_id;
    return ret->account_id && ret->session_id && ret->permissions ? CINEMA_OK : fail_memory(err);
}

cinema_status session__identify(cinema *c, const char *token, arena *a, identity *ret, bool *ours,
                                cinema_error *err)
{
    char key[KEY_TEXT];
    size_t length, n = strnlen(token, JWT_MAX + 1);
    said what;
    standing st __attribute__((uninitialized)); /* 2 KiB, written before they are read */
    cinema_status s;
    *ours = true;
    if (n > JWT_MAX)
        return refuse(err);
    token_key(c, token, n, key);
    if (!recall(c, key, &what, sizeof what, &length)) {
        if ((s = read(c, token, a, &what, ours, err)) || !*ours)
            return s;
        remember(c, key, &what, sizeof what, what.expires_at - now_ms(c));
    }
    if (what.expires_at <= now_ms(c))
        return expired(err);
    if ((s = find_standing(c, what.session, a, &st, err)))
        return s;
    if (st.expires_at <= now_ms(c))
        return expired(err);
    return give(&what, &st, a, ret, err);
}
