/* tag_test.c - mirrors lib/call/tag.c: lists of entity tags.
 */
#include "test.h"

#include "call/tag.h"

#include <string.h>

static const struct listed {
    const char *header;
    bool holds; /* 7.431 */
} listed[] = {
    { "\"7.431\"", true },
    { "W/\"7.431\"", true },
    { "\"7.431-gzip\"", true },
    { "W/\"7.431-gzip\"", true },
    { "*", true },
    { "  *  ", true },
    { "\"a\", \"7.431\"", true },
    { "\"a\",\"b\" ,\t\"7.431\" ,", true },
    { ",,\"7.431\"", true },
    { "\"with,comma\", \"7.431\"", true },
    { "\"7.430\"", false },
    { "\"7.4310\"", false },
    { "\"7.431", false },
    { "7.431", false },
    { "", false },
    { "*, \"x\"", false },
    { "\"*\"", false },
    { "w/\"7.431\"", false },
    { "W/ \"7.431\"", false },
    { "\"a\" \"7.431\"", false },
    { "\"a\"b, \"7.431\"", false },
    { "\"7 .431\"", false },
    { "\"7.431-GZIP\"", false },
    { "\"-gzip\"", false },
    { "\"\"", false },
};

TEST_EACH(if_none_match_holds_a_tag_or_does_not, sizeof listed / sizeof *listed)
{
    const struct listed *l = &listed[_i];
    ck_assert_msg(tag_listed(l->header, "7.431") == l->holds, "%s", l->header);
}

TEST(tags_come_one_by_one)
{
    const char *p = "W/\"a b\", \"a\", W/\"b-gzip\",\"\"";
    entity_tag t;
    ck_assert(!tag_next(&p, &t)); /* a space may not stand inside */
    p += strlen("W/\"a b\"");
    ck_assert(tag_next(&p, &t) && !t.weak && t.length == 1 && *t.text == 'a');
    ck_assert(tag_next(&p, &t) && t.weak && t.length == 1 && *t.text == 'b');
    ck_assert(tag_next(&p, &t) && !t.weak && t.length == 0);
    ck_assert(!tag_next(&p, &t));
}
