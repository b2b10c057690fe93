/* test_ops.c - operations for the tests of STREAM: bytes received and sent, and nothing kept; and
 * one that sends a mail. Built into the programs of tests/http and into a server of their own
 * (build/dev/tests/http-server), never into the product.
 */
#include "call/op.h"
#include "notify/notify.h"

#include <sodium.h>
#include <time.h>

typedef struct received {
    int64_t bytes;
    const char *sum;
} received;

typedef struct wish {
    const int64_t *bytes, *wait_ms, *stop_after;
    bool known, broken;
} wish;

static const field received_fields[] = {
    { OUT(received, bytes, NUMBER) },
    { OUT(received, sum, TEXT) },
};
static const field_table received_table = ANSWER("received", received_fields, received);

static const field wish_fields[] = {
    { IN(wish, bytes, NUMBER), .min = 0, .max = INT64_MAX, .help = "how many to send" },
    { IN(wish, wait_ms, NUMBER), .min = 0, .max = 1000, .help = "before each read" },
    { IN(wish, stop_after, NUMBER), .min = 0, .max = INT64_MAX, .help = "bytes" },
    { IN(wish, known, FLAG), .help = "tell the length beforehand" },
    { IN(wish, broken, FLAG), .help = "break off at the end" },
};
static const field_table wish_table = QUERY("wish", wish_fields, wish);

static void wait_ms(const int64_t *ms)
{
    struct timespec t = { .tv_nsec = ms ? *ms * 1000000 : 0 };
    nanosleep(&t, NULL);
}

/* Counts and sums what comes, in pieces of no round size. */
static cinema_status receive(op_call *k)
{
    const wish *w = k->input;
    char piece[30011], *text;
    unsigned char sum[16];
    size_t got;
    crypto_generichash_state state;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    received *r = a ? record_new(a, sizeof *r) : NULL;
    if (!r || !(text = arena_text(a, 2 * sizeof sum + 1)))
        return fail_memory(k->err);
    crypto_generichash_init(&state, NULL, 0, sizeof sum);
    do {
        wait_ms(w->wait_ms);
        cinema_status s = op_read(k, piece, sizeof piece, &got);
        if (s)
            return s;
        crypto_generichash_update(&state, (const unsigned char *)piece, got);
        r->bytes += (int64_t)got;
    } while (got && !(w->stop_after && r->bytes >= *w->stop_after));
    crypto_generichash_final(&state, sum, sizeof sum);
    r->sum = sodium_bin2hex(text, 2 * sizeof sum + 1, sum, sizeof sum);
    MOVE(a);
    return op_give(k, r);
}

typedef struct supply {
    int64_t left, at;
    bool broken;
} supply;

_Atomic(int) test_supplies_open;

/* 0 1 2 ... 250 0 1 ... */
static int64_t give(void *bytes, size_t room, void *user)
{
    supply *s = user;
    size_t n = room < (uint64_t)s->left ? room : (size_t)s->left;
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(s->at++ % 251);
    s->left -= (int64_t)n;
    return n || !s->broken ? (int64_t)n : -1;
}

static void done(void *user)
{
    test_supplies_open--;
    free(user);
}

static cinema_status supply_bytes(op_call *k)
{
    const wish *w = k->input;
    supply *s = calloc(1, sizeof *s);
    if (!s)
        return fail_memory(k->err);
    *s = (supply){ .left = w->bytes ? *w->bytes : 0, .broken = w->broken };
    test_supplies_open++;
    return op_give_stream(k, (cinema_stream){ .read = give, .user = s }, w->known ? s->left : -1,
                          done);
}

typedef struct letter {
    const char *to;
} letter;

static const field letter_fields[] = {
    { IN(letter, to, TEXT), .needed = true, .min = 1, .max = 200 },
};
static const field_table letter_table = QUERY("letter", letter_fields, letter);

static cinema_status send_mail(op_call *k)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const letter *in = k->input;
    notify_mail m = { .template = "password_changed", .to = in->to };
    cinema_status s = db_begin(k->cinema, &tx, k->err);
    if (s || (s = notify__mail(k->cinema, tx, &m, k->arena, k->err)))
        return s;
    return db_commit(&tx, k->err);
}

/* clang-format off */
extern const op cinema__test_ops[];
const op cinema__test_ops[] = {
    { .name = "test.receive", .method = "PUT", .path = "/test/bytes", .success = 200,
      .permission = ANYONE, .nature = STREAM, .input = &wish_table, .output = &received_table,
      .function = receive, .summary = "Count and sum bytes", .body_max = (size_t)1 << 40 },
    { .name = "test.receive_some", .method = "POST", .path = "/test/images", .success = 200,
      .permission = "content.write", .nature = STREAM, .input = &wish_table,
      .output = &received_table, .function = receive, .summary = "The same of a small image",
      .body_max = 100000, .accepts = "image/png image/jpeg" },
    { .name = "test.supply", .method = "GET", .path = "/test/bytes", .success = 200,
      .permission = ANYONE, .nature = STREAM, .input = &wish_table, .function = supply_bytes,
      .summary = "Send bytes", .content_type = "application/octet-stream" },
    { .name = "test.mail", .method = "POST", .path = "/test/mails", .success = 204,
      .permission = ANYONE, .nature = WRITE, .input = &letter_table, .function = send_mail,
      .summary = "Send a mail" },
    { 0 },
};
/* clang-format on */
