/* answer.c - asking an engine.
 */
#include "same/answer.h"

#include "call/result.h"

#include <cinema/import.h>

#include <sodium.h>
#include <stdio.h>

enum { TEXT_MAX = 256 << 20, DEADLINE_MS = 600000 };

void answer_done(answer *a)
{
    buffer_done(&a->text);
    buffer_done(&a->json);
    free(a->next);
}

static void put_outcome(buffer *b, const engine *e, cinema_status s, const cinema_error *err)
{
    buffer_format(b, "%s", cinema_status_describe(s)->name);
    if (s)
        buffer_format(b, " %s \"%s\" %s", err->reason, err->field, err->message);
    buffer_format(b, "%s\n", e->fired ? " (the port failed)" : "");
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* A cursor is a signature, the type of the sort key, the row number and the key (call/cursor.c).
 * `age`: the row number is the key. */
static void put_cursor(buffer *b, const char *text, size_t n, bool age)
{
    enum { MAC = 16, HEAD = MAC + 1 + 8 };
    unsigned char bytes[2048];
    char hex[2 * sizeof bytes + 1];
    size_t length = 0;
    int bad = sodium_base642bin(bytes, sizeof bytes, text, n, NULL, &length, NULL,
                                sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    ck_assert_msg(!bad && length >= HEAD, "no cursor: %.*s", (int)n, text);
    sodium_bin2hex(hex, sizeof hex, bytes + HEAD, age ? 0 : length - HEAD);
    buffer_format(b, "type %d key ", bytes[MAC]);
    buffer_text(b, hex);
}

static void put_json(answer *a, const request *r)
{
    static const char mark[] = "],\"next\":\"";
    const char *json = a->json.bytes, *at = NULL;
    for (const char *p = json; (p = strstr(p, mark)); p++)
        at = p;
    if (!at) {
        buffer_text(&a->text, json);
        return;
    }
    at += sizeof mark - 1;
    size_t n = strcspn(at, "\"");
    a->next = strndup(at, n);
    buffer_add(&a->text, json, (size_t)(at - json));
    put_cursor(&a->text, at, n, strstr(r->input.bytes, "newest\"") != NULL);
    buffer_text(&a->text, at + n);
}

/* ---- operations ------------------------------------------------------------------------------ */

static void ask(engine *e, size_t place, const request *r, const known *k, answer *a)
{
    CLEANUP(buffer_done) buffer input = BUFFER(TEXT_MAX);
    cinema_caller who = { .system = !r->nobody, .request_id = "same", .deadline_ms = DEADLINE_MS };
    cinema_error err = { 0 };
    char *text = NULL;
    buffer_add(&input, r->input.bytes, r->input.length);
    if (r->cursor >= 0) {
        buffer_text(&input, r->input.length > 1 ? ",\"after\":" : "\"after\":");
        const char *after = k->cursors[r->cursor].after[place];
        json_quoted(&input, after, strlen(after));
    }
    if (!r->closed)
        buffer_byte(&input, '}');
    cinema_status s = cinema_call(e->c, &who, r->op->name, input.bytes, &text, &err);
    ck_assert_ptr_nonnull(text);
    put_outcome(&a->text, e, s, &err);
    buffer_text(&a->json, text);
    put_json(a, r);
    cinema_text_free(text);
}

/* ---- imports --------------------------------------------------------------------------------- */

typedef struct importing {
    const buffer *from;
    size_t at;
    buffer *to;
} importing;

static int64_t read_lines(void *bytes, size_t room, void *user)
{
    importing *m = user;
    size_t n = m->from->length - m->at;
    n = n < room ? n : room;
    memcpy(bytes, m->from->bytes + m->at, n);
    m->at += n;
    return (int64_t)n;
}

static cinema_status take_fault(const cinema_import_fault *f, void *user)
{
    importing *m = user;
    buffer_format(m->to, "line %lld %s%s %s: %s\n", (long long)f->line,
                  f->warning ? "warning " : "", f->field, f->rule, f->message);
    return CINEMA_OK;
}

static void put_counts(buffer *b, const cinema_import_counts *n)
{
    buffer_format(b, "%lld lines, %lld bytes: %lld created, %lld updated, %lld unchanged, ",
                  (long long)n->lines, (long long)n->bytes, (long long)n->created,
                  (long long)n->updated, (long long)n->unchanged);
    buffer_format(b, "%lld refused, %lld warnings\n", (long long)n->refused,
                  (long long)n->warnings);
}

static cinema_status take_progress(const cinema_import_counts *counts, void *user)
{
    importing *m = user;
    put_counts(m->to, counts);
    return CINEMA_OK;
}

static void import(engine *e, const request *r, answer *a)
{
    importing m = { &r->input, 0, &a->text };
    cinema_import_input in = { .read = read_lines,
                               .fault = take_fault,
                               .progress = take_progress,
                               .user = &m,
                               .batch = r->batch,
                               .status = r->status };
    cinema_import_counts counts;
    cinema_error err = { 0 };
    cinema_status s = cinema_import(e->c, &in, &counts, &err);
    put_outcome(&a->text, e, s, &err);
    put_counts(&a->text, &counts);
}

void answer_get(engine *e, size_t place, const request *r, const known *k, answer *ret)
{
    *ret = (answer){ .text = BUFFER(TEXT_MAX), .json = BUFFER(TEXT_MAX) };
    if (r->op)
        ask(e, place, r, k, ret);
    else
        import(e, r, ret);
    ck_assert_int_eq(ret->text.failed, CINEMA_OK);
}
