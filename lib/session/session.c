/* session.c - sessions: beginning, refreshing, ending.
 * A refresh token is "cr_" and base64url of session id, counter and a keyed hash of both. The row
 * has the counter of the newest: one step behind, within the grace, is a client that never saw the
 * answer, or two of its tabs, and gets the newest again; whatever is older is a copy.
 */
#include "session/session.h"

#include "base/base64url.h"
#include "base/unicode.h"
#include "session/key.h"

#include "session.sql.h"

#include <sodium.h>
#include <stdio.h>

enum {
    MAC = 16,
    TOKEN = 16 + 8 + MAC,
    TOKEN_TEXT = BASE64URL_ROOM(TOKEN),
    AGENT_MAX = 300, /* bytes */
    RECENT_MS = 5 * 60000,
    SWEPT_AT_ONCE = 500,
    CHANGES_KEPT_MS = 3600000,
};
static const char PREFIX[] = "cr_";

/* ---- refresh tokens as text ------------------------------------------------------------------ */

static void authenticate(const cinema *c, const unsigned char bytes[TOKEN - MAC],
                         unsigned char mac[MAC])
{
    crypto_generichash(mac, MAC, bytes, TOKEN - MAC, c->session->refresh_key,
                       sizeof c->session->refresh_key);
}

static const char *write_token(const cinema *c, const uuid *id, int64_t counter, arena *a)
{
    unsigned char bytes[TOKEN];
    char *text = arena_text(a, sizeof PREFIX + TOKEN_TEXT);
    memcpy(bytes, id->bytes, 16);
    for (int i = 0; i < 8; i++)
        bytes[16 + i] = (unsigned char)((uint64_t)counter >> (56 - 8 * i));
    authenticate(c, bytes, bytes + TOKEN - MAC);
    if (text) {
        memcpy(text, PREFIX, sizeof PREFIX);
        base64url_write(bytes, sizeof bytes, text + sizeof PREFIX - 1);
    }
    return text;
}

static bool read_token(const cinema *c, const char *text, uuid *id, int64_t *counter)
{
    unsigned char bytes[TOKEN], mac[MAC];
    size_t length;
    uint64_t n = 0;
    if (strnlen(text, sizeof PREFIX + TOKEN_TEXT) != sizeof PREFIX - 1 + TOKEN_TEXT - 1 ||
        strncmp(text, PREFIX, sizeof PREFIX - 1) ||
        !base64url_read(text + sizeof PREFIX - 1, TOKEN_TEXT - 1, bytes, sizeof bytes, &length) ||
        length != TOKEN)
        return false;
    authenticate(c, bytes, mac);
    if (sodium_memcmp(mac, bytes + TOKEN - MAC, MAC))
        return false;
    memcpy(id->bytes, bytes, 16);
    for (int i = 0; i < 8; i++)
        n = n << 8 | bytes[16 + i];
    *counter = (int64_t)n;
    return true;
}

/* ---- beginning ------------------------------------------------------------------------------- */

cinema_status session__ready(cinema *c, cinema_error *err)
{
    return key_latest(c, err);
}

/* What a client says of itself, cut where a character begins. */
static const char *agent_of(const cinema_caller *caller, arena *a)
{
    const char *agent = caller->user_agent;
    size_t n = agent ? strnlen(agent, AGENT_MAX) : 0;
    while (n == AGENT_MAX && n && ((unsigned char)agent[n] & 0xC0) == 0x80)
        n--;
    return n && utf8_valid(agent, n) ? arena_copy(a, agent, n) : NULL;
}

/* When a session that began with a proof at `auth_at` ends unless it is refreshed, which it can be
 * up to a day that stands from the beginning. */
static int64_t end_of(cinema *c, int64_t auth_at)
{
    static const int64_t day_ms = 24 * 3600 * 1000;
    int64_t most = config_number(c->config, "CINEMA_SESSION_MAX_DAYS");
    int64_t end = now_ms(c) + config_number(c->config, "CINEMA_SESSION_DAYS") * day_ms;
    int64_t last = most < 0 ? INT64_MAX : auth_at + most * day_ms;
    return end < last ? end : last;
}

static const char *uuid_copy(const uuid *id, arena *a)
{
    char text[UUID_TEXT];
    uuid_text(id, text);
    return arena_copy(a, text, UUID_TEXT - 1);
}

