/* postgres_help.c - what the tests of the PostgreSQL driver share.
 * The module lies where the executable would find it: ../lib/cinema from the tests.
 */
#include "port/postgres_help.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { LINES = 4096 };
static char *lines[LINES];
static int line_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const db_driver *pg_module(void)
{
    static const db_driver *driver;
    char program[4096], path[4200];
    ssize_t n = driver ? 0 : readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return driver;
    program[n] = '\0';
    *strrchr(program, '/') = '\0';
    snprintf(path, sizeof path, "%s/../lib/cinema/cinema-postgres.so", program);
    if (access(path, R_OK))
        return NULL;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module)
        fprintf(stderr, "%s\n", dlerror());
    driver = module ? dlsym(module, DB_DRIVER_SYMBOL) : NULL;
    return driver;
}

static void remember(void *user, cinema_log_level level, const char *line)
{
    (void)user, (void)level;
    pthread_mutex_lock(&lock);
    if (line_count < LINES)
        lines[line_count++] = strdup(line);
    pthread_mutex_unlock(&lock);
}

int pg_logged(const char *text)
{
    int n = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < line_count; i++)
        n += lines[i] && strstr(lines[i], text);
    pthread_mutex_unlock(&lock);
    return n;
}

cinema_status pg_test_open(const char *url, const char *direct, unsigned connections, db **ret,
                           cinema_error *err)
{
    const db_options o = {
        .url = url, .direct_url = direct, .connections = connections, .log = remember
    };
    return pg_module()->open(&o, ret, err);
}

void pg_other_url(char *to, size_t size, const char *base, const char *login, const char *name,
                  const char *parameters)
{
    const char *start = strstr(base, "://") + 3, *at = strrchr(base, '@'), *slash = strchr(at, '/');
    int user = (int)(at - start), host = (int)(slash - at);
    snprintf(to, size, "postgres://%.*s%.*s/%s%s", login ? (int)strlen(login) : user,
             login ? login : start, host, at, name ? name : slash + 1, parameters);
}

void pg_direct_url(char *to, size_t size, const char *url)
{
    const char *admin = getenv("CINEMA_TEST_ADMIN_URL");
    pg_other_url(to, size, admin && *admin ? admin : url, NULL, strrchr(url, '/') + 1, "");
}

db_statement pg_sql_with(const char *text, const db_value *values, size_t count)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *p = text; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    return (db_statement){
        .text = text, .length = strlen(text), .hash = hash, .values = values, .count = count
    };
}

db_statement pg_sql(const char *text)
{
    return pg_sql_with(text, NULL, 0);
}
