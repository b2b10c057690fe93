/* canary.h - an HTTP server of a test's own, on loopback, in a thread of the test's process: it
 * answers as it is told, remembers what it was asked, and counts who comes by.
 */
#ifndef TEST_SUPPORT_CANARY_H
#define TEST_SUPPORT_CANARY_H

#include <stddef.h>

typedef struct canary canary;

/* Answers one request; the connection is closed afterwards. `request` is all of it, as text. */
typedef void (*canary_answer)(int fd, const char *request, void *user);

/* Listens on 127.0.0.1 and ::1 at one port of the system's choice. */
canary *canary_new(canary_answer answer, void *user);
void canary_free(canary *c); /* takes NULL; waits for answers under way */
int canary_port(const canary *c);
/* "http://127.0.0.1:port", or another host before the port. */
const char *canary_origin(const canary *c);
/* How many connections came, how many requests, and the last one. */
int canary_visits(canary *c);
int canary_requests(canary *c);
void canary_last(canary *c, char *to, size_t size);

/* For answers: a whole one; its head and body are text. */
void canary_say(int fd, const char *status, const char *headers, const char *body);
void canary_bytes(int fd, const void *bytes, size_t n);
/* Whether the request is for this path: "GET /path". */
int canary_asked(const char *request, const char *start);
/* Holds the connection until the canary goes, or the other side does. */
void canary_hang(int fd);

#endif
