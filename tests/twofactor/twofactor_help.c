/* twofactor_help.c - accounts and codes for the tests of the second factor.
 */
#include "twofactor/twofactor_help.h"

#include "twofactor/twofactor.h"

#include <pthread.h>

cinema *c;
cinema_error err;
arena *mem;
char database_url[512];
_Atomic(int64_t) clock_ms = 1700000000000;

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

static int64_t settable(void *user)
{
    (void)user;
    return clock_ms;
}

void twofactor_start(void)
{
    setenv("CINEMA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    test_database_from(migrate, database_url, sizeof database_url);
    OK(cinema_open(database_url, &c, &err));
    c->wall_ms = settable;
    mem = arena_new(0, 0);
    ck_assert_ptr_nonnull(mem);
}

void twofactor_stop(void)
{
    arena_free(mem);
    cinema_close(c);
    c = NULL;
}

account add_account(const char *email, const char *password)
{
    db_tx *tx = NULL;
    char hash[PASSWORD_HASH_MAX];
    account in = { .email = email,
                   .email_verified_at = clock_ms,
                   .password_changed_at = CINEMA_ABSENT,
                   .password = password ? hash : NULL },
            ret;
    if (password)
        OK(password__hash(c, password, hash, &err));
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &in, mem, &ret, &err));
    OK(db_commit(&tx, &err));
    return ret;
}

void code_at(const unsigned char secret[TOTP_SECRET], int64_t at_ms, char code[TOTP_CODE_TEXT])
{
    OK(totp_code(secret, at_ms / TOTP_STEP_MS, code, &err));
}

void turn_on(int64_t account_nr, unsigned char secret[TOTP_SECRET])
{
    db_tx *tx = NULL;
    factor f;
    bool done;
    OK(factor_begin(c, account_nr, secret, mem, &done, &err));
    ck_assert(done);
    OK(db_begin(c, &tx, &err));
    OK(factor_get(c, tx, account_nr, mem, &f, &err));
    OK(factor_confirm(c, tx, &f, clock_ms / TOTP_STEP_MS - 2, mem, &done, &err));
    ck_assert(done);
    OK(db_commit(&tx, &err));
}

void give_codes(int64_t account_nr, backup_codes *codes)
{
    db_tx *tx = NULL;
    OK(backup_codes_make(c, codes, &err));
    OK(db_begin(c, &tx, &err));
    OK(backup_codes_keep(tx, account_nr, codes, mem, &err));
    OK(db_commit(&tx, &err));
}

typedef cinema_status (*taker)(cinema *, db_tx *, int64_t, const char *, arena *, bool *,
                               cinema_error *);

/* Also on threads of its own: nothing here is shared. */
static bool take(taker fn, int64_t account_nr, const char *code)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    cinema_error mine;
    db_tx *tx = NULL;
    bool right = false;
    GIVES(CINEMA_OK, db_begin(c, &tx, &mine));
    GIVES(CINEMA_OK, fn(c, tx, account_nr, code, a, &right, &mine));
    GIVES(CINEMA_OK, db_commit(&tx, &mine));
    return right;
}

bool take_totp(int64_t account_nr, const char *code)
{
    return take(twofactor__take_totp, account_nr, code);
}

bool take_backup_code(int64_t account_nr, const char *code)
{
    return take(twofactor__take_backup_code, account_nr, code);
}

int64_t codes_left(int64_t account_nr)
{
    int64_t n;
    OK(backup_codes_left(c, account_nr, mem, &n, &err));
    return n;
}

/* ---- at once --------------------------------------------------------------------------------- */

enum { THREADS = 8 };

typedef struct attempt {
    bool (*take)(int64_t account_nr, const char *code);
    int64_t account_nr;
    const char *code;
    pthread_barrier_t *gate;
    bool right;
} attempt;

static void *run(void *user)
{
    attempt *t = user;
    pthread_barrier_wait(t->gate);
    t->right = t->take(t->account_nr, t->code);
    return NULL;
}

int parallel_takes(bool (*fn)(int64_t account_nr, const char *code), int64_t account_nr,
                   const char *code)
{
    pthread_barrier_t gate;
    pthread_t threads[THREADS];
    attempt tries[THREADS];
    int right = 0;
    pthread_barrier_init(&gate, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        tries[i] = (attempt){ fn, account_nr, code, &gate, false };
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, &tries[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        right += tries[i].right;
    }
    pthread_barrier_destroy(&gate);
    return right;
}
