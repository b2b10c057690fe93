/* conditional.h - If-Match and ETag (RFC 9110, 13): which version the client means, which this is.
 */
#ifndef HTTP_CONDITIONAL_H
#define HTTP_CONDITIONAL_H

#include <stdbool.h>

enum { REVISION_TEXT = 24 };

/* The revision that If-Match asks for, from the part of the tag before its dot; "" for `*`. A
 * header that cannot match anything of ours gives a revision that nothing has. */
void if_match_revision(const char *header, char revision[REVISION_TEXT]);

/* `"7.431"` of 7.431; the gzip form of the answer is `"7.431-gzip"`. */
void etag_text(const char *tag, bool gzip, char text[72]);

#endif
