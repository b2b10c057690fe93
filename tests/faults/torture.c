/* torture.c - the loop that makes allocations fail, and what is looked at after each.
 */
#include "faults/torture.h"

#include "outbox/outbox.h"

#include "support/support.h"

#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SAMPLE = 8, SAMPLE_WARM = 24, SAMPLE_DEEP = 500, JSON_SIZE = 4096 };

cinema *c;
cinema_error err;
char torture_number[24];
char torture_made[TORTURE_MADE];
bool torture_kept, torture_done;

static char url[512];
static sqlite3 *watcher; /* another connection, to see what has been written */
static const torture_line *line;
static long number, point, points;
static const char *way;

bool torture_deep(void)
{
    return getenv("CINEMA_TEST_DEEP") != NULL;
}

/* ---- a database with something in it --------------------------------------------------------- */

static const char *const seeds[][2] = {
    { "genre.create", "{\"name\": \"Drama\"}" },
    { "person.create", "{\"name\": \"Akira Kurosawa\", \"born_on\": \"1910-03-23\"}" },
    { "movie.create", "{\"title\": \"Ran\", \"year\": 1985, \"status\": \"published\","
                      " \"genres\": [\"drama\"], \"external_ids\": {\"imdb\": \"tt0089881\"},"
                      " \"overview\": \"A lord gives his lands away.\"}" },
    { "movie.create", "{\"title\": \"Ikiru\", \"year\": 1952, \"status\": \"published\"}" },
    { "series.create", "{\"title\": \"Dekalog\", \"year\": 1988, \"status\": \"published\"}" },
    { "credits.set",
      "{\"title_id\": \"ran-1985\", \"cast\": [{\"person_id\":"
      " \"akira-kurosawa\", \"character\": \"Himself\"}], \"crew\": [{\"person_id\":"
      " \"akira-kurosawa\", \"department\": \"Directing\", \"job\": \"Director\"}]}" },
};

/* Somebody to give roles to. */
static const char account[] =
    "INSERT INTO account (id, revision, status, email, email_key, name, password_reset_needed, "
    "roles, permissions, created_at, updated_at) VALUES (x'01890a5dac96774bbcceb302099a8057', 1, "
    "'active', 'a@example.org', 'a@example.org', 'Ada', false, 'viewer', '', 0, 0);"
    "INSERT INTO account_role (account_nr, role_nr) SELECT 1, nr FROM role WHERE name = 'viewer'";

static void add_account(void)
{
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, account, &err));
    OK(db_commit(&tx, &err));
}

static void fill(const char *at)
{
    cinema_caller trusted = { .system = true };
    cinema_migrations *steps = NULL;
    OK(cinema_open(at, &c, &err));
    OK(cinema_migrate(c, &steps, &err));
    cinema_migrations_free(steps);
    add_account();
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        char *answer = NULL;
        OK(cinema_call(c, &trusted, seeds[i][0], seeds[i][1], &answer, &err));
        cinema_text_free(answer);
    }
    cinema_close(c);
}

