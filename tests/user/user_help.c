/* user_help.c - what the tests of accounts start from.
 */
#include "user/user_help.h"

#include "audit/audit.h"
#include "base/handle.h"
#include "session/session.h"
#include "user/user.h"

#include <stdio.h>
#include <stdlib.h>

cinema *c;
cinema_error err;
arena *a;

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

void user_open(void)
{
    OK(cinema_open("sqlite:unused.db", &c, &err));
    a = arena_new(0, 0);
}

void user_close(void)
{
    arena_freep(&a);
    cinema_close(c);
    c = NULL;
}

static cinema_status identify(cinema *handle, const cinema_caller *caller, arena *of_call,
                              identity *ret, cinema_error *e)
{
    bool ours;
    if (caller->system || !caller->token) {
        *ret = (identity){ .known = caller->system, .system = caller->system, .name = "system" };
        return CINEMA_OK;
    }
    return session__identify(handle, caller->token, of_call, ret, &ours, e);
}

void user_start(void)
{
    char url[512];
    setenv("CINEMA_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
    c->identify = identify;
    a = arena_new(0, 0);
}

const char *add_user(const char *email, const char *name, const char *roles)
{
    const char *items[8] = { 0 };
    char copy[200], *rest = copy;
    cinema_user_input in = { .email = email, .name = name, .password = PASSWORD };
    cinema_user *u = NULL;
    snprintf(copy, sizeof copy, "%s", roles ? roles : "");
    for (; roles && *rest && in.roles.count < 8; in.roles.count++) {
        items[in.roles.count] = rest;
        rest += strcspn(rest, " ");
        if (*rest)
            *rest++ = '\0';
    }
    in.roles.items = roles ? items : NULL;
    OK(cinema_user_create(c, &in, &u, &err));
    const char *id = arena_copy(a, u->id, strlen(u->id));
    cinema_user_free(u);
    return id;
}

static db_rows run(const char *statement, const char *letters, ...)
{
    db_tx *tx = NULL;
    db_rows rows = { 0 };
    db_sql sql;
    va_list args;
    va_start(args, letters);
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    if (!strcmp(letters, "i"))
        db_add(&sql, (db_text){ "x", statement, statement }, "i", va_arg(args, int64_t));
    else {
        const char *first = va_arg(args, const char *);
        db_add(&sql, (db_text){ "x", statement, statement }, "tt", first,
               va_arg(args, const char *));
    }
    va_end(args);
    OK(db_run(tx, &sql, a, &rows, &err));
    OK(db_commit(&tx, &err));
    return rows;
}

void add_role(const char *name, const char *permissions)
{
    run("INSERT INTO role (name, revision, description, permissions, built_in, created_at,"
        " updated_at) VALUES ($1, 1, '', $2, false, 0, 0)",
        "tt", name, permissions);
}

int64_t count_of(const char *statement, int64_t nr)
{
    db_rows rows = run(statement, "i", nr);
    return rows.count ? rows.first->cells[0].number : CINEMA_ABSENT;
}

const char *sign_in(const char *id)
{
    static const cinema_caller caller = { .address = "192.0.2.1" };
    db_tx *tx = NULL;
    session_tokens tokens;
    session_grant grant;
    account x;
    OK(account__by_id(c, NULL, id, a, &x, &err));
    OK(session__ready(c, &err));
    OK(db_begin(c, &tx, &err));
    OK(session__start(c, tx, x.nr, x.id, "password", &caller, a, &grant, &err));
    OK(db_commit(&tx, &err));
    OK(session__tokens(c, &grant, a, &tokens, &err));
    return tokens.access_token;
}

cinema_status call(const char *token, const char *name, const char *json, const char **answer)
{
    cinema_caller caller = { .token = token, .system = !token };
    char *text = NULL;
    cinema_status s = cinema_call(c, &caller, name, json, &text, &err);
    if (answer)
        *answer = text ? arena_copy(a, text, strlen(text)) : "";
    cinema_text_free(text);
    return s;
}
