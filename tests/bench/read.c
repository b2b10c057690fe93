/* read.c - one film by slug through the library, without HTTP.
 *   CINEMA_DATABASE_URL=… read THREADS SECONDS SLUGS
 */
#include "measure.h"

#include <cinema/movie.h>

#include <pthread.h>

enum { THREADS_MAX = 64 };

typedef struct reader {
    pthread_t thread;
    cinema *c;
    const lines *slugs;
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

static void *work(void *user)
{
    reader *r = user;
    do
        get(r->c, r->slugs->items[r->at++ % r->slugs->count]);
    while (++r->count % 64 || measure_now().wall_us < r->until);
    return NULL;
}

int main(int count, char **arguments)
{
    static reader readers[THREADS_MAX];
    cinema *c = NULL;
    cinema_error err = { 0 };
    int64_t n = 0;
    if (count != 4)
        give_up("read", "THREADS SECONDS SLUGS");
    size_t threads = strtoul(arguments[1], NULL, 10);
    lines slugs = lines_read(arguments[3]);
    if (threads < 1 || threads > THREADS_MAX)
        give_up("read", "1 to 64 threads");
    if (cinema_open(NULL, &c, &err))
        give_up("open", err.message);
    get(c, slugs.items[0]);
    measure from = measure_now();
    for (size_t i = 0; i < threads; i++) {
        readers[i] = (reader){ .c = c, .slugs = &slugs, .at = i * slugs.count / threads,
                               .until = from.wall_us + (int64_t)(strtod(arguments[2], NULL) * 1e6) };
        if (pthread_create(&readers[i].thread, NULL, work, &readers[i]))
            give_up("read", "no more threads");
    }
    for (size_t i = 0; i < threads; i++) {
        pthread_join(readers[i].thread, NULL);
        n += readers[i].count;
    }
    measure_print(n, from);
    cinema_close(c);
    return 0;
}
