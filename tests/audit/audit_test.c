/* audit_test.c - entries that are written, and lists of them. Mirrors lib/audit/audit.c.
 */
#include "test.h"

#include "audit/audit.h"
#include "base/buffer.h"

#include <cinema/cinema.h>

#include <jansson.h>
#include <stdio.h>

static cinema *c;
static cinema_error err;

static void migrate(const char *url)
{
    cinema_migrations *m = NULL;
    OK(cinema_open(url, &c, &err));
    OK(cinema_migrate(c, &m, &err));
    cinema_migrations_free(m);
    cinema_close(c);
}

static void start(void)
{
    char url[512];
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

#define ADA "01890a5d-ac96-774b-bcce-b302099a8057"
#define BOB "01890a5d-ac96-774b-bcce-b302099a8058"

/* A clock that stands still where a test says so. */
static int64_t moment;

static int64_t standing(void *user)
{
    (void)user;
    return moment;
}

static void add(const cinema_caller *caller, const audit_entry *e)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(audit__add(c, tx, caller, e, a, &err));
    OK(db_commit(&tx, &err));
}

static void add_one(const char *action, const char *actor_id, const char *account_id)
{
    add(NULL,
        &(audit_entry){
            .action = action, .actor = "user", .actor_id = actor_id, .account_id = account_id });
}

static cinema_audit_page *list(const cinema_audit_query *q)
{
    cinema_audit_page *p = NULL;
    OK(cinema_audit_list(c, q, &p, &err));
    return p;
}

/* The actions of a list, with spaces between. */
static void gives(const cinema_audit_query *q, const char *want)
{
    CLEANUP(buffer_done) buffer got = BUFFER(1000);
    cinema_audit_page *p = list(q);
    buffer_text(&got, "");
    for (size_t i = 0; i < p->count; i++)
        buffer_format(&got, "%s%s", i ? " " : "", p->items[i]->action);
    ck_assert_str_eq(p->count ? got.bytes : "", want);
    cinema_audit_page_free(p);
}

TEST(an_entry_says_who_did_what_when_and_from_where)
{
    const cinema_caller caller = { .address = "192.0.2.7",
                                   .user_agent = "curl/8.0",
                                   .request_id = "r-1" };
    moment = 1700000000000;
    c->wall_ms = standing;
    add(&caller, &(audit_entry){ .action = "role.set",
                                 .actor = "user",
                                 .actor_id = ADA,
                                 .account_id = BOB,
                                 .target = "editor",
                                 .detail = "{\"n\":1}" });
    cinema_audit_page *p = list(NULL);
    ck_assert_uint_eq(p->count, 1);
    const cinema_audit_entry *e = p->items[0];
    ck_assert_str_eq(e->action, "role.set");
    ck_assert_str_eq(e->actor, "user");
    ck_assert_str_eq(e->actor_id, ADA);
    ck_assert_str_eq(e->account_id, BOB);
    ck_assert_str_eq(e->target, "editor");
    ck_assert_str_eq(e->address, "192.0.2.7");
    ck_assert_str_eq(e->user_agent, "curl/8.0");
    ck_assert_str_eq(e->request_id, "r-1");
    ck_assert_str_eq(e->detail, "{\"n\":1}");
    ck_assert_int_eq(e->at, moment);
    ck_assert_int_eq(p->total, CINEMA_ABSENT);
    cinema_audit_page_free(p);
}

TEST(an_entry_of_a_process_has_no_address)
{
    add(NULL, &(audit_entry){ .action = "user.create", .actor = "system" });
    cinema_audit_page *p = list(NULL);
    ck_assert_ptr_null(p->items[0]->address);
    ck_assert_ptr_null(p->items[0]->actor_id);
    ck_assert_ptr_null(p->items[0]->detail);
    cinema_audit_page_free(p);
}

TEST(what_a_client_calls_itself_cannot_keep_an_act_from_being_done)
{
    char agent[5000];
    memset(agent, 'x', sizeof agent);
    agent[0] = (char)0xFF; /* no UTF-8: PostgreSQL would refuse the row */
    agent[1] = '\n';
    agent[sizeof agent - 1] = '\0';
    add(&(cinema_caller){ .user_agent = agent, .address = agent },
        &(audit_entry){ .action = "session.start", .actor = "nobody", .actor_id = "no uuid" });
    cinema_audit_page *p = list(NULL);
    ck_assert_uint_eq(strlen(p->items[0]->user_agent), 256);
    ck_assert_int_eq(strncmp(p->items[0]->user_agent, "??xxx", 5), 0);
    ck_assert_ptr_null(p->items[0]->actor_id);
    cinema_audit_page_free(p);
}

TEST(an_act_that_is_undone_leaves_no_entry)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(audit__add(c, tx, NULL, &(audit_entry){ .action = "a.b", .actor = "system" }, a, &err));
    db_rollback(&tx);
    gives(NULL, "");
}

