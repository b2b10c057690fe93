/* guidelines_test.c - every operation keeps to docs/api-guidelines.md. What a machine can see of
 * them is here, a test for each section; an exception is a line of a list, with its reason.
 */
#include "test.h"

#include "base/text.h"
#include "call/op.h"

#include <ctype.h>
#include <string.h>

/* Collections whose name is a plural without s. */
#define PLURALS "people"
/* What stands before a parameter without being a collection: the parameter is a word, not a record.
 */
#define NAMESPACES "oauth metadata"
/* Parameters that are words: names that people choose or that a standard has. */
#define WORD_PARAMETERS "role language namespace provider"
/* Paths that others prescribe. */
#define ROOTS "healthz readyz metrics openapi.json docs .well-known ofrep stream"
/* Lists in name only: one document that is read and written as a whole. */
#define DOCUMENTS "credits"
/* Times that need no other word: an entry of a log is about one moment, and lists ask for a span.
 */
#define MOMENTS "at from to"

static bool snake(const char *s, size_t n)
{
    if (!n || !islower((unsigned char)*s) || s[n - 1] == '_')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) &&
            !(s[i] == '_' && s[i + 1] != '_'))
            return false;
    return true;
}

static bool snake_text(const char *s)
{
    return snake(s, strlen(s));
}

static bool ends_in(const char *s, size_t n, const char *end)
{
    size_t m = strlen(end);
    return n >= m && !memcmp(s + n - m, end, m);
}

static bool plural(const char *s, size_t n)
{
    return ends_in(s, n, "s") || text_listed_n(PLURALS, s, n);
}

/* Walks operations that have a path; operations by name only have nothing to do with HTTP. */
static const op *next_with_path(const op *o)
{
    do
        o = op_next(o);
    while (o && !o->path);
    return o;
}

#define EACH(o) for (const op *o = op_next(NULL); o; o = op_next(o))
#define EACH_WITH_PATH(o) for (const op *o = next_with_path(NULL); o; o = next_with_path(o))
#define RULE(o, holds, ...) ck_assert_msg(holds, __VA_ARGS__), (void)(o)

static bool changes(const op *o)
{
    return strcmp(o->method, "GET") != 0;
}

static bool has_input(const op *o, const char *name)
{
    const field *f = o->input ? field_find(o->input, name) : NULL;
    return f && f->in != FIELD_NONE;
}

static bool has_output(const op *o, const char *name)
{
    const field *f = o->output ? field_find(o->output, name) : NULL;
    return f && f->out != FIELD_NONE;
}

/* The last segment of a path. */
static const char *last_segment(const op *o)
{
    return strrchr(o->path, '/') + 1;
}

/* ---- names ----------------------------------------------------------------------------------- */

TEST(an_operation_is_called_subject_dot_verb)
{
    EACH(o)
    {
        size_t n = strcspn(o->name, ".");
        const char *verb = o->name[n] ? o->name + n + 1 : "x";
        RULE(o, snake(o->name, n) && snake_text(verb), "%s", o->name);
        ck_assert_ptr_eq(op_named(o->name), o);
    }
}

static void check_literal(const op *o, const char *s, size_t n, bool before_parameter)
{
    for (size_t i = 0; i < n; i++)
        RULE(o, islower((unsigned char)s[i]) || isdigit((unsigned char)s[i]) || s[i] == '-',
             "%s: %.*s: lower-case words with - between", o->name, (int)n, s);
    if (before_parameter)
        RULE(o, plural(s, n) || text_listed_n(NAMESPACES, s, n),
             "%s: %.*s holds records: call it by its plural", o->name, (int)n, s);
}

static void check_parameter(const op *o, const char *s, size_t n)
{
    RULE(o, snake(s, n), "%s: %.*s: snake_case", o->name, (int)n, s);
    RULE(o, ends_in(s, n, "_id") || text_listed_n(WORD_PARAMETERS, s, n),
         "%s: %.*s: a parameter that names a record ends in _id", o->name, (int)n, s);
}

