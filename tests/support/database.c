/* database.c - a new database for each test: a file, or on the server of CINEMA_TEST_URL.
 * There it is made and dropped over CINEMA_TEST_ADMIN_URL where that is set, because a pooler keeps
 * connections open that are in the way of CREATE DATABASE ... TEMPLATE and DROP.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

#ifdef CINEMA_TEST_POSTGRES
#include <libpq-fe.h>

static char dropped_at_exit[8][64];
static size_t dropped_count;
#endif

bool test_on_postgres(void)
{
    const char *url = getenv("CINEMA_TEST_URL");
    return url && !strncmp(url, "postgres", 8);
}

bool test_on_pooler(void)
{
    const char *admin = getenv("CINEMA_TEST_ADMIN_URL");
    return test_on_postgres() && admin && *admin && strcmp(admin, getenv("CINEMA_TEST_URL")) != 0;
}

#ifdef CINEMA_TEST_POSTGRES
static const char *admin_url(void)
{
    const char *admin = getenv("CINEMA_TEST_ADMIN_URL");
    return admin && *admin ? admin : getenv("CINEMA_TEST_URL");
}

/* `base` with another database: scheme://user:password@host:port/THIS?parameters */
static void url_of(const char *base, const char *name, char *url, size_t size)
{
    const char *host = strstr(base, "://");
    ck_assert_msg(host != NULL, "CINEMA_TEST_URL is no URL");
    size_t head = (size_t)(host - base) + 3 + strcspn(host + 3, "/?");
    const char *query = strchr(base + head, '?');
    test__print(url, size, "%.*s/%s%s", (int)head, base, name, query ? query : "");
}

