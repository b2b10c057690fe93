/* twofactor_help.h - what the tests of the second factor start from: an account, and a clock of
 * their own.
 */
#ifndef TESTS_TWOFACTOR_HELP_H
#define TESTS_TWOFACTOR_HELP_H

#include "base/handle.h"
#include "test.h"
#include "twofactor/factor.h"
#include "user/user.h"

#include <cinema/admin.h>
#include <cinema/audit.h>
#include <cinema/twofactor.h>
#include <cinema/worker.h>

extern cinema *c;
extern cinema_error err;
extern arena *mem;
extern char database_url[512];
extern _Atomic(int64_t) clock_ms; /* what the handle takes for now */

void twofactor_start(void);
void twofactor_stop(void);

/* An account with the role viewer; without a password where that is NULL. */
account add_account(const char *email, const char *password);
/* Sets TOTP up and confirms it with the code of a minute ago. */
void turn_on(int64_t account_nr, unsigned char secret[TOTP_SECRET]);
/* Ten codes for an account, in place of those before. */
void give_codes(int64_t account_nr, backup_codes *codes);
/* The code that an app shows at a moment. */
void code_at(const unsigned char secret[TOTP_SECRET], int64_t at_ms, char code[TOTP_CODE_TEXT]);

/* A transaction of its own around each; whether the code was right. */
bool take_totp(int64_t account_nr, const char *code);
bool take_backup_code(int64_t account_nr, const char *code);
int64_t codes_left(int64_t account_nr);

/* How many of eight threads that take the same code at once are told that it is right. */
int parallel_takes(bool (*take)(int64_t account_nr, const char *code), int64_t account_nr,
                   const char *code);

#endif
