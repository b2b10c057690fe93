/* onetime.h - one-time tokens for other rooms: in mails, between two steps of a sign-in.
 * A token is 32 random bytes, base64url without padding. The database has its hash alone, so that
 * who reads the database cannot use one.
 */
#ifndef ONETIME_ONETIME_H
#define ONETIME_ONETIME_H

#include "port/db/db.h"

enum { ONETIME_TEXT = 44 }; /* with its NUL */

typedef struct onetime_new {
    const char *purpose; /* a word; a token is good for one purpose only */
    int64_t account_nr;  /* 0: of nobody */
    const char *data;    /* kept with it, may be NULL */
    int64_t ttl_ms;      /* how long it is good */
    bool newest_only;    /* earlier ones of the account and purpose are void */
} onetime_new;

typedef struct onetime {
    int64_t account_nr; /* 0: of nobody */
    const char *data;   /* NULL: none */
} onetime;

cinema_status onetime__issue(cinema *c, db_tx *tx, const onetime_new *n, arena *a,
                             char token[ONETIME_TEXT], cinema_error *err);

/* Whose it is and what for, without using it up. Who changes the account in the transaction that
 * takes the token looks first, locks the account and then takes: all lock in that order. Outcomes
 * as of taking. */
cinema_status onetime__look(cinema *c, db_tx *tx, const char *purpose, const char *token, arena *a,
                            onetime *ret, cinema_error *err);
/* Uses a token up: of several takers one gets it. INVALID invalid_token (field token): it is
 * unknown, was used, has expired or is for something else; they are not told apart. */
cinema_status onetime__take(cinema *c, db_tx *tx, const char *purpose, const char *token, arena *a,
                            onetime *ret, cinema_error *err);
/* Counts an attempt and leaves it in place, locked until the transaction ends; at the attempt after
 * `attempts_max` it is void. Outcomes as above. */
cinema_status onetime__try(cinema *c, db_tx *tx, const char *purpose, const char *token,
                           int64_t attempts_max, arena *a, onetime *ret, cinema_error *err);
/* For a secret that is kept elsewhere, such as in a sealed cookie: *first, unless it was claimed
 * for this purpose before. What is claimed is remembered for `ttl_ms`. */
cinema_status onetime__claim(cinema *c, db_tx *tx, const char *purpose, const char *secret,
                             int64_t ttl_ms, arena *a, bool *first, cinema_error *err);
/* Voids all of an account's tokens of a purpose; NULL: of every one. */
cinema_status onetime__void(cinema *c, db_tx *tx, const char *purpose, int64_t account_nr, arena *a,
                            cinema_error *err);
/* Removes what has expired, at most 500 rows a call; *more: there may be others. */
cinema_status onetime__sweep(cinema *c, bool *more, cinema_error *err);

#endif
