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

/* clang-format off */
const op cinema__worker_ops[] = {
    { .name = "worker.run", .method = "POST", .path = "/v1/worker/run", .success = 200,
      .permission = "worker.run", .nature = OUTGOING, .input = &input_table,
      .output = &answer_table, .function = run,
      .summary = "Do what waits: mail and the like" },
    { 0 },
};
/* clang-format on */