cinema_status session__start(cinema *c, db_tx *tx, int64_t account_nr, const char *account_id,
                             const char *method, const cinema_caller *caller, arena *a,
                             session_grant *ret, cinema_error *err)
{
    int64_t now = now_ms(c);
    uuid id;
    db_sql sql;
    cinema_status s;
    uuid_new(c, &id);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_insert, "uiiittt", &id, account_nr, now, end_of(c, now), method,
           caller->address, agent_of(caller, a));
    if ((s = db_run(tx, &sql, a, NULL, err)))
        return s;
    *ret = (session_grant){ .account_nr = account_nr,
                            .account_id = account_id,
                            .session_id = uuid_copy(&id, a),
                            .counter = 1,
                            .auth_at = now };
    return ret->session_id ? CINEMA_OK : fail_memory(err);
}

cinema_status session__tokens(cinema *c, const session_grant *g, arena *a, session_tokens *ret,
                              cinema_error *err)
{
    unsigned char mark[12];
    char jti[BASE64URL_ROOM(sizeof mark)];
    session_key key;
    uuid id;
    int64_t now = now_ms(c) / 1000, ttl = config_number(c->config, "CINEMA_ACCESS_TTL_S");
    cinema_status s = key_current(c, &key, err);
    if (s)
        return s;
    random_bytes(c, mark, sizeof mark);
    base64url_write(mark, sizeof mark, jti);
    jwt_claims claims = { .issuer = config_public_url(c->config),
                          .subject = g->account_id,
                          .session = g->session_id,
                          .issued_at = now,
                          .expires_at = now + ttl,
                          .auth_at = g->auth_at / 1000,
                          .id = jti };
    *ret = (session_tokens){ .token_type = "Bearer", .expires_in = ttl };
    s = jwt_write(&key.key, &claims, a, &ret->access_token, err);
    sodium_memzero(&key, sizeof key);
    if (s)
        return s;
    bool ok =
        uuid_parse(g->session_id, &id) && (ret->refresh_token = write_token(c, &id, g->counter, a));
    return ok ? CINEMA_OK : fail_memory(err);
}

/* ---- refreshing ------------------------------------------------------------------------------ */

static cinema_status refuse(cinema_error *err)
{
    return fail(err, CINEMA_UNAUTHENTICATED, "invalid_token", "refresh_token",
                "this refresh token is not good, or its session is over: sign in again");
}

/* A session as session_lock reads it. */
typedef struct locked {
    int64_t nr, counter, rotated_at, expires_at, auth_at, account_nr;
    const char *account_id;
    bool active;
} locked;

static cinema_status lock(db_tx *tx, const uuid *id, arena *a, locked *ret, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_lock, "u", id);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    if (s || !rows.count)
        return s ? s : refuse(err);
    const db_value *v = rows.first->cells;
    *ret = (locked){ v[0].number, v[1].number, v[2].number, v[3].number,
                     v[4].number, v[5].number, NULL,        !strcmp(v[7].text, "active") };
    ret->account_id = uuid_copy(v[6].blob, a);
    return ret->account_id ? CINEMA_OK : fail_memory(err);
}

static cinema_status rotate(cinema *c, db_tx *tx, const locked *l, const cinema_caller *caller,
                            arena *a, cinema_error *err)
{
    int64_t now = now_ms(c);
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_rotate, "iiitt", l->nr, now, end_of(c, l->auth_at), caller->address,
           agent_of(caller, a));
    return db_run(tx, &sql, a, NULL, err);
}

cinema_status session__refresh(cinema *c, db_tx *tx, const char *refresh_token,
                               const cinema_caller *caller, arena *a, session_grant *ret,
                               cinema_error *err)
{
    int64_t counter, grace = config_number(c->config, "CINEMA_REFRESH_GRACE_S") * 1000;
    locked l;
    uuid id;
    cinema_status s;
    if (!read_token(c, refresh_token, &id, &counter))
        return refuse(err);
    if ((s = lock(tx, &id, a, &l, err)))
        return s;
    /* Also where the setting is shorter now than it was. */
    if (!l.active || l.expires_at <= now_ms(c) || end_of(c, l.auth_at) <= now_ms(c))
        return refuse(err);
    *ret = (session_grant){ .account_nr = l.account_nr,
                            .account_id = l.account_id,
                            .session_id = uuid_copy(&id, a),
                            .counter = l.counter,
                            .auth_at = l.auth_at };
    if (!ret->session_id)
        return fail_memory(err);
    if (counter == l.counter) {
        ret->counter++;
        return rotate(c, tx, &l, caller, a, err);
    }
    if (counter == l.counter - 1 && now_ms(c) - l.rotated_at <= grace)
        return CINEMA_OK;
    ret->reused = true;
    return session__end(c, tx, l.account_nr, ret->session_id, a, err);
}

