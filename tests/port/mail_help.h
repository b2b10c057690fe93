/* mail_help.h - what the tests of the mail port share: a handle that sends to wherever the tests
 * are run with (a folder, or the server of CINEMA_TEST_MAIL_URL, tests/rig/smtp.sh), and what
 * arrived.
 */
#ifndef TEST_PORT_MAIL_HELP_H
#define TEST_PORT_MAIL_HELP_H

#include "base/clock.h"
#include "port/mail/mail.h"
#include "test.h"

extern cinema *mail_c;
extern cinema_error mail_err;

/* The server's URL; NULL: there is none. `port` 0 STARTTLS, 1 TLS, 2 neither. */
const char *mail_test_url(void);
int mail_test_port(int which);
void mail_test_certificate(char *path, size_t size);

/* Opens with this CINEMA_MAIL_URL (NULL: a folder of its own) and closes what was open. */
void mail_open_with(const char *url);
void mail_stop(void);
const char *mail_folder(void);

/* A message with all that it needs; each has an id of its own. */
mail_message mail_new(const char *to);

/* What a reader of mail makes of the only message to this address (Python's email package):
 * subject, from, to, id, date, text, html, and of a server tls, login. Ends the test where there is
 * none, or more than one. */
const char *mail_read(const char *to, const char *what);
/* How many have arrived for it. */
int mail_count(const char *to);
/* The raw bytes of that message. */
const char *mail_raw(const char *to);

#endif
