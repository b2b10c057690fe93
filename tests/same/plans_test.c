/* plans_test.c - how statements are carried out, as they are really put together: gathered from a
 * walk (walk.h). On PostgreSQL nothing that grows is read whole by a generic plan; on SQLite the
 * work stays in proportion to what is answered, on a catalogue of some size, rare values included.
 */
#include "same/plan.h"
#include "same/walk.h"

#include "base/handle.h"

#include <stdio.h>

enum { STEPS = 1500, STEPS_MAX = 12000 };

/* ---- gathering ------------------------------------------------------------------------------- */

static walk w;
static seen_list statements[ENGINES_MAX];

/* Beginnings of names of fragments that no operation and no import of the walk runs. */
static const char *const elsewhere[] = {
    "schema_",
    "installation_",
    "health_probe",
    "export_",
    "idempotency_", /* of HTTP, as is the next one: If-None-Match */
    "title_version",
    "bulk_old_slug", /* lines of an export */
    /* Of accounts, which the walk has none of: tests/same/identity_plans_test.c. */
    "account_",
    "audit_last",
    "avatar_",
    "session_",
    "key_",
    "factor_",
    "backup_code_",
    "onetime_",
    "outbox_",
    "setup_", /* of a token */
    "linked_",
    "user_",
};

static bool is_elsewhere(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
        if (!strncmp(name, elsewhere[i], strlen(elsewhere[i])))
            return true;
    return false;
}

static bool is_found[ENGINES_MAX][1024];

static int missing_of(size_t text, size_t place, bool tell)
{
    const db_text *t = cinema__all_sql[text];
    bool postgres = strcmp(w.engines[place].name, "sqlite") != 0;
    bool *is = &is_found[place][text];
    if (!*is)
        *is = is_elsewhere(t->name) ||
              seen_holds(&statements[place], postgres ? t->postgres : t->text);
    if (*is)
        return 0;
    if (tell)
        printf("%s: no operation used %s\n", w.engines[place].name, t->name);
    return 1;
}

static int missing(bool tell)
{
    int n = 0;
    for (size_t i = 0; cinema__all_sql[i]; i++)
        for (size_t e = 0; e < w.count; e++)
            n += missing_of(i, e, tell);
    return n;
}

/* Until all there is has been seen, or for long enough. */
static void gather(void)
{
    walk_open(&w);
    for (size_t i = 0; i < w.count; i++) {
        w.engines[i].seen = seen_add;
        w.engines[i].user = &statements[i];
    }
    while (w.step < STEPS_MAX && (w.step < STEPS || missing(false))) {
        w.known.pages_only = w.step >= STEPS && w.step % 1000 < 500; /* most of what is rare */
        for (int i = 0; i < 100; i++)
            walk_step(&w);
    }
}

static void stop(void)
{
    for (size_t i = 0; i < w.count; i++)
        seen_done(&statements[i]);
    walk_close(&w);
}

static void complain(cinema_log_level level, const char *line, void *user)
{
    (void)level, (void)user;
    printf("%s\n", line);
}

TEST(every_statement_is_used_and_reads_nothing_whole_that_grows)
{
    int bad = 0;
    gather();
    if (w.count < 2)
        SKIP("no PostgreSQL: SAME_POSTGRES is not set");
    int unused = missing(true);
    engine *e = &w.engines[w.count - 1];
    e->seen = NULL;
    cinema_set_log(e->c, complain, NULL);
    for (const seen *x = statements[w.count - 1].first; x; x = x->next)
        bad += plan_reads_too_much(e, x);
    printf("seed %llu: %zu statements\n", (unsigned long long)w.seed,
           statements[w.count - 1].count);
    fflush(stdout);
    ck_assert_msg(!unused && !bad, "seed %llu: %d unused, %d that read too much",
                  (unsigned long long)w.seed, unused, bad);
    stop();
}
