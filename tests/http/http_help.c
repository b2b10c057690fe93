/* http_help.c - asking the HTTP door without a socket.
 */
#include "http/http_help.h"

#include <stdio.h>
#include <strings.h>

cinema *c;
cinema_error err;
cinema_http_response *got;
static json_t *body_json;
static char token[128];

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

void http_start(void)
{
    char url[512];
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

static void forget(void)
{
    cinema_http_response_free(got);
    json_decref(body_json);
    got = NULL;
    body_json = NULL;
}

void http_stop(void)
{
    forget();
    cinema_close(c);
    c = NULL;
}

const char *http_token(void)
{
    char path[4096], line[100] = "";
    if (*token)
        return token;
    OK(cinema_setup_token_path(c, path, sizeof path, &err));
    FILE *f = fopen(path, "r");
    ck_assert(f && fgets(line, sizeof line, f));
    fclose(f);
    line[strcspn(line, "\r\n")] = '\0';
    snprintf(token, sizeof token, "Bearer %s", line);
    return token;
}

int http_ask_whole(const cinema_http_request *q)
{
    forget();
    OK(cinema_http(c, q, &got, &err));
    ck_assert_ptr_nonnull(header("X-Request-Id"));
    ck_assert_str_eq(header("X-Request-Id"), got->request_id);
    return got->status;
}

int http_ask(const char *method, const char *target, const char *body, const char *const *headers)
{
    cinema_http_header list[16];
    size_t n = 0;
    for (; headers[2 * n]; n++)
        list[n] = (cinema_http_header){ headers[2 * n], headers[2 * n + 1] };
    const cinema_http_request q = { .method = method,
                                    .target = target,
                                    .headers = list,
                                    .header_count = n,
                                    .body = body,
                                    .body_length = body ? strlen(body) : 0,
                                    .address = "127.0.0.1" };
    return http_ask_whole(&q);
}

const char *header(const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < got->header_count; i++)
        if (!strcasecmp(got->headers[i].name, name)) {
            ck_assert_msg(!found, "%s stands twice", name);
            found = got->headers[i].value;
        }
    return found;
}

json_t *answer(void)
{
    json_error_t e;
    if (!body_json)
        body_json = json_loadb(got->body, got->body_length, JSON_REJECT_DUPLICATES, &e);
    ck_assert_msg(body_json != NULL, "the body is not JSON: %.*s", (int)got->body_length,
                  (const char *)got->body);
    return body_json;
}

const char *said(const char *path)
{
    const json_t *v = answer();
    while (v && *path) {
        char name[64];
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        v = json_is_array(v) ? json_array_get(v, strtoul(name, NULL, 10))
                             : json_object_get(v, name);
        path += n + (path[n] == '.');
    }
    return v && json_is_string(v) ? json_string_value(v) : "";
}
