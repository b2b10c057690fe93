/* base.h - outcomes, errors, the handle.
 * Everything else in libcinema returns a `cinema_status`, tells more in a `cinema_error` that the
 * caller keeps on its stack, and hangs on one `cinema` handle a process.
 * One handle may be used by any number of threads at once; records and pages belong to one thread
 * at a time and outlive the handle. Strings are UTF-8 and end in NUL.
 */
#ifndef CINEMA_BASE_H
#define CINEMA_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CINEMA_BEGIN extern "C" {
#define CINEMA_END }
#else
#define CINEMA_BEGIN
#define CINEMA_END
#endif

#if defined(__GNUC__) && !defined(CINEMA_STATIC)
#define CINEMA_API __attribute__((visibility("default")))
#else
#define CINEMA_API
#endif

CINEMA_BEGIN

/* Every outcome: name, number (never reused), HTTP status, word on the wire, title for people. */
#define CINEMA_STATUS_MAP(X)                                                                       \
    X(OK, 0, 200, "ok", "OK")                                                                      \
    X(INVALID, 1, 400, "invalid", "Invalid request")                                               \
    X(UNAUTHENTICATED, 2, 401, "not_signed_in", "Not signed in")                                   \
    X(FORBIDDEN, 3, 403, "forbidden", "Not allowed")                                               \
    X(NOT_FOUND, 4, 404, "not_found", "Not found")                                                 \
    X(CONFLICT, 5, 409, "conflict", "Conflict")                                                    \
    X(STALE, 6, 412, "stale", "Changed meanwhile")                                                 \
    X(TOO_LARGE, 7, 413, "too_large", "Too large")                                                 \
    X(LIMITED, 8, 429, "limited", "Too many requests")                                             \
    X(INTERNAL, 9, 500, "internal", "Internal error")                                              \
    X(UNSUPPORTED, 10, 501, "unsupported", "Not supported")                                        \
    X(UNAVAILABLE, 11, 503, "unavailable", "Not available now")                                    \
    X(TIMEOUT, 12, 503, "timeout", "Took too long")                                                \
    X(NO_MEMORY, 13, 503, "no_memory", "Out of memory")                                            \
    X(CANCELLED, 14, 499, "cancelled", "Cancelled")                                                \
    X(MISUSE, 15, 500, "misuse", "Used after close or fork")

#define CINEMA_STATUS_ENUM_(name, number, http, word, title) CINEMA_##name = number,
typedef enum cinema_status {
    CINEMA_STATUS_MAP(CINEMA_STATUS_ENUM_) CINEMA_STATUS_COUNT,
    CINEMA_STATUS_FORCE_INT_ = INT32_MAX /* the same width with every compiler */
} cinema_status;
#undef CINEMA_STATUS_ENUM_

/* An outcome as bindings see it. Numbers run from 0 to CINEMA_STATUS_COUNT - 1. */
typedef struct cinema_status_info {
    int number, http;
    const char *name, *word, *title; /* "NOT_FOUND", "not_found", "Not found" */
} cinema_status_info;

/* Describes an outcome; one that this library does not know reads as INTERNAL. Never NULL. */
CINEMA_API const cinema_status_info *cinema_status_describe(int status);

/* What went wrong: 256 bytes, owns nothing, may be copied. `reason` is a stable word for programs
 * (`slug_taken`; the outcome's own word where the operation names none), `field` the first field at
 * fault or "", `message` one line for people, without secrets. Set on failure only. */
typedef struct cinema_error {
    int32_t status;
    char reason[40];
    char field[64];
    char message[140];
    int32_t retry_after_s; /* LIMITED, UNAVAILABLE: when to come again; 0: not said */
    char reserve[4];
} cinema_error;

/* "Not known", for numbers and times in records. */
#define CINEMA_ABSENT INT64_MIN

/* A list of strings; in inputs NULL `items` leaves the field alone, count 0 empties it. */
typedef struct cinema_texts {
    const char *const *items;
    size_t count;
} cinema_texts;

/* Names with values, such as external ids: { "imdb", "tt0041959" }. NULL and 0 as above. */
typedef struct cinema_pair {
    const char *name, *value;
} cinema_pair;
typedef struct cinema_pairs {
    const cinema_pair *items;
    size_t count;
} cinema_pairs;

