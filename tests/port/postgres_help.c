/* postgres_help.c - what the tests of the PostgreSQL driver share.
 */
#include "port/postgres_help.h"

#include "support/driver.h"

#include <stdio.h>

const db_driver *pg_module(void)
{
    static const db_driver *driver;
    if (!driver)
        driver = driver_module("postgres", DB_DRIVER_SYMBOL);
    return driver;
}

cinema_status pg_test_open(const char *url, const char *direct, unsigned connections, db **ret,
                           cinema_error *err)
{
    const db_options o = {
        .url = url, .direct_url = direct, .connections = connections, .log = driver_hear
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
