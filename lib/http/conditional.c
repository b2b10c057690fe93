/* conditional.c - If-Match and ETag (RFC 9110, 13): which version the client means, which this is.
 */
#include "http/conditional.h"

#include "call/tag.h"

#include <string.h>

/* INT64_MAX: in the range of revisions, and reached by none. The operation then says STALE at the
 * right moment: after it has found out who calls and whether the thing exists. */
static const char never[] = "9223372036854775807";

/* The digits in front, of a tag such as 7 or 7.431; 0: it is not one of ours. */
static size_t revision_length(const entity_tag *t)
{
    size_t n = 0;
    while (n < t->length && t->text[n] >= '0' && t->text[n] <= '9')
        n++;
    if (t->weak || !n || n > 18 || *t->text == '0' || (n < t->length && t->text[n] != '.'))
        return 0;
    return n;
}

void if_match_revision(const char *header, char revision[REVISION_TEXT])
{
    entity_tag t;
    size_t length = 0;
    const char *p = header + strspn(header, " \t");
    memcpy(revision, never, sizeof never);
    if (*p == '*' && !p[1 + strspn(p + 1, " \t")]) {
        *revision = '\0';
        return;
    }
    while (tag_next(&p, &t)) {
        size_t n = revision_length(&t);
        if (!n || (n == length && !memcmp(revision, t.text, n)))
            continue;
        if (length) { /* either of two would do, but only one can be asked for */
            memcpy(revision, never, sizeof never);
            return;
        }
        memcpy(revision, t.text, n);
        revision[length = n] = '\0';
    }
}

void etag_text(const char *tag, bool gzip, char text[72])
{
    const char *end = gzip ? "-gzip\"" : "\"";
    size_t n = strnlen(tag, 63);
    text[0] = '"';
    memcpy(text + 1, tag, n);
    memcpy(text + 1 + n, end, strlen(end) + 1);
}
