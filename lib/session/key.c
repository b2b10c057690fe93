/* key.c - signing keys: made, read, rotated. They live in the database, sealed by CINEMA_KEY.
 */
#include "session/key.h"

#include "audit/audit.h"
#include "base/base64url.h"
#include "base/seal.h"
#include "port/db/db.h"
#include "session/session.h"

#include "key.sql.h"

#include <sodium.h>
#include <stdio.h>

enum {
    READ_AGAIN_MS = 1000,   /* where a token names a key that is not known */
    READ_LATEST_MS = 60000, /* another process may have rotated: how long that may go unseen */
    MARGIN_MS = 2 * READ_LATEST_MS,
    ID_BYTES = 12
};
static const char PURPOSE[] = "signing key";

struct session_state *session__state_new(void)
{
    struct session_state *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->changes_lock, NULL);
    randombytes_buf(s->memory_key, sizeof s->memory_key);
    return s;
}

void session__state_free(struct session_state *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->changes_lock);
    sodium_memzero(s, sizeof *s);
    free(s);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int64_t time_of(const db_value *v)
{
    return v->type == DB_NULL ? CINEMA_ABSENT : v->number;
}

static cinema_status read_secret(cinema *c, const db_value *box, arena *a, session_key *k,
                                 cinema_error *err)
{
    bytes plain;
    if (box->type == DB_NULL)
        return CINEMA_OK;
    cinema_status s = seal_open(c, PURPOSE, (bytes){ box->blob, box->length }, a, &plain, err);
    if (s)
        return s;
    if (plain.length != sizeof k->secret)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "a signing key has a wrong length");
    memcpy(k->secret, plain.at, sizeof k->secret);
    sodium_memzero((void *)plain.at, plain.length);
    return CINEMA_OK;
}

static cinema_status read_key(cinema *c, const db_row *row, arena *a, session_key *k,
                              cinema_error *err)
{
    const db_value *v = row->cells;
    *k = (session_key){ .created_at = time_of(&v[3]),
                        .retired_at = time_of(&v[4]),
                        .expires_at = time_of(&v[5]) };
    if (v[0].length >= sizeof k->key.id || v[1].length != sizeof k->key.public)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "a signing key has a wrong length");
    memcpy(k->key.id, v[0].text, v[0].length + 1);
    memcpy(k->key.public, v[1].blob, sizeof k->key.public);
    return read_secret(c, &v[2], a, k, err);
}

/* Of too many the newest. */
static cinema_status read_rows(cinema *c, const db_rows *rows, arena *a, session_keys *ret,
                               cinema_error *err)
{
    size_t skip = rows->count > KEYS_MAX ? rows->count - KEYS_MAX : 0;
    cinema_status s = CINEMA_OK;
    ret->count = 0;
    for (const db_row *row = rows->first; row && !s; row = row->next)
        if (skip)
            skip--;
        else
            s = read_key(c, row, a, &ret->items[ret->count++], err);
    return s;
}

/* They are what this process goes by; `began`: when the database was asked. */
static void take_over(cinema *c, const session_keys *keys, int64_t began)
{
    struct session_state *state = c->session;
    pthread_mutex_lock(&state->lock);
    state->keys = *keys;
    pthread_mutex_unlock(&state->lock);
    atomic_store(&state->keys_read_at, began);
}

static void all_keys(db_sql *sql, int64_t now)
{
    db_add(sql, SQL_key_all, "i", now);
}

static cinema_status read_keys(cinema *c, cinema_error *err)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    int64_t began = clock_monotonic_ms();
    session_keys keys;
    db_sql sql;
    db_rows rows;
    cinema_status s;
    if (!a)
        return fail_memory(err);
    db_sql_for(&sql, c);
    all_keys(&sql, now_ms(c));
    if ((s = db_read(c, &sql, a, &rows, err)))
        return s;
    if (!(s = read_rows(c, &rows, a, &keys, err)))
        take_over(c, &keys, began);
    sodium_memzero(&keys, sizeof keys);
    return s;
}

static cinema_status read_keys_in(cinema *c, db_tx *tx, arena *a, session_keys *ret,
                                  cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    all_keys(&sql, now_ms(c));
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    return s ? s : read_rows(c, &rows, a, ret, err);
}

/* ---- making ---------------------------------------------------------------------------------- */

static cinema_status insert(cinema *c, db_tx *tx, arena *a, char id[KEY_ID], cinema_error *err)
{
    unsigned char public[32], secret[64], seed[crypto_sign_SEEDBYTES], mark[ID_BYTES];
    bytes box;
    db_sql sql;
    random_bytes(c, mark, sizeof mark);
    random_bytes(c, seed, sizeof seed);
    *id = 'k';
    base64url_write(mark, sizeof mark, id + 1);
    crypto_sign_seed_keypair(public, secret, seed);
    cinema_status s = seal_close(c, PURPOSE, (bytes){ secret, sizeof secret }, a, &box, err);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(seed, sizeof seed);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_key_insert, "txxi", id, public, sizeof public, box.at, box.length, now_ms(c));
    return db_run(tx, &sql, a, NULL, err);
}

/* Others sign no more; what they have signed is good as long as its tokens live, and a while. */
static cinema_status retire(cinema *c, db_tx *tx, const char *but, arena *a, cinema_error *err)
{
    int64_t now = now_ms(c);
    int64_t life = config_number(c->config, "CINEMA_ACCESS_TTL_S") * 1000 + MARGIN_MS;
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_key_retire, "iit", now, now + life, but);
    cinema_status s = db_run(tx, &sql, a, NULL, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_key_sweep, "i", now);
    return db_run(tx, &sql, a, NULL, err);
}

