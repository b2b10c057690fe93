/* cors.h - which web pages of other origins may read answers (WHATWG Fetch, CORS protocol).
 */
#ifndef HTTP_CORS_H
#define HTTP_CORS_H

#include "http/head.h"
#include "http/reply.h"

/* Adds what a page at the head's origin needs to be shown the answer; nothing where it may not be.
 * `origins` is CINEMA_CORS_ORIGINS (NULL: none), `allow` the methods of the path where the request
 * is the question whether one may be used. */
void cors_say(reply *p, const head *h, const char *origins, const char *allow);

#endif
