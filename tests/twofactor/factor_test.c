/* factor_test.c - mirrors lib/twofactor/factor.c: a code is good once, however many try.
 */
#include "twofactor/factor.h"

#include "twofactor/twofactor.h"
#include "twofactor/twofactor_help.h"

#include <dirent.h>
#include <stdio.h>

static int64_t anna;
static unsigned char secret[TOTP_SECRET];
static char code[TOTP_CODE_TEXT];

static void start(void)
{
    twofactor_start();
    anna = add_account("anna@example.org", NULL).nr;
}
FIXTURE(start, twofactor_stop)

static bool is_on(int64_t account_nr)
{
    bool on = false;
    OK(twofactor__is_on(c, NULL, account_nr, mem, &on, &err));
    return on;
}

TEST(a_factor_asks_for_codes_when_it_is_confirmed_and_no_sooner)
{
    bool begun = false;
    ck_assert(!is_on(anna));
    OK(factor_begin(c, anna, secret, mem, &begun, &err));
    ck_assert(begun && !is_on(anna));
    code_at(secret, clock_ms, code);
    ck_assert(!take_totp(anna, code));
    turn_on(anna, secret);
    ck_assert(is_on(anna));
    code_at(secret, clock_ms, code);
    ck_assert(take_totp(anna, code));
}

TEST(setting_up_anew_replaces_what_was_not_confirmed)
{
    unsigned char first[TOTP_SECRET];
    factor f;
    bool begun;
    OK(factor_begin(c, anna, first, mem, &begun, &err));
    OK(factor_begin(c, anna, secret, mem, &begun, &err));
    ck_assert(begun);
    OK(factor_get(c, NULL, anna, mem, &f, &err));
    ck_assert(f.known && f.confirmed_at == CINEMA_ABSENT);
    ck_assert_mem_eq(f.secret, secret, sizeof secret);
    ck_assert_mem_ne(f.secret, first, sizeof first);
}

TEST(setting_up_anew_does_not_touch_a_confirmed_factor)
{
    unsigned char other[TOTP_SECRET];
    factor f;
    bool begun = true;
    turn_on(anna, secret);
    OK(factor_begin(c, anna, other, mem, &begun, &err));
    ck_assert(!begun);
    OK(factor_get(c, NULL, anna, mem, &f, &err));
    ck_assert_mem_eq(f.secret, secret, sizeof secret);
}

TEST(confirming_what_was_begun_anew_meanwhile_fails)
{
    factor old;
    db_tx *tx = NULL;
    bool done;
    OK(factor_begin(c, anna, secret, mem, &done, &err));
    OK(factor_get(c, NULL, anna, mem, &old, &err));
    OK(factor_begin(c, anna, secret, mem, &done, &err));
    OK(db_begin(c, &tx, &err));
    OK(factor_confirm(c, tx, &old, 1, mem, &done, &err));
    ck_assert(!done);
    db_rollback(&tx);
    ck_assert(!is_on(anna));
}

TEST(a_code_is_taken_once)
{
    turn_on(anna, secret);
    code_at(secret, clock_ms, code);
    ck_assert(take_totp(anna, code));
    ck_assert(!take_totp(anna, code));
    clock_ms += TOTP_STEP_MS; /* still within the window */
    ck_assert(!take_totp(anna, code));
    code_at(secret, clock_ms, code);
    ck_assert(take_totp(anna, code));
}

TEST(codes_before_one_that_was_taken_are_worth_nothing)
{
    char before[TOTP_CODE_TEXT];
    turn_on(anna, secret);
    code_at(secret, clock_ms - TOTP_STEP_MS, before);
    code_at(secret, clock_ms, code);
    ck_assert(take_totp(anna, code));
    ck_assert(!take_totp(anna, before));
}

TEST(a_clock_that_is_set_back_does_not_bring_codes_back)
{
    turn_on(anna, secret);
    code_at(secret, clock_ms, code);
    ck_assert(take_totp(anna, code));
    clock_ms -= TOTP_STEP_MS;
    ck_assert(!take_totp(anna, code));
    code_at(secret, clock_ms, code);
    ck_assert(!take_totp(anna, code));
}

TEST_EACH(of_steps_from_two_behind_to_two_ahead_three_are_taken, 5)
{
    int64_t off = _i - 2;
    turn_on(anna, secret);
    clock_ms += 10 * TOTP_STEP_MS; /* far from the code that confirmed it */
    code_at(secret, clock_ms + off * TOTP_STEP_MS, code);
    ck_assert_int_eq(take_totp(anna, code), off >= -1 && off <= 1);
}

TEST(of_parallel_uses_of_a_code_one_is_right)
{
    turn_on(anna, secret);
    for (int round = 0; round < 10; round++) {
        clock_ms += TOTP_STEP_MS;
        code_at(secret, clock_ms, code);
        ck_assert_int_eq(parallel_takes(take_totp, anna, code), 1);
    }
}

TEST(a_code_that_was_taken_by_what_did_not_happen_is_still_good)
{
    db_tx *tx = NULL;
    bool right = false;
    turn_on(anna, secret);
    code_at(secret, clock_ms, code);
    OK(db_begin(c, &tx, &err));
    OK(twofactor__take_totp(c, tx, anna, code, mem, &right, &err));
    ck_assert(right);
    db_rollback(&tx);
    ck_assert(take_totp(anna, code));
}

