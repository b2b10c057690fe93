/* memory_ops_torture.c - every operation of the JSON door while memory runs out.
 * An operation without a line here fails the last test but one.
 */
#include "faults/torture.h"

#include "call/op.h"

FIXTURE(torture_start, torture_stop)

/* @ stands for what was made before. */
#define USER "{\"email\": \"ann#\\u0040films.example\"}"
/* There has to be one each time. */
static cinema_status totp_reset(void)
{
    static const cinema_caller trusted = { .system = true };
    cinema_totp_setup *setup = NULL;
    char *answer = NULL;
    cinema_status s = cinema_totp_start(c, TORTURE_ACCOUNT, &setup, &err);
    cinema_totp_setup_free(setup);
    if (s)
        return s;
    s = cinema_call(c, &trusted, "totp.reset", "{\"user_id\": \"" TORTURE_ACCOUNT "\"}", &answer,
                    &err);
    torture_kept = !s && !answer;
    torture_done = s && !strcmp(err.reason, "answer_lost");
    cinema_text_free(answer);
    return s;
}

static const torture_line lines[] = {
    { OPERATION("movie.create",
                "{\"title\": \"New #\", \"year\": 1999, \"genres\": [\"drama\"],"
                " \"external_ids\": {\"imdb\": \"new#\"}, \"overview\": \"Once.\"}") },
    { OPERATION("movie.get", "{\"title_id\": \"imdb:tt0089881\"}") },
    { OPERATION("movie.update",
                "{\"title_id\": \"ikiru-1952\", \"overview\": \"To live #.\", \"genres\":"
                " [\"drama\"], \"external_ids\": {\"imdb\": \"tt#\"}}") },
    { OPERATION("movie.remove", "{\"title_id\": \"@\"}"),
      FIRST("movie.create", "{\"title\": \"Film #\"}") },
    { OPERATION("movie.list", "{\"genre\": \"drama\", \"total\": true, \"limit\": 1}") },
    { OPERATION("series.create", "{\"title\": \"Series #\", \"year\": 1999}") },
    { OPERATION("series.get", "{\"title_id\": \"dekalog-1988\"}") },
    { OPERATION("series.update", "{\"title_id\": \"@\", \"title\": \"Other #\", \"year\": 1989}"),
      FIRST("series.create", "{\"title\": \"Series #\"}") },
    { OPERATION("series.remove", "{\"title_id\": \"@\"}"),
      FIRST("series.create", "{\"title\": \"Series #\"}") },
    { OPERATION("series.list", "{\"sort\": \"-year\"}") },
    { OPERATION("genre.create", "{\"name\": \"Genre #\"}") },
    { OPERATION("genre.get", "{\"genre_id\": \"drama\"}") },
    { OPERATION("genre.update",
                "{\"genre_id\": \"@\", \"name\": \"Other #\", \"slug\": \"other-#\"}"),
      FIRST("genre.create", "{\"name\": \"Genre #\"}") },
    { OPERATION("genre.remove", "{\"genre_id\": \"@\"}"),
      FIRST("genre.create", "{\"name\": \"Genre #\"}") },
    { OPERATION("genre.list", "{\"counts\": true, \"total\": true}") },
    { OPERATION("person.create",
                "{\"name\": \"Somebody #\", \"biography\": \"Born.\", \"external_ids\":"
                " {\"imdb\": \"nm#\"}}") },
    { OPERATION("person.get", "{\"person_id\": \"akira-kurosawa\"}") },
    { OPERATION("person.update",
                "{\"person_id\": \"akira-kurosawa\", \"biography\": \"Lived #.\"}") },
    { OPERATION("person.remove", "{\"person_id\": \"@\"}"),
      FIRST("person.create", "{\"name\": \"Somebody #\"}") },
    { OPERATION("person.list", "{\"limit\": 1, \"total\": true}") },
    { OPERATION("person.credits", "{\"person_id\": \"akira-kurosawa\"}") },
    { OPERATION("credits.get", "{\"title_id\": \"ran-1985\"}") },
    { OPERATION("credits.set",
                "{\"title_id\": \"ran-1985\", \"cast\": [{\"person_id\": \"akira-kurosawa\","
                " \"character\": \"Number #\"}]}") },
    { OPERATION("search.query", "{\"q\": \"lord lands\", \"total\": true}") },
    { OPERATION("audit.list", "{\"action\": \"role.set\", \"limit\": 1}") },
    { OPERATION("user.create",
                "{\"email\": \"new#\\u0040films.example\", \"name\": \"New One\"}") },
    { OPERATION("user.get", "{\"user_id\": \"@\"}"), FIRST("user.create", USER) },
    { OPERATION("user.update",
                "{\"user_id\": \"@\", \"roles\": [\"editor\"], \"name\": \"Ann #\"}"),
      FIRST("user.create", USER) },
    { OPERATION("user.remove", "{\"user_id\": \"@\"}"), FIRST("user.create", USER) },
    { OPERATION("user.end_sessions", "{\"user_id\": \"@\"}"), FIRST("user.create", USER) },
    { OPERATION("user.list", "{\"q\": \"ann films\", \"role\": \"viewer\", \"total\": true}") },
    { OPERATION("worker.run", "{\"max_ms\": 1000}") },
    { OPERATION("dead_letter.list", "{\"limit\": 1}"), BEFORE(torture_dead_letter) },
    { OPERATION("dead_letter.retry", "{\"dead_letter_id\": \"@\"}"), BEFORE(torture_dead_letter) },
    { OPERATION("dead_letter.retry_all", NULL), BEFORE(torture_dead_letter) },
    { OPERATION("role.list", "{\"limit\": 2}") },
    { OPERATION("role.get", "{\"role\": \"editor\"}") },
    { OPERATION("role.set", "{\"role\": \"viewer\", \"description\": \"Number #\","
                            " \"permissions\": [\"audit.read\", \"user.read\"]}") },
    { OPERATION("role.remove", "{\"role\": \"@\"}"),
      FIRST("role.set", "{\"role\": \"role-#\", \"permissions\": [\"audit.read\"]}") },
    { OPERATION("permission.list", "{\"limit\": 3}") },
    { OPERATION("user_roles.set", "{\"user_id\": \"" TORTURE_ACCOUNT "\", \"roles\":"
                                  " [\"editor\", \"viewer\"]}") },
    { FUNCTION("totp.reset", totp_reset) },
    { OPERATION("health.live", NULL) },
    { OPERATION("health.ready", NULL) },
    { OPERATION("metrics.show", NULL) },
    { OPERATION("openapi.show", NULL) },
    { OPERATION("docs.show", NULL) },
    { OPERATION("ops", NULL) },
    { OPERATION("explain", "{\"operation\": \"movie.get\","
                           " \"input\": \"{\\\"title_id\\\": \\\"ran-1985\\\"}\"}") },
};

enum { LINES = sizeof lines / sizeof *lines };

TEST_EACH(an_operation_without_memory_fails_whole_and_works_again, LINES)
{
    torture_call(&lines[_i]);
}

TEST(json_is_read_without_memory)
{
    SKIP("jansson 2.14 goes on when its buffer cannot grow, with a text that is not the one sent");
}

/* What an account does with its own affairs: a trusted process has none. These go by their
 * functions (memory_calls_torture.c). */
static bool of_an_account(const op *o)
{
    return !strcmp(o->permission, SIGNED_IN);
}

TEST(every_operation_is_tortured)
{
    for (const op *o = op_next(NULL); o; o = op_next(o)) {
        size_t i = 0;
        if (of_an_account(o) || o->nature == STREAM) /* bytes: avatars below memory_calls too */
            continue;
        while (i < LINES && strcmp(lines[i].call, o->name))
            i++;
        ck_assert_msg(i < LINES || torture_elsewhere(o->name),
                      "%s has no line in memory_ops_torture.c or memory_auth_torture.c", o->name);
    }
}

TEST(this_was_done)
{
    torture_sum();
}
