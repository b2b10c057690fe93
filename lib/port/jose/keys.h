/* keys.h - a key set, between reading and checking.
 */
#ifndef PORT_JOSE_KEYS_H
#define PORT_JOSE_KEYS_H

#include "port/jose/jose.h"

typedef struct jose_jwk {
    char *id;            /* NULL: it has none */
    unsigned algorithms; /* that it may be used for */
    jose_key *key;
} jose_jwk;

struct jose_keys {
    const jose_driver *driver;
    size_t count;
    jose_jwk items[];
};

#endif
