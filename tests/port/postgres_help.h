/* postgres_help.h - what the tests of the PostgreSQL driver share: the module, loaded as programs
 * load it, and statements in one line.
 */
#ifndef TEST_PORT_POSTGRES_HELP_H
#define TEST_PORT_POSTGRES_HELP_H

#include "base/clock.h"
#include "base/status.h"
#include "port/db/db.h"
#include "support/driver.h"

/* The driver; NULL: its module was not built (say so and skip). */
const db_driver *pg_module(void);
#define NEED_MODULE                                                                                \
    if (!pg_module())                                                                              \
    SKIP("there is no module cinema-postgres.so")

#define NEED_SERVER                                                                                \
    NEED_MODULE;                                                                                   \
    if (!test_on_postgres())                                                                       \
    SKIP("CINEMA_TEST_URL names no PostgreSQL server")

/* Opens; what is logged goes to driver_hear. */
cinema_status pg_test_open(const char *url, const char *direct, unsigned connections, db **ret,
                           cinema_error *err);

/* `base` with another user:password or database (NULL: the same) and with parameters. */
void pg_other_url(char *to, size_t size, const char *base, const char *login, const char *name,
                  const char *parameters);
/* The same database as `url` without a pooler between. */
void pg_direct_url(char *to, size_t size, const char *url);

/* A statement without values, its hash made from its text. */
db_statement pg_sql(const char *text);
db_statement pg_sql_with(const char *text, const db_value *values, size_t count);

static inline int64_t in_ms(int64_t ms)
{
    return clock_monotonic_ms() + ms;
}

#define PG_INT(n) ((db_value){ .type = DB_INT, .declared = DB_INT, .number = (n) })
#define PG_TEXT(s)                                                                                 \
    ((db_value){ .type = DB_TEXT, .declared = DB_TEXT, .length = (uint32_t)strlen(s), .text = (s) })

#endif
