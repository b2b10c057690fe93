/* access_test.c - every operation there is, asked by every kind of caller over HTTP or, what has no
 * path, by name: who may is who its row says, and everybody else is told nothing. An operation of
 * tomorrow is in this matrix without a line of this file.
 */
#include "role/role_help.h"

#include "call/op.h"
#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>

static const char stranger[] = "01890a5d-ac96-774b-bcce-b302099a8057";

static int count; /* of accounts */
static arena *kept;

static void migrate(const char *url)
{
    cinema_migrations *m = NULL;
    OK(cinema_open(url, &c, &err));
    OK(cinema_migrate(c, &m, &err));
    cinema_migrations_free(m);
    cinema_close(c);
}

/* Nothing is limited: each question is one of hundreds. */
static void unlimited(void)
{
    static const char *const names[] = {
        "SIGN_IN_ACCOUNT",  "SIGN_IN_ADDRESS", "SECOND_FACTOR",
        "REGISTER_ADDRESS", "MAIL_ACCOUNT",    "REQUESTS_ADDRESS"
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char name[64];
        snprintf(name, sizeof name, "CINEMA_LIMIT_%s", names[i]);
        setenv(name, "off", 1);
    }
    setenv("CINEMA_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 1);
}

static void start(void)
{
    char url[512];
    unlimited();
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
    kept = arena_new(0, 0);
}

static void stop(void)
{
    arena_free(kept);
    cinema_close(c);
}

FIXTURE(start, stop)

/* ---- callers --------------------------------------------------------------------------------- */

typedef struct person {
    account account;
    const char *session_id, *token;
} person;

static person sign_in(account who)
{
    static const cinema_caller caller = { .address = "192.0.2.7", .user_agent = "test" };
    session_grant g;
    session_tokens t;
    db_tx *tx = NULL;
    OK(session__ready(c, &err));
    OK(db_begin(c, &tx, &err));
    OK(session__start(c, tx, who.nr, who.id, "password", &caller, kept, &g, &err));
    OK(db_commit(&tx, &err));
    OK(session__tokens(c, &g, kept, &t, &err));
    return (person){ who, g.session_id, t.access_token };
}

/* Somebody new with a role and a session of their own: what is asked may end either. */
static person new_person(const char *role)
{
    char email[40];
    const account in = { .email = email, .name = "Somebody", .email_verified_at = 1 };
    account a = { 0 };
    db_tx *tx = NULL;
    snprintf(email, sizeof email, "%d@example.org", ++count);
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &in, kept, &a, &err));
    OK(role__set(c, tx, a.nr, (cinema_texts){ &role, 1 }, kept, &err));
    OK(db_commit(&tx, &err));
    return sign_in(a);
}

static const char *setup_token(void)
{
    static char token[100];
    char path[600];
    OK(cinema_setup_token_path(c, path, sizeof path, &err));
    FILE *f = fopen(path, "r");
    ck_assert(f && fgets(token, sizeof token, f));
    fclose(f);
    token[strcspn(token, "\r\n")] = '\0';
    return token;
}

/* ---- questions ------------------------------------------------------------------------------- */

/* The path with something that is not there in place of each parameter; `session`: of that one. */
static const char *target(const op *o, const char *session)
{
    static char path[400];
    size_t n = 0;
    for (const char *p = o->path; *p && n + 80 < sizeof path; p++) {
        if (*p != '{') {
            path[n++] = *p;
            continue;
        }
        bool own = session && !strncmp(p, "{session_id}", 12);
        bool id = strstr(p, "_id}") && strchr(p, '}') == strstr(p, "_id}") + 3;
        n += (size_t)snprintf(path + n, sizeof path - n, "%s",
                              own  ? session
                              : id ? stranger
                                   : "nothing-of-ours");
        p = strchr(p, '}');
    }
    path[n] = '\0';
    return path;
}

static int over_http(const op *o, const char *token, const char *session, char *code, size_t size)
{
    char bearer[4000], type[100];
    bool body = strcmp(o->method, "GET") && strcmp(o->method, "DELETE");
    const char *accepts = o->accepts ? o->accepts : "application/json";
    snprintf(bearer, sizeof bearer, "Bearer %s", token ? token : "");
    snprintf(type, sizeof type, "%.*s", (int)strcspn(accepts, " "), accepts);
    const cinema_http_header headers[] = { { "Content-Type", type }, { "Authorization", bearer } };
    cinema_http_request q = { .method = o->method,
                              .target = target(o, session),
                              .headers = headers,
                              .header_count = token ? 2 : 1,
                              .body = "{}",
                              .body_length = body ? 2 : 0,
                              .address = "127.0.0.1" };
    cinema_http_response *r = NULL;
    OK(cinema_http(c, &q, &r, &err));
    int status = r->status;
    ck_assert_str_eq(r->operation, o->name);
    snprintf(code, size, "%s", r->code);
    if (status == 401 || status == 403) /* and no data */
        ck_assert_ptr_nonnull(strstr(r->body, "\"status\":"));
    ck_assert_msg(status < 500 || status == 503, "%s: %d %s", o->name, status, code);
    cinema_http_response_free(r);
    return status;
}

static int by_name(const op *o, const char *token, bool system, char *code, size_t size)
{
    const cinema_caller caller = { .token = token, .system = system, .address = "127.0.0.1" };
    char *text = NULL;
    cinema_status s = cinema_call(c, &caller, o->name, "{}", &text, &err);
    cinema_text_free(text);
    snprintf(code, size, "%s", s ? err.reason : "");
    return cinema_status_describe((int)s)->http;
}

