/* sqlite_turn.c - waiting: for one event, and in line for a place.
 * Events are futexes and not condition variables: who is woken needs no lock again, and 32 callers
 * that wake at once would fight for it (measured: half of the switches of a commit).
 * The line prefers who is awake: handing each place to a sleeper costs a switch every time (reads
 * by 32 threads: 20 us instead of 6). A sleeper that came too late a few times is handed one.
 */
#include "port/db/sqlite_driver.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- events ---------------------------------------------------------------------------------- */

static bool raised(lite_event *e)
{
    return atomic_load_explicit(e, memory_order_acquire) != 0;
}

bool lite_event_wait(lite_event *e, int64_t deadline)
{
    struct timespec t = { .tv_sec = (time_t)(deadline / 1000),
                          .tv_nsec = (long)(deadline % 1000) * 1000000 };
    const struct timespec *until = deadline == DEADLINE_NONE ? NULL : &t;
    while (!raised(e)) {
        if (!deadline_left_ms(deadline))
            return false;
        /* ..._BITSET: its time is a moment of the monotonic clock, not a length */
        syscall(SYS_futex, e, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, until, NULL,
                FUTEX_BITSET_MATCH_ANY);
    }
    return true;
}

void lite_event_set(lite_event *e)
{
    atomic_store_explicit(e, 1, memory_order_release);
}

void lite_event_wake(lite_event *e)
{
    if (e)
        syscall(SYS_futex, e, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, NULL, NULL, 0);
}

/* ---- the line -------------------------------------------------------------------------------- */

enum { LOST_MAX = 4 };

struct lite_waiter {
    lite_event called;
    unsigned lost; /* calls that came too late: another had taken the place */
    bool given;    /* the place was kept for this one */
    lite_waiter *next;
};

void lite_turn_init(lite_turn *t, unsigned places)
{
    *t = (lite_turn){ .places = places, .end = &t->first };
}

static void stand_in_line(lite_turn *t, lite_waiter *w)
{
    *t->end = w;
    t->end = &w->next;
}

static void leave_line(lite_turn *t, lite_waiter *w)
{
    lite_waiter **at = &t->first;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    if (!*at)
        t->end = at;
    if (t->called == w)
        t->called = NULL;
}

/* If there is a place and nobody on the way to it, the first in line is called. */
static lite_event *call_first(lite_turn *t)
{
    if (!t->places || !t->first || t->called)
        return NULL;
    t->called = t->first;
    lite_event_set(&t->called->called);
    return &t->called->called;
}

lite_event *lite_turn_give(lite_turn *t)
{
    lite_waiter *w = t->first;
    t->places++;
    if (!w || t->called || w->lost < LOST_MAX)
        return call_first(t);
    t->places--;
    w->given = true;
    leave_line(t, w);
    lite_event_set(&w->called);
    return &w->called;
}

/* Called, but somebody who did not have to be woken was quicker; stays first in line. */
static void lose(lite_turn *t, lite_waiter *w)
{
    w->lost++;
    t->called = NULL;
    atomic_store_explicit(&w->called, 0, memory_order_relaxed);
}

/* Whether there is a place for it now. */
static bool arrived(lite_turn *t, lite_waiter *w)
{
    if (w->given)
        return true;
    if (t->places) {
        t->places--;
        leave_line(t, w);
        return true;
    }
    if (t->called == w)
        lose(t, w);
    return false;
}

bool lite_turn_take(lite_turn *t, pthread_mutex_t *lock, int64_t deadline)
{
    lite_waiter self = { .lost = 0 };
    bool in_time, here;
    if (t->places) {
        t->places--;
        return true;
    }
    stand_in_line(t, &self);
    do {
        pthread_mutex_unlock(lock);
        in_time = lite_event_wait(&self.called, deadline);
        pthread_mutex_lock(lock);
        here = arrived(t, &self);
    } while (!here && in_time);
    if (!here)
        leave_line(t, &self);
    lite_event_wake(call_first(t)); /* whom this one might have kept waiting */
    return here;
}
