/* handle.c - what every call needs of the handle: is it still good, what time is it, a new id.
 * Opening and closing, which know the layers above, are in call/open.c.
 */
#include "base/handle.h"

#include <sodium.h>
#include <stdio.h>

static _Atomic(unsigned) generation = 1;
_Thread_local unsigned cinema__transactions_open;
static _Thread_local int64_t deadline_here;

static void forked(void)
{
    atomic_fetch_add(&generation, 1);
}

static void process_start(void)
{
    pthread_atfork(NULL, NULL, forked);
    if (sodium_init() < 0)
        atomic_store(&generation, 0); /* every handle then answers MISUSE: no randomness */
}

unsigned cinema__generation(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, process_start);
    return atomic_load(&generation);
}

cinema_status handle_check(const cinema *c, cinema_error *err)
{
    if (c->generation == atomic_load_explicit(&generation, memory_order_relaxed))
        return CINEMA_OK;
    return fail(err, CINEMA_MISUSE, NULL, NULL,
                "this handle was opened before fork(): open one in the child");
}

int64_t now_ms(cinema *c)
{
    return c->wall_ms ? c->wall_ms(c->seed) : clock_wall_ms();
}

void random_bytes(cinema *c, void *bytes, size_t n)
{
    if (c->random)
        c->random(bytes, n, c->seed);
    else
        randombytes_buf(bytes, n);
}

/* RFC 9562, 6.2, method 1: a counter of 12 bits after the milliseconds, started at random low so
 * that it has room; a full one borrows the next millisecond. */
static void next_moment(cinema *c, uint64_t *ms, unsigned *count, unsigned start)
{
    uint64_t now = (uint64_t)now_ms(c);
    pthread_mutex_lock(&c->lock);
    if (now > c->last_id_ms) {
        c->last_id_ms = now;
        c->last_id_count = start;
    } else if (++c->last_id_count > 0xFFF) {
        c->last_id_ms++;
        c->last_id_count = start;
    }
    *ms = c->last_id_ms;
    *count = c->last_id_count;
    pthread_mutex_unlock(&c->lock);
}

void uuid_new(cinema *c, uuid *ret)
{
    uint8_t *b = ret->bytes;
    uint64_t ms;
    unsigned count;
    random_bytes(c, b + 6, 10);
    next_moment(c, &ms, &count, b[6]);
    for (int i = 0; i < 6; i++)
        b[i] = (uint8_t)(ms >> (40 - 8 * i));
    b[6] = (uint8_t)(0x70 | count >> 8);
    b[7] = (uint8_t)count;
    b[8] = (uint8_t)(0x80 | (b[8] & 0x3F));
}

void log_line(cinema *c, cinema_log_level level, const char *format, ...)
{
    char line[1000];
    va_list args;
    if (!c->log)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    for (char *p = line; *p; p++) /* a statement, or libpq's own words, may come in lines */
        if ((unsigned char)*p < ' ')
            *p = ' ';
    c->log(level, line, c->log_user);
}

int64_t call_deadline(const cinema *c)
{
    return deadline_here ? deadline_here : clock_monotonic_ms() + c->deadline_ms;
}

int64_t call_deadline_set(int64_t deadline)
{
    int64_t before = deadline_here;
    deadline_here = deadline;
    return before;
}
