/* reasons_test.c - the word that a refusal has as its code stands with the operation.
 */
#include "catalog/catalog_help.h"

#include "base/text.h"
#include "call/op.h"

#include <stdio.h>

FIXTURE(catalog_start, catalog_stop)

static const struct {
    const char *op, *json, *outcome;
} refusals[] = {
    { "movie.create", "{\"title\":\"A\",\"genres\":[\"none\"]}", "invalid:unknown_genre" },
    { "movie.update", "{\"title_id\":\"ran\",\"genres\":[\"none\"]}", "invalid:unknown_genre" },
    { "movie.list", "{\"after\":\"x\"}", "invalid:cursor" },
    { "person.create", "{\"name\":\"A\",\"slug\":\"A B\"}", "invalid:slug" },
    { "person.create", "{\"name\":\"A\",\"slug\":\"ida\"}", "conflict:slug_taken" },
    { "person.create", "{\"name\":\"A\",\"external_ids\":{\"imdb\":\"nm1\"}}",
      "conflict:external_id_taken" },
    { "person.update", "{\"person_id\":\"orson\",\"external_ids\":{\"imdb\":\"nm1\"}}",
      "conflict:external_id_taken" },
    { "person.list", "{\"after\":\"x\"}", "invalid:cursor" },
    { "person.credits", "{\"person_id\":\"ida\",\"after\":\"x\"}", "invalid:cursor" },
    { "credits.set", "{\"title_id\":\"ran\",\"cast\":[{\"person_id\":\"none\"}]}",
      "invalid:unknown_person" },
    { "genre.create", "{\"name\":\"A\",\"slug\":\"A B\"}", "invalid:slug" },
    { "genre.update", "{\"genre_id\":\"drama\",\"slug\":\"A B\"}", "invalid:slug" },
    { "search.query", "{\"q\":\"a\",\"after\":\"x\"}", "invalid:cursor" },
};

TEST_EACH(every_reason_is_listed_with_its_operation, COUNT_OF(refusals))
{
    static const cinema_caller us = { .system = true };
    cinema_pair ids[] = { { "imdb", "nm1" } };
    cinema_person_input ida = { .name = "Ida", .external_ids = { ids, 1 } };
    cinema_person *p = NULL;
    char *text = NULL, outcome[100];
    OK(cinema_person_create(c, &ida, &p, &err));
    cinema_person_free(p);
    cinema_person_free(add_person("Orson"));
    cinema_genre_free(add_genre("Drama"));
    cinema_movie_free(add_movie("Ran", 0));
    ck_assert(cinema_call(c, &us, refusals[_i].op, refusals[_i].json, &text, &err));
    cinema_text_free(text);
    snprintf(outcome, sizeof outcome, "%s:%s", cinema_status_describe(err.status)->word,
             err.reason);
    ck_assert_str_eq(outcome, refusals[_i].outcome);
    ck_assert_msg(text_listed(op_named(refusals[_i].op)->outcomes, outcome), "%s: %s",
                  refusals[_i].op, outcome);
}
