/* conditional_test.c - mirrors lib/http/conditional.c: If-Match.
 */
#include "test.h"

#include "http/conditional.h"

#define NEVER "9223372036854775807"

static const struct asked {
    const char *header, *revision;
} asked[] = {
    { "\"7.431\"", "7" },
    { "\"7\"", "7" },
    { "\"7.431-gzip\"", "7" },
    { "\"7-gzip\"", "7" },
    { "\"123456789012345678.0\"", "123456789012345678" },
    { "*", "" },
    { " * ", "" },
    { "\"7.1\", \"7.2\"", "7" }, /* votes came in between */
    { "\"x\", \"7.1\", W/\"8.0\"", "7" },
    { "\"7.1\", \"8.1\"", NEVER },
    { "W/\"7.1\"", NEVER }, /* weak tags never match here: RFC 9110, 13.1.1 */
    { "7", NEVER },
    { "", NEVER },
    { "\"07.1\"", NEVER },
    { "\"0.1\"", NEVER },
    { "\"-7\"", NEVER },
    { "\"7x\"", NEVER },
    { "\".1\"", NEVER },
    { "\"\"", NEVER },
    { "\"1234567890123456789\"", NEVER },
    { "\"5f3a9c\"", NEVER },
};

TEST_EACH(if_match_names_a_revision, sizeof asked / sizeof *asked)
{
    char revision[REVISION_TEXT];
    if_match_revision(asked[_i].header, revision);
    ck_assert_msg(!strcmp(revision, asked[_i].revision), "%s gave %s", asked[_i].header, revision);
}

TEST(an_etag_has_quotes)
{
    char text[72];
    etag_text("7.431", false, text);
    ck_assert_str_eq(text, "\"7.431\"");
}
