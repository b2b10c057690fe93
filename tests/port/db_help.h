/* db_help.h - what the tests of the SQL port share: a database on whatever driver the tests are run
 * with, and statements in one line. Each thread of a test has its own arena and error.
 */
#ifndef TEST_PORT_DB_HELP_H
#define TEST_PORT_DB_HELP_H

#include "base/clock.h"
#include "base/uuid.h"
#include "port/db/db.h"
#include "support/driver.h"
#include "test.h"

#include <pthread.h>

enum { PATIENCE_MS = 30000 };

extern _Thread_local arena *a;
extern _Thread_local cinema_error err;
extern char url[1024];
extern const db_driver *driver;
extern db *d;

/* Before and after each test: a new database, opened. */
void db_start(void);
void db_stop(void);
/* Another handle on it, whose log goes to driver_hear; 0 connections: the driver's own number. */
db *db_another(unsigned connections);

int64_t soon(int64_t ms); /* a deadline */
db_statement sql(const char *text);

/* One letter a parameter, as in db_add, but b is an int: t i I d b u x. */
cinema_status run(db_tx *tx, db_rows *rows, const char *text, const char *letters, ...);
cinema_status get(db *from, db_rows *rows, const char *text, const char *letters, ...);

/* These fail the test where they fail. */
db_tx *begin(void);
void commit(db_tx *tx);
void script(const char *text); /* in a transaction of its own */
void change(const char *text); /* one statement in a transaction of its own */
int64_t number(const char *text);

/* A transaction of one INSERT ... VALUES ($1, $2) with two numbers; the outcome of its commit. */
cinema_status add(db *to, const char *text, int64_t one, int64_t two, int64_t deadline);

/* Runs fn(i) on `count` threads at once, i from 0; each has its own arena. What the functions
 * return is added up. */
int64_t together(int count, int64_t (*fn)(int i));

#endif