static cinema_status take_turn(db_tx *tx, arena *a, cinema_error *err)
{
    db_rows rows;
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_key_turn, "");
    return db_run(tx, &sql, a, &rows, err);
}

static cinema_status log_rotation(cinema *c, db_tx *tx, const char *id, arena *a, cinema_error *err)
{
    const audit_entry e = { .action = "key.rotate", .actor = "system", .target = id };
    return audit__add(c, tx, NULL, &e, a, err);
}

static const session_key *signing(const session_keys *keys)
{
    for (size_t i = keys->count; i; i--)
        if (keys->items[i - 1].retired_at == CINEMA_ABSENT)
            return &keys->items[i - 1];
    return NULL;
}

static cinema_status add_key(cinema *c, db_tx *tx, bool rotate, arena *a, cinema_error *err)
{
    char id[KEY_ID];
    cinema_status s = insert(c, tx, a, id, err);
    if (s || (s = retire(c, tx, id, a, err)))
        return s;
    return rotate ? log_rotation(c, tx, id, a, err) : CINEMA_OK;
}

/* A new key; without `rotate` only where none signs. All are read before the commit: a rotation
 * that was done must not be told as one that failed. */
static cinema_status make(cinema *c, bool rotate, session_keys *ret, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    unsigned char probe[32];
    int64_t began = clock_monotonic_ms();
    cinema_status s = a ? seal_derive(c, PURPOSE, probe, err) : fail_memory(err); /* reads files */
    if (s || (s = db_begin(c, &tx, err)) || (s = take_turn(tx, a, err)) ||
        (s = read_keys_in(c, tx, a, ret, err)))
        return s;
    bool others = !rotate && signing(ret); /* another process was first */
    if (!others && ((s = add_key(c, tx, rotate, a, err)) ||
                    (s = read_keys_in(c, tx, a, ret, err)) || (s = db_commit(&tx, err))))
        return s;
    take_over(c, ret, began);
    return CINEMA_OK;
}

/* ---- what others use ------------------------------------------------------------------------- */

static bool find_current(struct session_state *state, session_key *ret)
{
    pthread_mutex_lock(&state->lock);
    const session_key *found = signing(&state->keys);
    if (found)
        *ret = *found;
    pthread_mutex_unlock(&state->lock);
    ret->key.secret = ret->secret;
    return found;
}

cinema_status key_ready(cinema *c, cinema_error *err)
{
    session_keys keys;
    session_key k;
    cinema_status s;
    if (atomic_load(&c->session->keys_read_at))
        return CINEMA_OK;
    if ((s = seal_derive(c, "refresh token", c->session->refresh_key, err)) ||
        (s = read_keys(c, err)))
        return s;
    bool found = find_current(c->session, &k);
    sodium_memzero(&k, sizeof k);
    if (found)
        return CINEMA_OK;
    atomic_store(&c->session->keys_read_at, 0);
    s = make(c, false, &keys, err);
    sodium_memzero(&keys, sizeof keys);
    return s;
}

static int64_t age(const struct session_state *state)
{
    return clock_monotonic_ms() - atomic_load(&state->keys_read_at);
}

cinema_status key_latest(cinema *c, cinema_error *err)
{
    cinema_status s = key_ready(c, err);
    if (!s && age(c->session) > READ_LATEST_MS)
        read_keys(c, NULL); /* those at hand do where that fails */
    return s;
}

cinema_status key_current(cinema *c, session_key *ret, cinema_error *err)
{
    cinema_status s = key_ready(c, err);
    if (s || find_current(c->session, ret))
        return s;
    return fail(err, CINEMA_UNAVAILABLE, "no_key", NULL, "there is no key to sign with");
}

static bool find(struct session_state *state, const char *id, int64_t now, session_key *ret)
{
    bool found = false;
    pthread_mutex_lock(&state->lock);
    for (size_t i = 0; i < state->keys.count && !found; i++) {
        const session_key *k = &state->keys.items[i];
        found = !strcmp(k->key.id, id) && (k->expires_at == CINEMA_ABSENT || k->expires_at > now);
        if (found)
            *ret = *k;
    }
    pthread_mutex_unlock(&state->lock);
    return found;
}

cinema_status key_of(cinema *c, const char *id, session_key *ret, bool *found, cinema_error *err)
{
    int64_t now = now_ms(c);
    cinema_status s;
    *found = find(c->session, id, now, ret);
    if (*found || (atomic_load(&c->session->keys_read_at) && age(c->session) < READ_AGAIN_MS))
        return CINEMA_OK;
    if ((s = read_keys(c, err)))
        return s;
    *found = find(c->session, id, now, ret);
    return CINEMA_OK;
}

static void without_secrets(session_keys *keys)
{
    for (size_t i = 0; i < KEYS_MAX; i++)
        sodium_memzero(keys->items[i].secret, sizeof keys->items[i].secret);
}

cinema_status key_rotate(cinema *c, session_keys *ret, cinema_error *err)
{
    cinema_status s = make(c, true, ret, err);
    without_secrets(ret);
    return s;
}

cinema_status key_all(cinema *c, session_keys *ret, cinema_error *err)
{
    cinema_status s = read_keys(c, err);
    if (s)
        return s;
    pthread_mutex_lock(&c->session->lock);
    *ret = c->session->keys;
    pthread_mutex_unlock(&c->session->lock);
    without_secrets(ret);
    return CINEMA_OK;
}
