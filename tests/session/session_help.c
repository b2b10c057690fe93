/* session_help.c - what tests of sessions share.
 */
#include "session/session_help.h"

#include <stdlib.h>

cinema *c;
cinema_error err;
arena *a;
char url[600];
int64_t account_nr;
int64_t wall;

static int64_t clock_of_test(void *user)
{
    (void)user;
    return wall ? wall : clock_wall_ms();
}

static void migrate(const char *database)
{
    cinema *m = NULL;
    cinema_migrations *done = NULL;
    OK(cinema_open(database, &m, &err));
    OK(cinema_migrate(m, &done, &err));
    cinema_migrations_free(done);
    cinema_close(m);
}

/* An account as the user room would write it. */
static void add_account(void)
{
    static const char insert[] =
        "INSERT INTO account (id, revision, status, email, email_key, name, password_reset_needed,"
        " roles, permissions, created_at, updated_at) VALUES ($1, 1, 'active', 'ann@example.org',"
        " 'ann@example.org', 'Ann', $2 = true, 'viewer', 'content.write', 0, 0) RETURNING nr";
    db_tx *tx = NULL;
    db_rows rows;
    db_sql sql;
    uuid id;
    uuid_parse(ACCOUNT, &id);
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "insert", insert, insert }, "ub", &id, 0);
    OK(db_run(tx, &sql, a, &rows, &err));
    account_nr = rows.first->cells[0].number;
    OK(db_commit(&tx, &err));
}

void session_start(void)
{
    test_database_from(migrate, url, sizeof url);
    setenv("CINEMA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    OK(cinema_open(url, &c, &err));
    c->wall_ms = clock_of_test;
    ck_assert_ptr_nonnull(a = arena_new(0, 0));
    add_account();
}

void session_stop(void)
{
    arena_free(a);
    cinema_close(c);
}

void reopen(const char *name, const char *value)
{
    setenv(name, value, 1);
    cinema_close(c);
    OK(cinema_open(url, &c, &err));
    c->wall_ms = clock_of_test;
}

session_grant begin(void)
{
    static const cinema_caller caller = { .address = "192.0.2.7", .user_agent = "Test \xC3\xA9" };
    session_grant g;
    db_tx *tx = NULL;
    OK(session__ready(c, &err));
    OK(db_begin(c, &tx, &err));
    OK(session__start(c, tx, account_nr, ACCOUNT, "password", &caller, a, &g, &err));
    OK(db_commit(&tx, &err));
    return g;
}

session_tokens tokens_of(session_grant g)
{
    session_tokens t;
    OK(session__tokens(c, &g, a, &t, &err));
    return t;
}

cinema_status refresh(const char *token, session_grant *g)
{
    static const cinema_caller caller = { .address = "192.0.2.8" };
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    cinema_status s = session__refresh(c, tx, token, &caller, a, g, &err);
    if (s)
        db_rollback(&tx);
    else
        OK(db_commit(&tx, &err));
    return s;
}

cinema_status who(const char *token, identity *ret)
{
    bool ours;
    *ret = (identity){ 0 };
    return session__identify(c, token, a, ret, &ours, &err);
}
