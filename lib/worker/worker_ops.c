/* worker_ops.c - work for later, done because somebody asks: schedulers of functions.
 */
#include "call/op.h"
#include "outbox/outbox.h"

#include <cinema/worker.h>

typedef struct run_input {
    const int64_t *max_ms;
} run_input;

typedef struct run_answer {
    int64_t done, failed, dead, waiting, oldest_at, given_up;
} run_answer;

enum { MOST_MS = 60000, USUAL_MS = 3000 };

static const field input_fields[] = {
    { IN(run_input, max_ms, NUMBER), .min = 1, .max = MOST_MS },
};
static const field_table input_table = QUERY("worker_run", input_fields, run_input);

static const field answer_fields[] = {
    { OUT(run_answer, done, NUMBER), .needed = true },
    { OUT(run_answer, failed, NUMBER), .needed = true },
    { OUT(run_answer, dead, NUMBER), .needed = true },
    { OUT(run_answer, waiting, NUMBER), .needed = true },
    { OUT(run_answer, oldest_at, TIME) },
    { OUT(run_answer, given_up, NUMBER), .needed = true },
};
static const field_table answer_table = ANSWER("worker_report", answer_fields, run_answer);

/* Who asks for more time than a call has gets it. */
static cinema_status work(op_call *k, int64_t max_ms, cinema_worker_counts *n)
{
    cinema_worker_input in = { .max_ms = max_ms };
    int64_t before = call_deadline_set(0), wanted = clock_monotonic_ms() + max_ms;
    call_deadline_set(before > wanted ? before : wanted);
    cinema_status s = cinema_worker_run(k->cinema, &in, n, k->err);
    call_deadline_set(before);
    return s;
}

static cinema_status run_and_tell(op_call *k, run_answer *ret)
{
    const run_input *in = k->input;
    cinema_worker_counts n;
    outbox_state left = { 0 };
    cinema_status s = work(k, in->max_ms ? *in->max_ms : USUAL_MS, &n);
    if (s || (s = outbox__state(k->cinema, &left, k->err)))
        return s;
    *ret = (run_answer){ n.done, n.failed, n.dead, left.waiting, left.oldest_at, left.dead };
    return CINEMA_OK;
}

static cinema_status run(op_call *k)
{
    arena *a = arena_new(256, 0);
    run_answer *r = a ? record_new(a, sizeof *r) : NULL;
    cinema_status s = r ? run_and_tell(k, r) : fail_memory(k->err);
    if (!s)
        return op_give(k, r);
    arena_free(a);
    return s;
}

/* ---- what was given up ----------------------------------------------------------------------- */

extern const field_table cinema__dead_letter, cinema__dead_letter_query;

typedef struct retry_answer {
    int64_t retried;
} retry_answer;

static const field retry_fields[] = {
    { OUT(retry_answer, retried, NUMBER), .needed = true, .help = "how many wait again" },
};
static const field_table retry_table = ANSWER("retry_report", retry_fields, retry_answer);

static cinema_status list(op_call *k)
{
    cinema_dead_letter_page *p = NULL;
    cinema_status s = cinema_dead_letter_list(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status retry(op_call *k)
{
    return cinema_dead_letter_retry(k->cinema, op_text(k, "dead_letter_id"), k->err);
}

static cinema_status retry_all(op_call *k)
{
    CLEANUP(arena_freep) arena *a = arena_new(256, 0);
    retry_answer *r = a ? record_new(a, sizeof *r) : NULL;
    cinema_status s =
        r ? cinema_dead_letter_retry_all(k->cinema, &r->retried, k->err) : fail_memory(k->err);
    if (s)
        return s;
    MOVE(a);
    return op_give(k, r);
}

/* clang-format off */
const op cinema__worker_ops[] = {
    { .name = "worker.run", .method = "POST", .path = "/v1/worker/run", .success = 200,
      .permission = "worker.run", .nature = OUTGOING, .input = &input_table,
      .output = &answer_table, .function = run,
      .summary = "Do what waits: mail and the like" },
    { .name = "dead_letter.list", .method = "GET", .path = "/v1/worker/dead-letters",
      .success = 200, .permission = "worker.run", .nature = READ,
      .input = &cinema__dead_letter_query, .output = &cinema__dead_letter, .function = list,
      .summary = "Work that was given up, the last first", .outcomes = "invalid:cursor",
      .flags = PAGE },
    { .name = "dead_letter.retry", .method = "POST",
      .path = "/v1/worker/dead-letters/{dead_letter_id}/retry", .success = 204,
      .permission = "worker.run", .nature = WRITE, .function = retry,
      .summary = "Let work that was given up wait again", .outcomes = "not_found" },
    { .name = "dead_letter.retry_all", .method = "POST",
      .path = "/v1/worker/dead-letters/retry", .success = 200, .permission = "worker.run",
      .nature = WRITE, .output = &retry_table, .function = retry_all,
      .summary = "Let all work that was given up wait again" },
    { 0 },
};
/* clang-format on */
