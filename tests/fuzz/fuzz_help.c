/* fuzz_help.c - what fuzz targets share.
 */
#include "fuzz/fuzz_help.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static cinema *handle;
static char folder[] = "/tmp/cinema-fuzz.XXXXXX";

static void forget(void)
{
    static const char *const names[] = { "cinema.db", "cinema.db-wal", "cinema.db-shm", "key" };
    char path[64];
    cinema_close(handle);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void start(void)
{
    char url[64];
    int64_t year = 1985;
    cinema_migrations *steps = NULL;
    cinema_movie *m = NULL;
    const cinema_movie_input in = { .title = "Ran", .year = &year, .status = "published" };
    HOLDS(mkdtemp(folder) && !setenv("CINEMA_DATA_DIR", folder, 1));
    HOLDS(!setenv("CINEMA_LIMIT_REQUESTS_ADDRESS", "off", 1)); /* all come from one */
    snprintf(url, sizeof url, "sqlite:%s/cinema.db", folder);
    HOLDS(!cinema_open(url, &handle, NULL) && !cinema_migrate(handle, &steps, NULL));
    cinema_migrations_free(steps);
    HOLDS(!cinema_movie_create(handle, &in, &m, NULL));
    cinema_movie_free(m);
    atexit(forget);
}

cinema *fuzz_handle(void)
{
    if (!handle)
        start();
    return handle;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    HOLDS(text);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

char *fuzz_cut(char **p, const char *end)
{
    char *from = *p, *at = from ? strstr(from, end) : NULL;
    *p = at ? at + strlen(end) : NULL;
    if (at)
        *at = '\0';
    return from;
}
