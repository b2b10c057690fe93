/* tag.h - entity tags (RFC 9110, 8.8.3): which version of a thing a client has.
 * The compressed form of an answer has `-gzip` inside its tag; it is the same version all the same.
 */
#ifndef CALL_TAG_H
#define CALL_TAG_H

#include <stdbool.h>
#include <stddef.h>

typedef struct entity_tag {
    bool weak, coded; /* coded: it had `-gzip` at its end */
    const char *text; /* the inside, without quotes and `-gzip`; not NUL-terminated */
    size_t length;
} entity_tag;

/* The next tag of a list, from *p on; false at its end, or where it is no list of tags. */
bool tag_next(const char **p, entity_tag *ret);

/* Whether If-None-Match holds the tag with this inside ("7.431"), weakly compared, or is `*`. */
bool tag_listed(const char *header, const char *tag);
/* Whether it holds the tag of the compressed form. */
bool tag_listed_coded(const char *header, const char *tag);

#endif
