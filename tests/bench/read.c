/* read.c - reads through the library, in process: what the socket and its server add is the rest.
 *   CINEMA_DATABASE_URL=… read get THREADS SECONDS FILE    cinema_movie_get; FILE: a slug a line
 *   CINEMA_DATABASE_URL=… read http THREADS SECONDS FILE   cinema_http; FILE: as for requests.lua
 */
#include "measure.h"

#include <cinema/http.h>
#include <cinema/movie.h>

#include <pthread.h>

enum { THREADS_MAX = 64, HEADERS_MAX = 8 };

typedef struct request {
    cinema_http_request in;
    cinema_http_header headers[HEADERS_MAX];
} request;

/* What one thread does. */
typedef struct reader {
    pthread_t thread;
    cinema *c;
    const lines *slugs;
    const request *requests; /* NULL: get */
    size_t at;
    int64_t until, count;
} reader;

static void get(cinema *c, const char *slug)
{
    cinema_movie *m = NULL;
    cinema_error err = { 0 };
    const cinema_movie_options in = { .published_only = true };
    if (cinema_movie_get(c, slug, &in, &m, &err))
        give_up(slug, err.message);
    cinema_movie_free(m);
}

static void answer(cinema *c, const request *r)
{
    cinema_http_response *response = NULL;
    cinema_error err = { 0 };
    if (cinema_http(c, &r->in, &response, &err) || response->status >= 400)
        give_up(r->in.target, "no answer");
    cinema_http_response_free(response);
}

static void read_one(const reader *r, size_t i)
{
    i %= r->slugs->count;
    if (r->requests)
        answer(r->c, &r->requests[i]);
    else
        get(r->c, r->slugs->items[i]);
}

static void *work(void *user)
{
    reader *r = user;
    do
        read_one(r, r->at++);
    while (++r->count % 64 || measure_now().wall_us < r->until);
    return NULL;
}

/* "GET /path\tName: value". */
static void parse(char *line, request *r)
{
    char *rest = NULL, *method = strtok_r(line, "\t", &rest), *header;
    char *space = strchr(method, ' ');
    if (!space)
        give_up(line, "is no request");
    *space = '\0';
    r->headers[0] = (cinema_http_header){ "Host", "127.0.0.1" };
    r->in = (cinema_http_request){ .method = method,
                                   .target = space + 1,
                                   .headers = r->headers,
                                   .header_count = 1,
                                   .address = "127.0.0.1" };
    while ((header = strtok_r(NULL, "\t", &rest)) && r->in.header_count < HEADERS_MAX) {
        char *colon = strstr(header, ": ");
        if (!colon)
            give_up(header, "is no header");
        *colon = '\0';
        r->headers[r->in.header_count++] = (cinema_http_header){ header, colon + 2 };
    }
}

static request *parse_all(const lines *l)
{
    request *all = calloc(l->count, sizeof *all);
    if (!all)
        give_up("read", "out of memory");
    for (size_t i = 0; i < l->count; i++)
        parse(l->items[i], &all[i]);
    return all;
}

static int64_t run_all(const reader *first, size_t threads)
{
    static reader readers[THREADS_MAX];
    int64_t n = 0;
    for (size_t i = 0; i < threads; i++) {
        readers[i] = *first;
        readers[i].at = i * first->slugs->count / threads;
        if (pthread_create(&readers[i].thread, NULL, work, &readers[i]))
            give_up("read", "no more threads");
    }
    for (size_t i = 0; i < threads; i++) {
        pthread_join(readers[i].thread, NULL);
        n += readers[i].count;
    }
    return n;
}

int main(int count, char **arguments)
{
    reader first = { .c = NULL };
    cinema_error err = { 0 };
    size_t threads = count == 5 ? strtoul(arguments[2], NULL, 10) : 0;
    if (threads < 1 || threads > THREADS_MAX)
        give_up("read", "get|http THREADS SECONDS FILE");
    lines all = lines_read(arguments[4]);
    first.slugs = &all;
    if (!strcmp(arguments[1], "http"))
        first.requests = parse_all(&all);
    if (cinema_open(NULL, &first.c, &err))
        give_up("open", err.message);
    read_one(&first, 0);
    measure from = measure_now();
    first.until = from.wall_us + (int64_t)(strtod(arguments[3], NULL) * 1e6);
    measure_print(run_all(&first, threads), from);
    cinema_close(first.c);
    return 0;
}