/* A crash alone would not say which point it was. */
static void crashed(int signal_number)
{
    char text[200];
    int n = snprintf(text, sizeof text, "%s, %s: signal %d at point %ld\n", line ? line->call : "",
                     way ? way : "", signal_number, point);
    faults_end(NULL);
    if (write(STDOUT_FILENO, text, (size_t)n) < 0)
        _exit(3);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* Counted, but never too many. */
static const char *const limits[] = {
    "CINEMA_LIMIT_REQUESTS_ADDRESS", "CINEMA_LIMIT_SECOND_FACTOR",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT",  "CINEMA_LIMIT_SIGN_IN_ADDRESS",
    "CINEMA_LIMIT_REGISTER_ADDRESS", "CINEMA_LIMIT_MAIL_ACCOUNT",
};

void torture_start(void)
{
    signal(SIGSEGV, crashed);
    signal(SIGABRT, crashed);
    unsetenv("CINEMA_TEST_URL");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        setenv(limits[i], "1000000/1s", 1);
    setenv("CINEMA_EMAIL_VERIFICATION", "optional", 1);
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_ID", "films", 1);
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_SECRET", "hush", 1);
    test_database_from(fill, url, sizeof url);
}

void torture_stop(void)
{
}

static void watch(void)
{
    ck_assert_int_eq(sqlite3_open(url + strlen("sqlite:"), &watcher), SQLITE_OK);
}

/* What the process holds when nothing is open. */
static long blocks_at_rest(void)
{
    sqlite3_close(watcher);
    long blocks = faults_blocks();
    watch();
    return blocks;
}

static void ask(const char *question, char *answer, size_t size)
{
    sqlite3_stmt *s = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(watcher, question, -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    test__print(answer, size, "%s", (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
}

/* What any of our writes changes: rows, revisions, entries of the index. */
#define ROWS(table) "(SELECT count(*) FROM " table ") || ' ' || "
#define REVISIONS(table) "(SELECT total(revision) FROM " table ") || ' ' || "
static const char content[] = "SELECT " REVISIONS("title") REVISIONS("person") REVISIONS("genre")
    ROWS("title") ROWS("person") ROWS("genre") ROWS("credit") ROWS("title_genre")
        ROWS("title_external_id") ROWS("person_external_id") ROWS("title_old_slug")
            ROWS("title_search") ROWS("season") ROWS("cinema_schema") REVISIONS("account")
                REVISIONS("role") ROWS("role") ROWS("account_role") ROWS("audit") ROWS("session")
                    ROWS("one_time_token") ROWS("linked_identity") ROWS("outbox")
                        ROWS("outbox WHERE status = 'dead'") ROWS("signing_key") "''";

static void look_for_damage(void)
{
    char answer[300];
    sqlite3_stmt *s = NULL;
    ask("PRAGMA integrity_check", answer, sizeof answer);
    ck_assert_str_eq(answer, "ok");
    ck_assert_int_eq(sqlite3_prepare_v2(watcher, "PRAGMA foreign_key_check", -1, &s, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
}

void torture_dead_letter(cinema *other)
{
    static const char text[] = "UPDATE outbox SET status = 'dead', ended_at = created_at"
                               " WHERE nr = (SELECT max(nr) FROM outbox) RETURNING nr";
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_tx *tx = NULL;
    db_rows rows;
    db_sql sql;
    OK(db_begin(other, &tx, &err));
    OK(outbox__add(other, tx, "torture", NULL, "{}", a, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "dead", text, text }, "");
    OK(db_run(tx, &sql, a, &rows, &err));
    snprintf(torture_made, sizeof torture_made, "%lld", (long long)rows.first->cells[0].number);
    OK(db_commit(&tx, &err));
}

/* ---- one call -------------------------------------------------------------------------------- */

static void fill_in(char *to, size_t size, const char *pattern)
{
    size_t n = 0;
    for (const char *p = pattern; *p && n + TORTURE_MADE < size; p++)
        if (*p == '#' || *p == '@')
            n +=
                (size_t)snprintf(to + n, size - n, "%s", *p == '#' ? torture_number : torture_made);
        else
            to[n++] = *p;
    to[n] = '\0';
}

static void note_id(const char *answer)
{
    const char *id = strstr(answer, "\"id\":\"");
    const char *name = strstr(answer, "\"name\":\""); /* of what has no id */
    ck_assert_msg(id || name, "no id in %s", answer);
    id = id ? id + 6 : name + 8;
    snprintf(torture_made, sizeof torture_made, "%.*s", (int)strcspn(id, "\""), id);
}

/* By another handle, so that this one stays as cold as it is. */
static void prepare(void)
{
    cinema_caller trusted = { .system = true };
    char json[JSON_SIZE], *answer = NULL;
    cinema *other = NULL;
    snprintf(torture_number, sizeof torture_number, "%ld", ++number);
    if (!line->first && !line->before)
        return;
    OK(cinema_open(url, &other, &err));
    if (line->first) {
        fill_in(json, sizeof json, line->first_json);
        OK(cinema_call(other, &trusted, line->first, json, &answer, &err));
        note_id(answer);
        cinema_text_free(answer);
    }
    if (line->before)
        line->before(other);
    cinema_close(other);
}

/* A problem document is for failures too, so an answer proves nothing. */
static cinema_status through_the_door(void)
{
    static const cinema_caller trusted = { .system = true };
    static char json[JSON_SIZE];
    char *answer = NULL;
    fill_in(json, sizeof json, line->json ? line->json : "{}");
    cinema_status s = cinema_call(c, &trusted, line->call, json, &answer, &err);
    if (!s && !answer)
        torture_kept = true;
    torture_done = s && !strcmp(err.reason, "answer_lost");
    cinema_text_free(answer);
    return s;
}

static cinema_status run(void)
{
    torture_kept = torture_done = false;
    err = (cinema_error){ 0 };
    return line->run ? line->run() : through_the_door();
}

/* How many allocations failed in one run. */
static long attempt(long count)
{
    char before[400], after[400];
    prepare();
    ask(content, before, sizeof before);
    faults_memory(point, count);
    cinema_status s = run();
    long failed = faults_end(NULL);
    ck_assert_msg(!s || s == CINEMA_NO_MEMORY, "%s, %s, point %ld: %s: %s", line->call, way, point,
                  cinema_status_describe((int)s)->name, err.message);
    ck_assert_msg(!s || failed, "%s, %s: no memory although nothing failed", line->call, way);
    ck_assert_msg(!torture_kept, "%s, %s, point %ld: outcome and result contradict each other",
                  line->call, way, point);
    if (!s || torture_done)
        return failed;
    ask(content, after, sizeof after);
    if (line->spends)
        prepare(); /* another one to spend */
    else
        ck_assert_msg(!strcmp(before, after), "%s, %s, point %ld: failed, but has written: %s",
                      line->call, way, point, err.message);
    s = run();
    ck_assert_msg(!s && !torture_kept, "%s, %s, after point %ld: %s: %s", line->call, way, point,
                  cinema_status_describe((int)s)->name, err.message);
    return failed;
}

static long asked_by_one(void)
{
    long asked;
    prepare();
    faults_memory(LONG_MAX, 0);
    cinema_status s = run();
    faults_end(&asked);
    ck_assert_msg(!s && !torture_kept, "%s, %s: %s: %s", line->call, way,
                  cinema_status_describe((int)s)->name, err.message);
    return asked;
}

/* ---- all points ------------------------------------------------------------------------------ */

static long step_of(long asked, long sample)
{
    if (line->slow)
        sample /= torture_deep() ? 2 : 4;
    return asked / (torture_deep() && !line->slow ? SAMPLE_DEEP : sample) + 1;
}

static void with_one_handle(const char *name, long count)
{
    long failed = 1;
    way = name;
    OK(cinema_open(url, &c, &err));
    asked_by_one();
    long step = step_of(asked_by_one(), SAMPLE_WARM);
    for (point = 1; failed; point += step, points += failed > 0)
        failed = attempt(count);
    cinema_close(c);
}

static void with_new_handles(const char *name, long count)
{
    long failed = 1;
    way = name;
    OK(cinema_open(url, &c, &err));
    long step = step_of(asked_by_one(), SAMPLE);
    cinema_close(c);
    for (point = 1 + (number * 7) % step; failed; point += step, points += failed > 0) {
        long before = blocks_at_rest();
        OK(cinema_open(url, &c, &err));
        failed = attempt(count);
        cinema_close(c);
        ck_assert_msg(blocks_at_rest() == before, "%s, %s, after point %ld: blocks are left",
                      line->call, way, point);
    }
}

static void note(long done)
{
    char path[300];
    test__print(path, sizeof path, "%s/points", test__scratch());
    FILE *f = fopen(path, "a");
    ck_assert(f && fprintf(f, "%ld\n", done) > 0 && !fclose(f));
}

void torture_call(const torture_line *l)
{
    line = l;
    watch();
    with_new_handles("cold, one allocation fails", 1); /* first: what is made once a process */
    long before = blocks_at_rest();
    with_one_handle("warm, one allocation fails", 1);
    with_one_handle("warm, no more memory", LONG_MAX);
    ck_assert_msg(blocks_at_rest() == before, "%s, warm: blocks are left", l->call);
    with_new_handles("cold, no more memory", LONG_MAX);
    look_for_damage();
    sqlite3_close(watcher);
    printf("%s: %ld points\n", l->call, points);
    note(points);
    fflush(stdout);
}

void torture_sum(void)
{
    char path[300], text[32];
    long calls = 0, all = 0;
    test__print(path, sizeof path, "%s/points", test__scratch());
    FILE *f = fopen(path, "r");
    for (; f && fgets(text, sizeof text, f); calls++)
        all += strtol(text, NULL, 10);
    if (f)
        fclose(f);
    ck_assert_int_gt(calls, 0);
    printf("NOTE %ld calls without memory at %ld points\n", calls, all);
    fflush(stdout);
}

/* ---- completeness ---------------------------------------------------------------------------- */

/* Their lines are read as text: each is a program of its own. */
bool torture_elsewhere(const char *call)
{
    static const char *const others[] = { "accounts", "auth" };
    char path[600], text[300], name[128];
    bool found = false;
    snprintf(name, sizeof name, "(\"%s\",", call);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(path, sizeof path, "%s/tests/faults/memory_%s_torture.c", CINEMA_SOURCE_DIR,
                 others[i]);
        FILE *f = fopen(path, "r");
        ck_assert_ptr_nonnull(f);
        while (!found && fgets(text, sizeof text, f))
            found = strstr(text, name) != NULL;
        fclose(f);
    }
    return found;
}