TEST(a_path_is_made_of_plural_nouns)
{
    EACH_WITH_PATH(o)
    {
        const char *s = o->path;
        RULE(o, *s == '/', "%s: %s", o->name, s);
        size_t first = strcspn(s + 1, "/");
        if (text_listed_n(ROOTS, s + 1, first))
            continue;
        RULE(o, first == 2 && s[1] == 'v' && isdigit((unsigned char)s[2]), "%s: %s: /v1/ first",
             o->name, o->path);
        for (s += 3; *s == '/';) {
            size_t n = strcspn(++s, "/");
            RULE(o, n, "%s: %s: an empty segment", o->name, o->path);
            if (*s == '{')
                check_parameter(o, s + 1, n - 2);
            else
                check_literal(o, s, n, !strncmp(s + n, "/{", 2));
            s += n;
        }
    }
}

static void check_name(const op *o, const field *f)
{
    RULE(o, snake_text(f->name), "%s: %s: snake_case", o->name, f->name);
    RULE(o, strncmp(f->name, "is_", 3), "%s: %s: without is_", o->name, f->name);
    size_t n = strlen(f->name);
    if (f->type == FIELD_TIME)
        RULE(o,
             ends_in(f->name, n, "_at") || ends_in(f->name, n, "_since") ||
                 ends_in(f->name, n, "_until") || text_listed(MOMENTS, f->name),
             "%s: %s: a time ends in _at", o->name, f->name);
    if (f->type == FIELD_DATE)
        RULE(o, ends_in(f->name, n, "_on"), "%s: %s: a day ends in _on", o->name, f->name);
    if (f->type == FIELD_UUID)
        RULE(o, !strcmp(f->name, "id") || ends_in(f->name, n, "_id"),
             "%s: %s: the id of another record ends in _id", o->name, f->name);
}

static void check_names(const op *o, const field_table *t, int depth)
{
    for (size_t i = 0; t && depth < 4 && i < t->count; i++) {
        if (t->fields[i].type == FIELD_CLEAR)
            continue;
        check_name(o, &t->fields[i]);
        check_names(o, t->fields[i].of, depth + 1);
    }
}

TEST(fields_are_snake_case_and_say_what_they_hold)
{
    EACH(o)
    {
        check_names(o, o->input, 0);
        check_names(o, o->output, 0);
    }
}

/* ---- methods and outcomes -------------------------------------------------------------------- */

TEST(methods_and_statuses_belong_together)
{
    static const char *const allowed[][2] = { { "GET", "200 302" },
                                              { "POST", "200 201 202 204" },
                                              { "PUT", "200 201 202 204" },
                                              { "PATCH", "200" },
                                              { "DELETE", "200 202 204" } };
    EACH(o)
    {
        char status[8];
        bool known = false;
        snprintf(status, sizeof status, "%d", o->success);
        for (size_t i = 0; i < COUNT_OF(allowed); i++)
            if (!strcmp(o->method, allowed[i][0]))
                known = text_listed(allowed[i][1], status);
        RULE(o, known, "%s: %s answers %d", o->name, o->method, o->success);
        RULE(o, o->success != 204 || (!o->output && !o->content_type), "%s: 204 has nothing to say",
             o->name);
    }
}

TEST(reading_changes_nothing)
{
    EACH_WITH_PATH(o)
    {
        bool reads = o->nature == READ || o->nature == INSTANT;
        RULE(o, !changes(o) || !reads, "%s: a %s that only reads", o->name, o->method);
        RULE(o, changes(o) || o->nature != WRITE, "%s: a GET that writes", o->name);
    }
}

TEST(what_is_made_says_where_it_is_and_may_be_sent_again)
{
    EACH_WITH_PATH(o)
    {
        /* Tokens are made too, but are never kept for a second sending; neither is what came with
         * a password, for what it is known again by is a quick hash of it. */
        if (strcmp(o->method, "POST") || o->success != 201 || has_output(o, "access_token"))
            continue;
        RULE(o, o->location, "%s: 201 without Location", o->name);
        if (has_input(o, "password")) {
            RULE(o, !(o->flags & IDEMPOTENT), "%s: keeps a hash of a password", o->name);
            continue;
        }
        RULE(o, o->flags & IDEMPOTENT, "%s: takes no Idempotency-Key", o->name);
    }
}