/* Runs one statement as administrator; `answer` gets the first value, "" if there is none. */
static bool admin(const char *sql, char *answer, size_t size, char *error, size_t error_size)
{
    PGconn *pg = PQconnectdb(admin_url());
    PGresult *r = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(r);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (answer)
        snprintf(answer, size, "%s", ok && PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
    if (!ok && error)
        snprintf(error, error_size, "%s", PQerrorMessage(pg));
    PQclear(r);
    PQfinish(pg);
    return ok;
}

/* `how`: " TEMPLATE name" and the like, or "". */
static void create(const char *name, const char *how)
{
    char sql[256], error[512] = "";
    test__print(sql, sizeof sql, "CREATE DATABASE %s%s", name, how);
    ck_assert_msg(admin(sql, NULL, 0, error, sizeof error), "%s: %s", sql, error);
}

static void drop(const char *name)
{
    char sql[256];
    test__print(sql, sizeof sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
    admin(sql, NULL, 0, NULL, 0);
}

static void drop_at_exit(void)
{
    for (size_t i = 0; i < dropped_count; i++)
        drop(dropped_at_exit[i]);
}

/* All names of a program start with the random part of its scratch folder, in lower case; that of
 * `folder` follows. */
static void database_name(const char *folder, char *name, size_t size)
{
    const char *parts[] = { strrchr(test__scratch(), '.'), folder ? strrchr(folder, '/') : "/" };
    char hex[40] = "";
    size_t n = 0;
    for (size_t i = 0; i < 2; i++)
        for (const char *p = parts[i] + 1; *p && n + 3 < sizeof hex; p++, n += 2)
            snprintf(hex + n, 3, "%02x", (unsigned char)*p);
    test__print(name, size, "t_%s", hex);
}

/* In place of what a database is copied from. */
static const char icu[] = " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";

static void on_server(const char *folder, const char *from, char *url, size_t size)
{
    char name[64], template[64], how[96] = "";
    database_name(folder, name, sizeof name);
    if (from == icu) {
        test__print(how, sizeof how, "%s", icu);
    } else if (from) {
        database_name(from, template, sizeof template);
        test__print(how, sizeof how, " TEMPLATE %s", template);
    }
    create(name, how);
    if (dropped_count == 0)
        atexit(drop_at_exit);
    if (dropped_count < sizeof dropped_at_exit / sizeof *dropped_at_exit)
        snprintf(dropped_at_exit[dropped_count++], sizeof *dropped_at_exit, "%s", name);
    url_of(getenv("CINEMA_TEST_URL"), name, url, size);
}

void test_database_icu(char *url, size_t size)
{
    char folder[320];
    test_folder(folder, sizeof folder);
    setenv("CINEMA_DATA_DIR", folder, 1);
    on_server(folder, icu, url, size);
}

void test_direct_url(const char *url, char *direct, size_t size)
{
    const char *name = strrchr(url, '/') + 1;
    char database[64];
    test__print(database, sizeof database, "%.*s", (int)strcspn(name, "?"), name);
    url_of(admin_url(), database, direct, size);
}

static void template_on_server(const char *folder, char *url, size_t size)
{
    char name[64];
    database_name(folder, name, sizeof name);
    create(name, "");
    url_of(admin_url(), name, url, size);
}

void test__database_end(void)
{
    char prefix[64], sql[256], name[128];
    if (!test_on_postgres())
        return;
    database_name(NULL, prefix, sizeof prefix);
    test__print(sql, sizeof sql, "SELECT datname FROM pg_database WHERE datname LIKE '%s%%'",
                prefix);
    while (admin(sql, name, sizeof name, NULL, 0) && *name)
        drop(name);
}
#else
static void on_server(const char *folder, const char *from, char *url, size_t size)
{
    (void)folder, (void)from, (void)url, (void)size;
    ck_abort_msg("CINEMA_TEST_URL is set, but this was built without PostgreSQL");
}

void test_database_icu(char *url, size_t size)
{
    on_server(NULL, NULL, url, size);
}

void test_direct_url(const char *url, char *direct, size_t size)
{
    on_server(url, NULL, direct, size);
}

static void template_on_server(const char *folder, char *url, size_t size)
{
    on_server(folder, NULL, url, size);
}

void test__database_end(void)
{
}
#endif

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    size_t n;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    struct stat st;
    ck_assert_msg(in && out && !fstat(fileno(in), &st), "%s: %s", from, strerror(errno));
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        ck_assert_uint_eq(fwrite(block, 1, n, out), n);
    ck_assert(!fchmod(fileno(out), st.st_mode & 0777) && !fclose(out));
    fclose(in);
}

/* The plain files of a folder: database and key. */
static void copy_folder(const char *from, const char *to)
{
    char source[512], target[512];
    struct stat st;
    DIR *dir = opendir(from);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        test__print(source, sizeof source, "%s/%s", from, e->d_name);
        test__print(target, sizeof target, "%s/%s", to, e->d_name);
        if (!lstat(source, &st) && S_ISREG(st.st_mode))
            copy_file(source, target);
    }
    closedir(dir);
}

static void new_database(const char *from, char *url, size_t size)
{
    char folder[320];
    test_folder(folder, sizeof folder);
    setenv("CINEMA_DATA_DIR", folder, 1);
    if (from)
        copy_folder(from, folder);
    if (test_on_postgres())
        on_server(folder, from, url, size);
    else
        test__print(url, size, "sqlite:%s/cinema.db", folder);
}

void test_database(char *url, size_t size)
{
    new_database(NULL, url, size);
}

/* Fills a database and notes its folder in the file `done`. */
static void make_template(void (*prepare)(const char *url), const char *done)
{
    char folder[320], url[1024];
    test_folder(folder, sizeof folder);
    setenv("CINEMA_DATA_DIR", folder, 1);
    if (test_on_postgres())
        template_on_server(folder, url, sizeof url);
    else
        test__print(url, sizeof url, "sqlite:%s/cinema.db", folder);
    prepare(url);
    FILE *f = fopen(done, "w");
    ck_assert(f && fputs(folder, f) >= 0 && !fclose(f));
}

/* Each test is a process, so what one prepared is known to the next by a file. */
void test_database_from(void (*prepare)(const char *url), char *url, size_t size)
{
    char folder[320], done[320];
    test__print(done, sizeof done, "%s/%" PRIxPTR, test__scratch(), (uintptr_t)prepare);
    if (access(done, F_OK))
        make_template(prepare, done);
    FILE *f = fopen(done, "r");
    ck_assert(f && fgets(folder, sizeof folder, f) && !fclose(f));
    new_database(folder, url, size);
}
