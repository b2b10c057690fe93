/* head.h - the request headers that mean something here.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/target.h"

/* Values as they came, without white space in front; NULL: not there. */
typedef struct head {
    const char *authorization, *content_type, *content_encoding, *accept_language, *user_agent;
    const char *idempotency_key, *if_match, *if_none_match, *accept_encoding;
    const char *origin, *request_method; /* of the CORS protocol */
    const char *cookie;                  /* "" where there are two */
    const char *traceparent;             /* "" where there are two */
    bool forwarded;                      /* some proxy has been here */
    bool repeated;                       /* one of those that may stand once stands twice */
} head;

enum { IDEMPOTENCY_KEY_MAX = 255 };

void head_read(const cinema_http_request *q, head *ret);

/* The token of `Authorization: Bearer …` (RFC 6750); false: it has another form. */
bool head_bearer(const char *authorization, const char **token);
/* Whether it is application/json, in UTF-8 if it says; `merge`: or merge-patch+json. */
bool head_is_json(const char *content_type, bool merge);
/* Whether its media type is one of `types`, which spaces separate. */
bool head_is_type(const char *content_type, const char *types);
/* Whether it is 1 to IDEMPOTENCY_KEY_MAX visible characters. */
bool head_is_key(const char *idempotency_key);
/* Whether the peer is this machine. */
bool head_loopback(const char *address);

#endif