TEST(records_with_a_revision_carry_an_etag)
{
    EACH_WITH_PATH(o)
    {
        if (has_output(o, "revision") && !(o->flags & PAGE))
            RULE(o, o->flags & ETAG, "%s: no ETag", o->name);
        if (!strcmp(o->method, "PATCH") && has_output(o, "revision"))
            RULE(o, has_input(o, "revision"), "%s: If-Match cannot be honoured", o->name);
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

TEST(every_list_comes_in_pages)
{
    EACH_WITH_PATH(o)
    {
        const char *last = last_segment(o);
        size_t n = strlen(last);
        bool list = !changes(o) && !o->content_type && !strncmp(o->path, "/v1/", 4) &&
                    plural(last, n) && !text_listed(DOCUMENTS, last);
        RULE(o, !list || o->flags & PAGE, "%s: a list that is no page", o->name);
        if (!(o->flags & PAGE))
            continue;
        RULE(o, o->output, "%s: a page of what?", o->name);
        RULE(o, has_input(o, "limit") && has_input(o, "after"), "%s: takes no limit or after",
             o->name);
        RULE(o, !has_input(o, "offset") && !has_input(o, "page"), "%s: pages have no numbers",
             o->name);
    }
}

TEST(a_limit_is_20_unless_given_and_100_at_most)
{
    EACH_WITH_PATH(o)
    {
        const field *f = o->flags & PAGE ? field_find(o->input, "limit") : NULL;
        RULE(o, !f || (f->type == FIELD_LIMIT && f->min == 1 && f->max <= 100), "%s", o->name);
    }
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void check_outcome(const op *o, const char *s, size_t n)
{
    size_t word = strcspn(s, ": ");
    bool known = false;
    for (int i = 1; i < CINEMA_STATUS_COUNT; i++) {
        const char *w = cinema_status_describe(i)->word;
        known |= strlen(w) == word && !memcmp(w, s, word);
    }
    RULE(o, known, "%s: %.*s is no outcome", o->name, (int)n, s);
    if (word < n)
        RULE(o, snake(s + word + 1, n - word - 1), "%s: %.*s: snake_case", o->name, (int)n, s);
}

static bool has_outcome(const op *o, const char *word)
{
    const char *s = o->outcomes ? o->outcomes : "";
    size_t m = strlen(word);
    for (; *s; s += *s == ' ') {
        size_t n = strcspn(s, " ");
        if (!strncmp(s, word, m) && (n == m || s[m] == ':'))
            return true;
        s += n;
    }
    return false;
}

TEST(outcomes_are_listed_with_the_operation)
{
    EACH(o)
    {
        const char *s = o->outcomes ? o->outcomes : "";
        for (; *s; s += *s == ' ') {
            size_t n = strcspn(s, " ");
            RULE(o, n, "%s: two spaces in its outcomes", o->name);
            check_outcome(o, s, n);
            s += n;
        }
        if (o->path && strchr(o->path, '{'))
            RULE(o, has_outcome(o, "not_found"), "%s: does not tell not_found", o->name);
        if (changes(o) && has_input(o, "revision") && strcmp(o->method, "POST"))
            RULE(o, has_outcome(o, "stale"), "%s: does not tell stale", o->name);
    }
}

/* ---- words for people, permissions ----------------------------------------------------------- */

TEST(a_summary_is_one_short_line)
{
    EACH(o)
    {
        const char *s = o->summary;
        RULE(o, s && *s, "%s: no summary", o->name);
        size_t n = strlen(s);
        RULE(o, isupper((unsigned char)*s) && n <= 80 && s[n - 1] != '.' && !strchr(s, '\n'),
             "%s: %s: a capital first, at most 80 characters, no full stop", o->name, s);
    }
}

TEST(who_may_change_something_is_said)
{
    EACH(o)
    {
        const char *p = o->permission;
        RULE(o, p, "%s: no permission", o->name);
        size_t n = strcspn(p, ".");
        RULE(o, !*p || (snake(p, n) && (!p[n] || snake_text(p + n + 1))), "%s: %s", o->name, p);
        if (o->path && changes(o) && !*p) /* signing in cannot ask for a sign-in */
            RULE(o, !strncmp(o->path, "/v1/auth/", 9), "%s: anyone may change something", o->name);
    }
}