TEST(a_code_is_good_for_its_own_account_alone)
{
    int64_t bert = add_account("bert@example.org", NULL).nr;
    unsigned char his[TOTP_SECRET];
    backup_codes codes;
    turn_on(anna, secret);
    turn_on(bert, his);
    give_codes(anna, &codes);
    code_at(secret, clock_ms, code);
    ck_assert(!take_totp(bert, code));
    ck_assert(!take_backup_code(bert, codes.text[0]));
    ck_assert(take_totp(anna, code));
    ck_assert(take_backup_code(anna, codes.text[0]));
}

TEST(each_backup_code_is_taken_once)
{
    backup_codes codes;
    turn_on(anna, secret);
    give_codes(anna, &codes);
    for (size_t i = 0; i < BACKUP_CODES; i++) {
        ck_assert_int_eq(codes_left(anna), (int64_t)(BACKUP_CODES - i));
        ck_assert(take_backup_code(anna, codes.text[i]));
        ck_assert(!take_backup_code(anna, codes.text[i]));
    }
    ck_assert_int_eq(codes_left(anna), 0);
}

TEST(of_parallel_uses_of_a_backup_code_one_is_right)
{
    backup_codes codes;
    turn_on(anna, secret);
    give_codes(anna, &codes);
    for (size_t i = 0; i < BACKUP_CODES; i++)
        ck_assert_int_eq(parallel_takes(take_backup_code, anna, codes.text[i]), 1);
}

TEST(new_backup_codes_void_the_old_ones)
{
    backup_codes old, new;
    turn_on(anna, secret);
    give_codes(anna, &old);
    give_codes(anna, &new);
    ck_assert_int_eq(codes_left(anna), BACKUP_CODES);
    ck_assert(!take_backup_code(anna, old.text[0]));
    ck_assert(take_backup_code(anna, new.text[0]));
}

TEST(a_factor_that_is_removed_takes_its_codes_along)
{
    backup_codes codes;
    db_tx *tx = NULL;
    bool was = false;
    turn_on(anna, secret);
    give_codes(anna, &codes);
    OK(db_begin(c, &tx, &err));
    OK(factor_remove(tx, anna, mem, &was, &err));
    OK(db_commit(&tx, &err));
    ck_assert(was && !is_on(anna));
    ck_assert_int_eq(codes_left(anna), 0);
    code_at(secret, clock_ms, code);
    ck_assert(!take_totp(anna, code));
    ck_assert(!take_backup_code(anna, codes.text[0]));
    OK(db_begin(c, &tx, &err));
    OK(factor_remove(tx, anna, mem, &was, &err));
    db_rollback(&tx);
    ck_assert(!was);
}

TEST(a_secret_of_another_key_is_told_and_no_code_is_right)
{
    cinema *other = NULL;
    db_tx *tx = NULL;
    bool right = true;
    turn_on(anna, secret);
    code_at(secret, clock_ms, code);
    setenv("CINEMA_KEY", "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    OK(cinema_open(database_url, &other, &err));
    OK(db_begin(other, &tx, &err));
    GIVES(CINEMA_UNAVAILABLE, twofactor__take_totp(other, tx, anna, code, mem, &right, &err));
    ck_assert_str_eq(err.reason, "wrong_key");
    ck_assert(!right);
    db_rollback(&tx);
    cinema_close(other);
}

/* ---- at rest --------------------------------------------------------------------------------- */

static bool file_has(const char *path, const void *what, size_t n)
{
    FILE *f = fopen(path, "re");
    static char bytes[8 << 20];
    size_t got = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        fclose(f);
    return memmem(bytes, got, what, n) != NULL;
}

/* Database, write-ahead log and what else lies there. */
static bool on_disk(const void *what, size_t n)
{
    const char *folder = getenv("CINEMA_DATA_DIR");
    DIR *d = opendir(folder);
    bool found = false;
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e; (e = readdir(d));) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        found |= e->d_type == DT_REG && file_has(path, what, n);
    }
    closedir(d);
    return found;
}

#define CELLS " SELECT secret FROM factor UNION ALL SELECT hash FROM backup_code"
static const db_text cells = { "test_cells", CELLS, CELLS };

/* What the server of a database has; its files are not ours to read. */
static bool in_tables(const void *what, size_t n)
{
    db_sql sql;
    db_rows rows;
    bool found = false;
    db_sql_for(&sql, c);
    db_add(&sql, cells, "");
    OK(db_read(c, &sql, mem, &rows, &err));
    for (const db_row *r = rows.first; r; r = r->next)
        found |= memmem(r->cells[0].blob, r->cells[0].length, what, n) != NULL;
    return found;
}

static bool kept(const void *what, size_t n)
{
    return in_tables(what, n) || (!test_on_postgres() && on_disk(what, n));
}

TEST(neither_secrets_nor_codes_are_kept_in_clear)
{
    char text[TOTP_SECRET_TEXT], letters[BACKUP_CODE_TEXT];
    backup_codes codes;
    turn_on(anna, secret);
    give_codes(anna, &codes);
    ck_assert(test_on_postgres() || on_disk("anna@example.org", 16)); /* it is these files */
    totp_secret_text(secret, text);
    ck_assert(!kept(secret, sizeof secret) && !kept(text, strlen(text)));
    for (size_t i = 0; i < BACKUP_CODES; i++) {
        size_t n = 0;
        for (const char *p = codes.text[i]; *p; p++)
            if (*p != '-')
                letters[n++] = *p;
        ck_assert(!kept(codes.text[i], 14) && !kept(letters, n));
        ck_assert(kept(codes.hash[i], sizeof codes.hash[i]));
    }
}