/* Exported as fn_sized with the size of the input struct that the caller was compiled with; called
 * as fn. An older caller's shorter struct is read as if filled up with zeros; a newer caller's
 * longer one is INVALID (reason newer_than_library) if it sets what this library does not know. */
#define CINEMA_SIZED(fn, in_t, ret_t)                                                              \
    CINEMA_API cinema_status fn##_sized(cinema *c, const in_t *in, size_t size, ret_t *ret,        \
                                        cinema_error *err);                                        \
    static inline cinema_status fn(cinema *c, const in_t *in, ret_t *ret, cinema_error *err)       \
    {                                                                                              \
        return fn##_sized(c, in, sizeof *in, ret, err);                                            \
    }
/* The same, acting on something that `id` names. */
#define CINEMA_SIZED_ON(fn, in_t, ret_t)                                                           \
    CINEMA_API cinema_status fn##_sized(cinema *c, const char *id, const in_t *in, size_t size,    \
                                        ret_t *ret, cinema_error *err);                            \
    static inline cinema_status fn(cinema *c, const char *id, const in_t *in, ret_t *ret,          \
                                   cinema_error *err)                                              \
    {                                                                                              \
        return fn##_sized(c, id, in, sizeof *in, ret, err);                                        \
    }

/* An open libcinema: pools, caches, settings. One a process, shared by its threads. */
typedef struct cinema cinema;

/* Settings given by the program; they win over environment, CINEMA_CONFIG file and defaults. They
 * are copied; of two that name the same setting the first wins. `cinema doctor` lists all there
 * are. */
typedef struct cinema_options {
    const char *const *settings; /* "CINEMA_DATABASE_URL=sqlite:/var/lib/films.db", ... */
    size_t setting_count;
} cinema_options;

/* Opens with settings; `options` may be NULL. Cheap: connections are made when first needed.
 * INVALID: a setting is unknown or no good (err->field names it). UNSUPPORTED: no driver for the
 * database URL is installed. The handle is closed by cinema_close. */
CINEMA_API cinema_status cinema_open_with_sized(const cinema_options *options, size_t size,
                                                cinema **ret, cinema_error *err);
static inline cinema_status cinema_open_with(const cinema_options *options, cinema **ret,
                                             cinema_error *err)
{
    return cinema_open_with_sized(options, sizeof *options, ret, err);
}
/* The same with a database URL alone; NULL: as the environment says, or ./cinema-data/cinema.db. */
CINEMA_API cinema_status cinema_open(const char *database_url, cinema **ret, cinema_error *err);
/* Closes; takes NULL. No call may be under way; later ones with this handle are undefined. After
 * fork() the child may only call this: everything else answers MISUSE there. */
CINEMA_API void cinema_close(cinema *c);

/* Severity of a log line. */
typedef enum cinema_log_level {
    CINEMA_LOG_ERROR,
    CINEMA_LOG_WARNING,
    CINEMA_LOG_INFO,
    CINEMA_LOG_DEBUG,
    CINEMA_LOG_FORCE_INT_ = INT32_MAX
} cinema_log_level;
/* Called with one line without its newline, on the thread that had something to say, with no lock
 * held. It must not call back into libcinema with the same handle. */
typedef void (*cinema_log_fn)(cinema_log_level level, const char *line, void *user);
/* Where log lines go; NULL: nowhere, which is the default. Set it before other threads start. */
CINEMA_API void cinema_set_log(cinema *c, cinema_log_fn fn, void *user);

/* A setting as opened, for programs that act on it (a server its address); NULL: none such. Secrets
 * are given too: do not print. The string belongs to the handle. */
CINEMA_API const char *cinema_setting(cinema *c, const char *name);

/* Reads environment and CINEMA_CONFIG file again and takes over what may change while open, each as
 * a whole: CINEMA_CORS_ORIGINS, CINEMA_LOG, CINEMA_METRICS_TOKEN. Other settings stay as they are;
 * options given at opening still win. INVALID: a setting is no good (err->field): nothing changed.
 */
CINEMA_API cinema_status cinema_reload(cinema *c, cinema_error *err);

/* "1.2.3". */
CINEMA_API const char *cinema_version(void);

CINEMA_END
#endif