typedef enum verdict { PASSES, NOT_SIGNED_IN, NOT_ALLOWED } verdict;

static bool is_word_of(cinema_status s, const char *code)
{
    return !strcmp(cinema_status_describe((int)s)->word, code);
}

/* What a row says is the first thing asked; a refusal with a reason of its own is the operation's.
 */
static verdict verdict_of(int status, const char *code)
{
    if (status == 401 && is_word_of(CINEMA_UNAUTHENTICATED, code))
        return NOT_SIGNED_IN;
    return status == 403 && is_word_of(CINEMA_FORBIDDEN, code) ? NOT_ALLOWED : PASSES;
}

static int wrong;

static void judge(const op *o, const char *who, verdict want, int status, const char *code)
{
    static const char *const words[] = { "passes", "has to sign in", "is not allowed" };
    verdict got = verdict_of(status, code);
    if (got == want)
        return;
    printf("%s (%s) by %s: %s, but should be: %s (%d %s)\n", o->name, o->permission, who,
           words[got], words[want], status, code);
    wrong++;
}

static void matrix_done(void)
{
    fflush(stdout);
    ck_assert_int_eq(wrong, 0);
}

#define EACH(o) for (const op *o = op_next(NULL); o; o = op_next(o))

/* ---- the matrix ------------------------------------------------------------------------------ */

static verdict wanted(const op *o, bool known, bool account_, const char *permissions)
{
    bool may;
    if (!*o->permission)
        return PASSES;
    if (!strcmp(o->permission, SIGNED_IN))
        may = account_;
    else if (!strcmp(o->permission, SYSTEM))
        may = false;
    else
        may = !strcmp(permissions, "*") || !strcmp(permissions, o->permission);
    return may ? PASSES : known ? NOT_ALLOWED : NOT_SIGNED_IN;
}

static void ask(const op *o, const char *who, const char *token, verdict want)
{
    char code[64];
    int status = o->path ? over_http(o, token, NULL, code, sizeof code)
                         : by_name(o, token, false, code, sizeof code);
    judge(o, who, want, status, code);
}

TEST(nobody_may_what_is_for_anyone)
{
    EACH(o) ask(o, "nobody", NULL, wanted(o, false, false, ""));
    matrix_done();
}

/* What passes may change who asked: each of those is asked by somebody new. */
static void ask_all(const char *who, const char *role, const char *permissions)
{
    person refused = new_person(role);
    EACH(o)
    {
        verdict want = wanted(o, true, true, permissions);
        ask(o, who, want == PASSES ? new_person(role).token : refused.token, want);
    }
}

static const struct kind {
    const char *role, *permissions;
} kinds[] = { { "viewer", "" }, { "editor", "content.write" }, { "admin", "*" } };

TEST_EACH(an_account_may_what_its_role_says, 3)
{
    new_person("admin"); /* there is always one more */
    ask_all(kinds[_i].role, kinds[_i].role, kinds[_i].permissions);
    matrix_done();
}

TEST(each_permission_opens_its_own_operations_and_no_others)
{
    new_person("admin"); /* or the role could not lose its first permission, "*" */
    for (const role_permission *p = cinema__permissions; p->name; p++) {
        cinema_role *r = NULL;
        OK(cinema_role_set(c, "one-word", &(cinema_role_input){ .permissions = { &p->name, 1 } },
                           &r, &err));
        cinema_role_free(r);
        ask_all(p->name, "one-word", p->name);
    }
    matrix_done();
}

TEST(the_set_up_token_may_all_but_be_somebody)
{
    const char *token = setup_token();
    EACH(o) ask(o, "set-up token", token, wanted(o, true, false, "*"));
    matrix_done();
}

TEST(a_trusted_process_may_all_but_be_somebody)
{
    char code[64];
    EACH(o)
    if (o->nature != STREAM) {
        bool own = !strcmp(o->permission, SIGNED_IN);
        judge(o, "system", own ? NOT_ALLOWED : PASSES, by_name(o, NULL, true, code, sizeof code),
              code);
    }
    matrix_done();
}

TEST(a_token_that_is_no_good_opens_nothing)
{
    static const char *const tokens[] = { "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30." };
    char code[64];
    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        EACH(o)
    if (o->path && *o->permission && !(o->flags & LOOPBACK)) {
        int status = over_http(o, tokens[i], NULL, code, sizeof code);
        ck_assert_msg(status == 401, "%s: %d %s", o->name, status, code);
    }
}

/* ---- what is somebody's own ------------------------------------------------------------------ */

static int64_t sessions_of(const account *who)
{
    static const char text[] = "SELECT count(*) FROM session WHERE account_nr = $1";
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, (db_text){ "sessions", text, text }, "i", who->nr);
    OK(db_read(c, &sql, kept, &rows, &err));
    return rows.first->cells[0].number;
}

/* Administrators have operations of their own for that. */
TEST(the_sessions_of_others_are_not_there)
{
    char code[64];
    person ada = new_person("admin"), bob = new_person("viewer");
    EACH(o)
    {
        if (!o->path || strncmp(o->path, "/v1/me/", 7) || !strstr(o->path, "{session_id}"))
            continue;
        int status = over_http(o, ada.token, bob.session_id, code, sizeof code);
        ck_assert_msg(status == 404, "%s: %d %s", o->name, status, code);
    }
    ck_assert_int_eq(sessions_of(&bob.account), 1);
}
