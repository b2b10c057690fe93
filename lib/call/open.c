/* open.c - opening and closing a handle: the one place that knows every layer.
 */
#include "auth/auth.h"
#include "base/handle.h"
#include "call/cursor.h"
#include "http/state.h"
#include "idempotency/idempotency.h"
#include "issuer/issuer.h"
#include "limit/limit.h"
#include "oauth/oauth.h"
#include "outbox/outbox.h"
#include "port/blob/blob.h"
#include "port/db/db.h"
#include "port/kv/kv.h"
#include "port/mail/mail.h"
#include "schema/migrate.h"
#include "session/session.h"
#include "worker/worker.h"

#include <sodium.h>

static cinema_status got(const void *part, cinema_error *err)
{
    return part ? CINEMA_OK : fail_memory(err);
}

/* One line for each layer that keeps something in the handle. */
static cinema_status open_parts(cinema *c, cinema_error *err)
{
    cinema_status s = db_open(c, err);
    s = s ? s : kv_open(c, err);
    s = s ? s : mail_open(c, err);
    s = s ? s : blob_open(c, err);
    s = s ? s : outbox__open(c, err);
    s = s ? s : issuer__open(c, err);
    s = s ? s : got(c->session = session__state_new(), err);
    s = s ? s : got(c->http = http_state_new(c->config), err);
    return s;
}

cinema_status cinema_open_with_sized(const cinema_options *options, size_t size, cinema **ret,
                                     cinema_error *err)
{
    cinema_options own;
    unsigned generation = cinema__generation();
    cinema_status s = TAKE(own, options, size, err);
    if (s)
        return s;
    if (!generation)
        return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "the system gives no random numbers");
    cinema *c = calloc(1, sizeof *c);
    if (!c)
        return fail_memory(err);
    c->generation = generation;
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->seal_lock, NULL);
    c->schema_check = schema__check;
    c->identify = auth__identify;
    c->identify_other = oauth__identify;
    c->run_once = idempotency__run;
    c->limit = limit__request;
    if ((s = config_read(&own, &c->config, err)) || (s = open_parts(c, err))) {
        cinema_close(c);
        return s;
    }
    if (!strcmp(config_text(c->config, "CINEMA_OUTBOX"), "inline"))
        c->work_inline = worker__inline;
    c->deadline_ms = config_number(c->config, "CINEMA_DEADLINE_MS");
    *ret = c;
    return CINEMA_OK;
}

cinema_status cinema_open(const char *database_url, cinema **ret, cinema_error *err)
{
    CLEANUP(freep) char *pair = NULL;
    cinema_options options = { 0 };
    const char *settings[1];
    if (database_url) {
        size_t n = sizeof "CINEMA_DATABASE_URL=" + strlen(database_url);
        if (!(pair = malloc(n)))
            return fail_memory(err);
        memcpy(pair, "CINEMA_DATABASE_URL=", 20);
        memcpy(pair + 20, database_url, n - 20);
        settings[0] = pair;
        options = (cinema_options){ settings, 1 };
    }
    return cinema_open_with(&options, ret, err);
}

void cinema_close(cinema *c)
{
    if (!c)
        return;
    db_close(c);
    kv_close(c);
    mail_close(c);
    blob_shut(c);
    outbox__close(c);
    issuer__close(c);
    session__state_free(c->session);
    http_state_free(c->http);
    cursor_key_free(c->cursors);
    config_free(c->config);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->seal_lock);
    sodium_memzero(c->seal_key, sizeof c->seal_key);
    free(c);
}

void cinema_set_log(cinema *c, cinema_log_fn fn, void *user)
{
    c->log_user = user;
    c->log = fn;
}

const char *cinema_setting(cinema *c, const char *name)
{
    return config_text(c->config, name);
}

cinema_status cinema_reload(cinema *c, cinema_error *err)
{
    cinema_status s = handle_check(c, err);
    if (s)
        return s;
    pthread_mutex_lock(&c->lock);
    s = config_reload(c->config, err);
    pthread_mutex_unlock(&c->lock);
    return s;
}

const char *cinema_version(void)
{
    return CINEMA_VERSION;
}