/* ---- ending ---------------------------------------------------------------------------------- */

static cinema_status run(db_tx *tx, const db_sql *sql, arena *a, int64_t *changed,
                         cinema_error *err)
{
    db_rows rows = { 0 };
    cinema_status s = db_run(tx, sql, a, &rows, err);
    *changed = rows.changed;
    return s;
}

static cinema_status no_such(cinema_error *err)
{
    return fail(err, CINEMA_NOT_FOUND, NULL, NULL, "there is no such session");
}

cinema_status session__owner(db_tx *tx, const char *id, arena *a, int64_t *account_nr,
                             cinema_error *err)
{
    uuid session;
    db_sql sql;
    db_rows rows;
    if (!uuid_parse(id, &session))
        return no_such(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_owner, "u", &session);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    if (s || !rows.count)
        return s ? s : no_such(err);
    *account_nr = rows.first->cells[0].number;
    return CINEMA_OK;
}

cinema_status session__end(cinema *c, db_tx *tx, int64_t account_nr, const char *id, arena *a,
                           cinema_error *err)
{
    int64_t changed;
    uuid session;
    db_sql sql;
    cinema_status s;
    if (!uuid_parse(id, &session))
        return no_such(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_end, "ui", &session, account_nr);
    if ((s = run(tx, &sql, a, &changed, err)))
        return s;
    if (!changed)
        return no_such(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_change_one, "ui", &session, now_ms(c));
    return db_run(tx, &sql, a, NULL, err);
}

cinema_status session__changed(cinema *c, db_tx *tx, int64_t account_nr, arena *a,
                               cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_change_all, "ii", account_nr, now_ms(c));
    return db_run(tx, &sql, a, NULL, err);
}

cinema_status session__end_all(cinema *c, db_tx *tx, int64_t account_nr, const char *but_id,
                               arena *a, cinema_error *err)
{
    uuid but;
    db_sql sql;
    cinema_status s;
    bool some = but_id && uuid_parse(but_id, &but);
    db_sql_for_tx(&sql, tx);
    if (some)
        db_add(&sql, SQL_session_change_others, "iiu", account_nr, now_ms(c), &but);
    else
        db_add(&sql, SQL_session_change_all, "ii", account_nr, now_ms(c));
    if ((s = db_run(tx, &sql, a, NULL, err)))
        return s;
    db_sql_for_tx(&sql, tx);
    if (some)
        db_add(&sql, SQL_session_end_others, "iu", account_nr, &but);
    else
        db_add(&sql, SQL_session_end_all, "i", account_nr);
    return db_run(tx, &sql, a, NULL, err);
}

void session__told(cinema *c)
{
    atomic_store(&c->session->changes_read_at, 0);
}

cinema_status session__recent(const op_call *k, cinema_error *err)
{
    if (k->who.system || (k->who.account_nr && now_ms(k->cinema) - k->who.auth_at <= RECENT_MS))
        return CINEMA_OK;
    return fail(err, CINEMA_FORBIDDEN, "reauthentication_required", NULL,
                "sign in again first: this needs a sign-in of the last five minutes");
}

cinema_status session__sweep(cinema *c, bool *more, cinema_error *err)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    int64_t now = now_ms(c), sessions = 0, changes = 0;
    db_sql sql;
    cinema_status s = a ? db_begin(c, &tx, err) : fail_memory(err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_sweep, "ii", now, (int64_t)SWEPT_AT_ONCE);
    if ((s = run(tx, &sql, a, &sessions, err)))
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_session_change_sweep, "ii", now - CHANGES_KEPT_MS, (int64_t)SWEPT_AT_ONCE);
    if ((s = run(tx, &sql, a, &changes, err)) || (s = db_commit(&tx, err)))
        return s;
    *more = sessions == SWEPT_AT_ONCE || changes == SWEPT_AT_ONCE;
    return CINEMA_OK;
}
