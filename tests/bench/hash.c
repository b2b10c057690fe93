/* hash.c - passwords verified with libsodium alone, as many at once as the server has threads for
 * it: hash THREADS SECONDS PASSWORD HASH      HASH: as the server keeps it, so with its parameters
 */
#include "measure.h"

#include <pthread.h>
#include <sodium.h>

enum { THREADS_MAX = 64 };

typedef struct hasher {
    pthread_t thread;
    const char *password, *hash;
    int64_t until, count;
} hasher;

static void *work(void *user)
{
    hasher *h = user;
    do
        if (crypto_pwhash_str_verify(h->hash, h->password, strlen(h->password)))
            give_up("hash", "it is of another password");
    while (++h->count && measure_now().wall_us < h->until);
    return NULL;
}

int main(int count, char **arguments)
{
    static hasher all[THREADS_MAX];
    size_t threads = count == 5 ? strtoul(arguments[1], NULL, 10) : 0;
    int64_t n = 0;
    if (threads < 1 || threads > THREADS_MAX || sodium_init() < 0)
        give_up("hash", "THREADS SECONDS PASSWORD HASH");
    measure from = measure_now();
    int64_t until = from.wall_us + (int64_t)(strtod(arguments[2], NULL) * 1e6);
    for (size_t i = 0; i < threads; i++) {
        all[i] = (hasher){ .password = arguments[3], .hash = arguments[4], .until = until };
        if (pthread_create(&all[i].thread, NULL, work, &all[i]))
            give_up("hash", "no more threads");
    }
    for (size_t i = 0; i < threads; i++) {
        pthread_join(all[i].thread, NULL);
        n += all[i].count;
    }
    measure_print(n, from);
    return 0;
}
