/* call_help.c - a migrated database, and the JSON door asked in one line.
 */
#include "call/call_help.h"

#include <stdio.h>
#include <stdlib.h>

cinema *c;
cinema_error err;
static json_t *kept[2000];
static size_t kept_count;

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

void call_start(void)
{
    char url[512];
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

void call_stop(void)
{
    at(NULL, "");
    while (kept_count)
        json_decref(kept[--kept_count]);
    cinema_close(c);
    c = NULL;
}

json_t *call(const cinema_caller *who, const char *op, const char *json, cinema_status want)
{
    char *text = NULL;
    cinema_status got = cinema_call(c, who, op, json, &text, &err);
    ck_assert_msg(got == want, "%s %s: %s", op, json, got ? err.message : "worked");
    ck_assert_ptr_nonnull(text);
    json_t *v = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    ck_assert_msg(v != NULL, "not JSON: %s", text);
    cinema_text_free(text);
    if (want) {
        IS(v, "code", err.reason);
        ck_assert_int_eq(json_integer_value(json_object_get(v, "status")),
                         cinema_status_describe((int)want)->http);
    }
    ck_assert_uint_lt(kept_count, sizeof kept / sizeof *kept);
    return kept[kept_count++] = v;
}

const char *at(const json_t *v, const char *path)
{
    static char *dumped;
    char name[64];
    free(dumped);
    dumped = NULL;
    while (v && *path) {
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        v = json_is_array(v) ? json_array_get(v, strtoul(name, NULL, 10))
                             : json_object_get(v, name);
        path += n + (path[n] == '.');
    }
    if (!v || json_is_string(v))
        return v ? json_string_value(v) : "";
    return dumped = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
}
