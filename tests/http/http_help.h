/* http_help.h - asking the HTTP door without a socket.
 */
#ifndef HTTP_HELP_H
#define HTTP_HELP_H

#include "test.h"

#include <cinema/cinema.h>
#include <jansson.h>
#include <string.h>

extern cinema *c;
extern cinema_error err;
extern cinema_http_response *got; /* of the last question; freed with the next one */

void http_start(void); /* for FIXTURE: a migrated database, an open handle */
void http_stop(void);

/* The bearer that may do all, with "Bearer " in front. */
const char *http_token(void);

/* A request from 127.0.0.1. Headers are pairs of name and value, ended by NULL. Gives the status.
 */
#define ASK(method, target, body, ...)                                                             \
    http_ask(method, target, body, (const char *const[]){ __VA_ARGS__ })
#define GET(target) ASK("GET", target, NULL, NULL)
#define SEND(method, target, body)                                                                 \
    ASK(method, target, body, "Content-Type", "application/json", "Authorization", http_token(),   \
        NULL)
int http_ask(const char *method, const char *target, const char *body, const char *const *headers);
/* The same of any request. */
int http_ask_whole(const cinema_http_request *q);

/* A header of the last answer; NULL: it has none. Any letter case. */
const char *header(const char *name);
/* The last answer's body as JSON, owned by the helper. */
json_t *answer(void);
/* A text of it, by path: "code", "errors.0.rule"; "" where there is none. */
const char *said(const char *path);

/* What every problem document has to be. */
#define PROBLEM(http, word)                                                                        \
    do {                                                                                           \
        ck_assert_int_eq(got->status, http);                                                       \
        ck_assert_str_eq(header("Content-Type"), "application/problem+json");                      \
        ck_assert_int_eq(json_integer_value(json_object_get(answer(), "status")), http);           \
        ck_assert_str_eq(said("code"), word);                                                      \
        ck_assert_str_eq(got->code, word);                                                         \
        ck_assert_str_eq(said("request_id"), header("X-Request-Id"));                              \
        ck_assert_str_eq(header("Cache-Control"), "no-store");                                     \
    } while (0)

#endif