TEST(the_newest_comes_first_and_pages_go_on_behind_each_other)
{
    CLEANUP(buffer_done) buffer seen = BUFFER(1000);
    char action[16];
    cinema_audit_query q = { .limit = 3 };
    cinema_audit_page *p = NULL;
    char after[2000];
    for (int i = 0; i < 8; i++) {
        snprintf(action, sizeof action, "n.%c", 'a' + i);
        add_one(action, ADA, NULL);
    }
    c->wall_ms = standing; /* the last four are of one moment */
    moment = clock_wall_ms() + 1000;
    for (int i = 0; i < 4; i++) {
        snprintf(action, sizeof action, "n.%c", 'w' + i);
        add_one(action, ADA, NULL);
    }
    for (;;) {
        p = list(&q);
        for (size_t i = 0; i < p->count; i++)
            buffer_text(&seen, p->items[i]->action + 2);
        if (!p->next)
            break;
        snprintf(after, sizeof after, "%s", p->next);
        cinema_audit_page_free(p);
        q.after = after;
    }
    cinema_audit_page_free(p);
    ck_assert_str_eq(seen.bytes, "zyxwhgfedcba");
}

TEST(a_list_is_filtered_by_who_by_whom_by_what_and_by_when)
{
    c->wall_ms = standing;
    moment = 1000;
    add_one("one.a", ADA, NULL);
    moment = 2000;
    add_one("two.a", ADA, BOB);
    moment = 3000;
    add_one("three.a", BOB, BOB);
    int64_t from = 2000, to = 2000;
    gives(&(cinema_audit_query){ .actor_id = ADA }, "two.a one.a");
    gives(&(cinema_audit_query){ .account_id = BOB }, "three.a two.a");
    gives(&(cinema_audit_query){ .actor_id = ADA, .account_id = BOB }, "two.a");
    gives(&(cinema_audit_query){ .action = "three.a" }, "three.a");
    gives(&(cinema_audit_query){ .from = &from }, "three.a two.a");
    gives(&(cinema_audit_query){ .to = &to }, "two.a one.a");
    gives(&(cinema_audit_query){ .from = &from, .to = &to }, "two.a");
    gives(&(cinema_audit_query){ .action = "nothing" }, "");
}

TEST(a_cursor_is_good_for_its_own_filters)
{
    cinema_audit_page *p = NULL, *none = NULL;
    char after[2000];
    add_one("one.a", ADA, BOB);
    add_one("two.a", ADA, BOB);
    p = list(&(cinema_audit_query){ .limit = 1 });
    snprintf(after, sizeof after, "%s", p->next);
    cinema_audit_page_free(p);
    GIVES(CINEMA_INVALID,
          cinema_audit_list(c, &(cinema_audit_query){ .after = after, .actor_id = ADA }, &none,
                            &err));
    ck_assert_str_eq(err.field, "after");
    GIVES(CINEMA_INVALID,
          cinema_audit_list(c, &(cinema_audit_query){ .actor_id = "ada" }, &none, &err));
    ck_assert_str_eq(err.field, "actor_id");
    ck_assert_ptr_null(none);
}

/* ---- the JSON door --------------------------------------------------------------------------- */

TEST(the_log_is_for_those_who_may_read_it)
{
    const cinema_caller system = { .system = true };
    char *text = NULL;
    add_one("one.a", ADA, BOB);
    GIVES(CINEMA_UNAUTHENTICATED, cinema_call(c, NULL, "audit.list", NULL, &text, &err));
    cinema_text_free(text);
    OK(cinema_call(c, &system, "audit.list", "{\"action\": \"one.a\"}", &text, &err));
    json_t *v = json_loads(text, 0, NULL);
    const json_t *e = json_array_get(json_object_get(v, "items"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(e, "account_id")), BOB);
    ck_assert(json_is_null(json_object_get(v, "next")));
    json_decref(v);
    cinema_text_free(text);
}

static void is_actor(identity who, const char *actor, const char *id)
{
    const op_call k = { .who = who };
    audit_entry e = audit__by(&k, "a.b");
    ck_assert_str_eq(e.actor, actor);
    ck_assert(id ? e.actor_id && !strcmp(e.actor_id, id) : !e.actor_id);
}

TEST(an_actor_is_a_user_the_system_the_set_up_token_or_nobody)
{
    is_actor((identity){ 0 }, "nobody", NULL);
    is_actor((identity){ .known = true, .system = true, .name = "system" }, "system", NULL);
    is_actor((identity){ .known = true, .name = "set-up token" }, "set-up token", NULL);
    is_actor((identity){ .known = true, .name = "user", .account_nr = 7, .account_id = ADA },
             "user", ADA);
}
