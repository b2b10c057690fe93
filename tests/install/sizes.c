/* sizes.c - an older program with a newer library, and a newer one with an older: the size of each
 * struct of options travels along. The older program's struct ends where a page ends and the next
 * one may not be read, so a library that looks further than it was told does not survive this.
 */
#define _DEFAULT_SOURCE
#include <cinema/cinema.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *page_end;
static cinema *c;

static void check(bool holds, const char *what, size_t size)
{
    if (holds)
        return;
    fprintf(stderr, "%s, %zu bytes\n", what, size);
    exit(1);
}

/* The first `size` bytes of a struct, with nothing behind them. */
static const void *cut(const void *whole, size_t size)
{
    return memcpy(page_end - size, whole, size);
}

static void make_page(void)
{
    size_t n = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(pages != MAP_FAILED && !mprotect(pages + n, n, PROT_NONE), "mmap", n);
    page_end = pages + n;
}

/* ---- an older program: every size that ends at a word is one that some version may have had ----
 */

static void open_it(void)
{
    static const char *const settings[] = { "CINEMA_DATABASE_URL=sqlite:films.db" };
    const cinema_options options = { settings, 1 };
    cinema_migrations *steps = NULL;
    cinema *older = NULL;
    check(!cinema_open_with_sized(cut(&options, 0), 0, &older, NULL), "open", 0);
    cinema_close(older);
    check(!cinema_open_with(&options, &c, NULL), "open", sizeof options);
    check(!cinema_migrate(c, &steps, NULL), "migrate", 0);
    cinema_migrations_free(steps);
}

static void create(void)
{
    int64_t year = 1985;
    cinema_movie_input in = { .title = "Ran", .year = &year, .poster_url = "https://x.example/1" };
    for (size_t n = 0; n <= sizeof in; n += sizeof(void *)) {
        cinema_movie *m = NULL;
        cinema_error err;
        cinema_status s = cinema_movie_create_sized(c, cut(&in, n), n, &m, &err);
        bool has_title = n >= offsetof(cinema_movie_input, title) + sizeof in.title;
        bool has_year = n >= offsetof(cinema_movie_input, year) + sizeof in.year;
        bool has_poster = n >= offsetof(cinema_movie_input, poster_url) + sizeof in.poster_url;
        check(s == (has_title ? CINEMA_OK : CINEMA_INVALID), "create", n);
        if (s)
            continue;
        check(m->year == (has_year ? 1985 : CINEMA_ABSENT), "year", n);
        check(!m->poster_url == !has_poster, "poster_url", n);
        cinema_movie_free(m);
    }
}

static void look(void)
{
    const cinema_title_options options = { .published_only = false };
    const cinema_title_query query = { .limit = 2 };
    const cinema_search_query search = { .q = "ran" };
    for (size_t n = 0; n <= sizeof options; n += sizeof(void *)) {
        cinema_movie *m = NULL;
        check(!cinema_movie_get_sized(c, "ran-1985", cut(&options, n), n, &m, NULL), "get", n);
        cinema_movie_free(m);
    }
    for (size_t n = 0; n <= sizeof query; n += sizeof(void *)) {
        cinema_movie_page *p = NULL;
        check(!cinema_movie_list_sized(c, cut(&query, n), n, &p, NULL), "list", n);
        bool limited = n >= offsetof(cinema_title_query, limit) + sizeof query.limit;
        check(p->count == 2 || !limited, "limit", n);
        cinema_movie_page_free(p);
    }
    for (size_t n = sizeof(void *); n <= sizeof search; n += sizeof(void *)) {
        cinema_title_page *p = NULL;
        check(!cinema_search_sized(c, cut(&search, n), n, &p, NULL), "search", n);
        cinema_search_page_free(p);
    }
}

static void doors(void)
{
    const cinema_caller caller = { .system = true };
    const cinema_http_request request = { .method = "GET", .target = "/healthz" };
    for (size_t n = 0; n <= sizeof caller; n += sizeof(void *)) {
        char *answer = NULL;
        cinema_status s = cinema_call_sized(c, cut(&caller, n), n, "movie.list",
                                            "{\"status\": \"draft\"}", &answer, NULL);
        check(s == (n == sizeof caller ? CINEMA_OK : CINEMA_FORBIDDEN), "call", n);
        cinema_text_free(answer);
    }
    for (size_t n = 2 * sizeof(void *); n <= sizeof request; n += sizeof(void *)) {
        cinema_http_response *r = NULL;
        check(!cinema_http_sized(c, cut(&request, n), n, &r, NULL), "http", n);
        check(r->status == 200, "status", n);
        cinema_http_response_free(r);
    }
}

/* ---- a newer program: what this library does not know may be there, but not set ----------------
 */

static void newer(void)
{
    struct {
        cinema_movie_input known;
        const char *unknown;
    } in = { .known = { .title = "Ikiru" } };
    cinema_movie *m = NULL;
    cinema_error err;
    check(!cinema_movie_create_sized(c, &in.known, sizeof in, &m, &err), "newer", sizeof in);
    cinema_movie_free(m);
    in.unknown = "x";
    check(cinema_movie_create_sized(c, &in.known, sizeof in, &m, &err) == CINEMA_INVALID &&
              !strcmp(err.reason, "newer_than_library"),
          "newer and set", sizeof in);
}

int main(void)
{
    make_page();
    open_it();
    create();
    look();
    doors();
    newer();
    cinema_close(c);
    return 0;
}
