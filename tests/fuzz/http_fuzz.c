/* http_fuzz.c - any request through cinema_http: method, target, headers and body of the input's
 * lines, `METHOD target`, `Name: value` ..., an empty line, the body.
 */
#include <cinema/cinema.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADERS = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static cinema *handle;
static char folder[] = "/tmp/cinema-fuzz.XXXXXX";

static void forget(void)
{
    static const char *const names[] = { "cinema.db", "cinema.db-wal", "cinema.db-shm" };
    char path[64];
    cinema_close(handle);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* A new database in a folder of its own, once a process. */
static void start(void)
{
    char url[64];
    cinema_migrations *steps = NULL;
    cinema_error err;
    if (!mkdtemp(folder) || setenv("CINEMA_DATA_DIR", folder, 1))
        abort();
    snprintf(url, sizeof url, "sqlite:%s/cinema.db", folder);
    if (cinema_open(url, &handle, &err) || cinema_migrate(handle, &steps, &err))
        abort();
    cinema_migrations_free(steps);
    cinema_movie *m = NULL;
    const cinema_movie_input in = { .title = "Ran", .status = "published" };
    if (cinema_movie_create(handle, &in, &m, &err))
        abort();
    cinema_movie_free(m);
    atexit(forget);
}

/* The part up to `end`, cut off in place; *p goes on behind it. */
static char *cut(char **p, const char *end)
{
    char *from = *p, *at = from ? strstr(from, end) : NULL;
    *p = at ? at + strlen(end) : NULL;
    if (at)
        *at = '\0';
    return from;
}

static void check(const cinema_http_response *r)
{
    if (r->status < 200 || r->status > 599 || r->status == 500 || !r->header_count)
        abort();
    for (size_t i = 0; i < r->header_count; i++)
        if (strpbrk(r->headers[i].value, "\r\n"))
            abort();
}

static void ask(char *text)
{
    cinema_http_header headers[HEADERS];
    cinema_http_request q = { .headers = headers, .address = "192.0.2.7" };
    cinema_http_response *r = NULL;
    char *rest = text, *line = cut(&rest, "\n");
    q.method = cut(&line, " ");
    q.target = line ? line : "";
    while (rest && (line = cut(&rest, "\n")) && *line && q.header_count < HEADERS) {
        const char *name = cut(&line, ": ");
        headers[q.header_count++] = (cinema_http_header){ name, line ? line : "" };
    }
    q.body = rest;
    q.body_length = rest ? strlen(rest) : 0;
    if (cinema_http(handle, &q, &r, NULL))
        abort();
    check(r);
    cinema_http_response_free(r);
    cinema_http_route_info info;
    cinema_http_route(handle, q.method, q.target, &info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (!handle)
        start();
    memcpy(text, data, size);
    text[size] = '\0';
    ask(text);
    free(text);
    return 0;
}
