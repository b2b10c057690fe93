/* field_emit_test.c - records told to an emitter. Mirrors lib/base/field_emit.c.
 */
#include "call/result.h"
#include "support/toy.h"
#include "test.h"

static cinema_error err;

static void gives(const toy *t, const char *json)
{
    CLEANUP(buffer_done) buffer b = BUFFER(10000);
    json_writer w;
    cinema_emitter e = json_emitter(&w, &b);
    OK(fields_emit(&toy_table, t, &e));
    ck_assert_str_eq(b.bytes, json);
}

TEST(what_is_not_known_is_null_or_left_out)
{
    toy t = { 0 };
    fields_clear_record(&toy_table, &t);
    gives(&t, "{\"id\":null,\"revision\":null,\"name\":null,\"note\":null,\"state\":null,"
              "\"born_on\":null,\"count\":null,\"seen_at\":null,\"year\":null,\"score\":null,"
              "\"broken\":false,\"tags\":[],\"words\":[],\"best\":null,\"made\":[],"
              "\"maker\":null}");
}

TEST(every_type_has_its_form)
{
    const char *tags[] = { "a", "b" };
    const cinema_pair ids[] = { { "imdb", "tt1" }, { "tmdb", "2" } };
    const toy_part arm = { "arm", 3 }, leg = { "leg", CINEMA_ABSENT };
    const toy_part *const made[] = { &arm, &leg };
    const toy t = { .id = "0190a0e0-1234-7abc-8def-0123456789ab",
                    .revision = 2,
                    .name = "\"R\"",
                    .note = "a\nb",
                    .state = "new",
                    .born_on = "1949",
                    .count = 0,
                    .seen_at = -1,
                    .year = 1950,
                    .score = 2.5,
                    .broken = true,
                    .tags = { tags, 2 },
                    .words = { tags, 1 },
                    .ids = { ids, 2 },
                    .best = &arm,
                    .made = { made, 2 },
                    .maker = "" };
    gives(&t, "{\"id\":\"0190a0e0-1234-7abc-8def-0123456789ab\",\"revision\":2,"
              "\"name\":\"\\\"R\\\"\",\"note\":\"a\\nb\",\"state\":\"new\",\"born_on\":\"1949\","
              "\"count\":0,\"seen_at\":\"1969-12-31T23:59:59.999Z\",\"year\":1950,\"score\":2.5,"
              "\"broken\":true,\"tags\":[\"a\",\"b\"],\"words\":[\"a\"],"
              "\"ids\":{\"imdb\":\"tt1\",\"tmdb\":\"2\"},\"best\":{\"name\":\"arm\",\"size\":3},"
              "\"made\":[{\"name\":\"arm\",\"size\":3},{\"name\":\"leg\"}],\"maker\":\"\"}");
}

/* ---- an emitter that has enough -------------------------------------------------------------- */

static int left;

static cinema_status step(void *user)
{
    (void)user;
    return left-- ? CINEMA_OK : CINEMA_CANCELLED;
}

static cinema_status step_key(const char *s, size_t n, void *user)
{
    ck_assert_uint_eq(strlen(s), n);
    return step(user);
}

static cinema_status step_number(int64_t n, void *user)
{
    (void)n;
    return step(user);
}

static cinema_status step_real(double d, void *user)
{
    (void)d;
    return step(user);
}

static cinema_status step_bool(bool b, void *user)
{
    (void)b;
    return step(user);
}

TEST(an_emitter_may_stop_at_any_step_and_its_status_comes_back)
{
    const char *tags[] = { "a" };
    const cinema_pair ids[] = { { "imdb", "tt1" } };
    const toy_part arm = { "arm", 3 }, *const made[] = { &arm };
    const toy t = { .name = "R",
                    .score = 1,
                    .tags = { tags, 1 },
                    .ids = { ids, 1 },
                    .best = &arm,
                    .made = { made, 1 } };
    const cinema_emitter e = { step,      step,      step_key, step_key, step_number,
                               step_real, step_bool, step,     step,     NULL };
    int steps = 0;
    do
        left = steps++;
    while (fields_emit(&toy_table, &t, &e) == CINEMA_CANCELLED);
    ck_assert_int_eq(left, 0);
    ck_assert_int_gt(steps, 50);
}
