/* key.h - the installation's signing keys, in memory.
 */
#ifndef SESSION_KEY_H
#define SESSION_KEY_H

#include "base/handle.h"
#include "session/jwt.h"

enum { KEYS_MAX = 16 };

/* A key as this process knows it. */
typedef struct session_key {
    jwt_key key;
    unsigned char secret[64];
    int64_t created_at, retired_at, expires_at; /* CINEMA_ABSENT: not so far */
} session_key;

typedef struct session_keys {
    session_key items[KEYS_MAX]; /* oldest first */
    size_t count;
} session_keys;

struct session_state {
    pthread_mutex_t lock; /* of the keys */
    session_keys keys;
    _Atomic(int64_t) keys_read_at;    /* monotonic; 0: never */
    unsigned char refresh_key[32];    /* keys the hash in refresh tokens */
    unsigned char memory_key[16];     /* of this process: keys the hash of remembered tokens */
    pthread_mutex_t changes_lock;     /* one thread asks for changes */
    _Atomic(int64_t) changes_read_at; /* monotonic, when the last answer was asked for */
    _Atomic(unsigned) memory_round;   /* what was remembered in rounds before is void */
};

/* Reads the keys unless they were read before, and makes the first one. Not in a transaction. */
cinema_status key_ready(cinema *c, cinema_error *err);
/* The same before something is signed: what others have changed a minute ago is known then. */
cinema_status key_latest(cinema *c, cinema_error *err);
/* Copies the key that signs now. In a transaction only after key_latest. */
cinema_status key_current(cinema *c, session_key *ret, cinema_error *err);
/* Copies the key of an id; one that is not known is looked for in the database, at most once a
 * second. */
cinema_status key_of(cinema *c, const char *id, session_key *ret, bool *found, cinema_error *err);
/* All that are good for anything, without their secrets. */
cinema_status key_all(cinema *c, session_keys *ret, cinema_error *err);
/* A new key signs from now on; what the others have signed stays good while its tokens live. `*ret`
 * as above. */
cinema_status key_rotate(cinema *c, session_keys *ret, cinema_error *err);

#endif
