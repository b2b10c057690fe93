/* worker.c - runs what waits in the outbox, and the sweeps of all rooms.
 */
#include "worker/worker.h"

#include "avatar/avatar.h"
#include "notify/notify.h"
#include "onetime/onetime.h"
#include "outbox/outbox.h"
#include "session/session.h"
#include "user/user.h"

#include <cinema/worker.h>

enum { SWEEP_EVERY_MS = 5 * 60 * 1000, ROUNDS_MAX = 10, INLINE_MAX = 16 };

/* Each kind of work, and who does it. */
static const outbox_handler handlers[] = {
    { NOTIFY_MAIL, notify__deliver },
    { 0 },
};

/* What rooms want removed by and by. Each call does a bounded piece; *more: call again. */
static const struct sweep {
    const char *name;
    cinema_status (*sweep)(cinema *c, bool *more, cinema_error *err);
} sweeps[] = {
    { "one-time tokens", onetime__sweep }, { "outbox", outbox__sweep },
    { "sessions", session__sweep },        { "accounts", account__sweep },
    { "avatars", avatar__sweep },
};

/* ---- keeping house --------------------------------------------------------------------------- */

/* What cannot be removed now can be later; nothing else waits for it. */
static void sweep_one(cinema *c, const struct sweep *s)
{
    bool more = true;
    cinema_error err;
    for (int i = 0; more && i < ROUNDS_MAX && !atomic_load(&c->worker_ends); i++) {
        more = false;
        if (s->sweep(c, &more, &err))
            log_line(c, CINEMA_LOG_WARNING, "sweeping %s: %s", s->name, err.message);
    }
}

/* Of several threads one does it. */
static void sweep_all(cinema *c)
{
    int64_t now = now_ms(c), last = atomic_load(&c->swept_at);
    if ((last && now - last < SWEEP_EVERY_MS) ||
        !atomic_compare_exchange_strong(&c->swept_at, &last, now))
        return;
    for (size_t i = 0; i < COUNT_OF(sweeps); i++)
        sweep_one(c, &sweeps[i]);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static bool goes_on(cinema *c, const cinema_worker_input *in, int64_t ends,
                    const cinema_worker_counts *n)
{
    return !atomic_load(&c->worker_ends) && clock_monotonic_ms() < ends &&
           (!in->max_jobs || n->done + n->failed + n->dead < in->max_jobs);
}

static void add(cinema_worker_counts *to, const outbox_counts *n)
{
    to->done += n->done;
    to->failed += n->failed;
    to->dead += n->dead;
}

static cinema_status work(cinema *c, const cinema_worker_input *in, int64_t ends, int64_t from,
                          cinema_worker_counts *ret, cinema_error *err)
{
    bool found = true;
    cinema_status s = CINEMA_OK;
    while (!s && goes_on(c, in, ends, ret)) {
        outbox_counts n = { 0 };
        s = outbox__work(c, handlers, from, &n, &found, err);
        add(ret, &n);
        if (s || !found)
            break;
        if (in->progress && (s = in->progress(ret, in->user)))
            fail(err, s, NULL, NULL, "stopped by the caller");
    }
    return s;
}

cinema_status cinema_worker_run_sized(cinema *c, const cinema_worker_input *input, size_t size,
                                      cinema_worker_counts *ret, cinema_error *err)
{
    cinema_worker_input in;
    cinema_status s;
    *ret = (cinema_worker_counts){ 0 };
    if ((s = handle_check(c, err)) || (s = TAKE(in, input, size, err)))
        return s;
    if (in.max_ms < 0 || in.max_jobs < 0)
        return fail(err, CINEMA_INVALID, NULL, in.max_ms < 0 ? "max_ms" : "max_jobs",
                    "must not be negative");
    int64_t ends = in.max_ms ? clock_monotonic_ms() + in.max_ms : DEADLINE_NONE;
    s = work(c, &in, ends, 0, ret, err);
    if (!s && goes_on(c, &in, ends, ret))
        sweep_all(c);
    return s;
}

cinema_status cinema_worker_wait(cinema *c, int64_t max_ms, cinema_error *err)
{
    return outbox__wait(c, max_ms, err);
}

void cinema_worker_stop(cinema *c, int64_t grace_ms)
{
    atomic_store(&c->worker_ends, clock_monotonic_ms() + (grace_ms > 0 ? grace_ms : 0));
    outbox__ring_off(c);
}

void worker__inline(cinema *c)
{
    static const cinema_worker_input in = { .max_jobs = INLINE_MAX };
    int64_t from = outbox__added();
    cinema_worker_counts n = { 0 };
    cinema_error err;
    if (from && work(c, &in, call_deadline(c), from, &n, &err))
        log_line(c, CINEMA_LOG_WARNING, "outbox: %s", err.message);
}
