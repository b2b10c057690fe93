/* auth_help.h - a migrated database, an open handle, and Ann, whose mails go into a folder and
 * leave at once; their links are read from there.
 */
#ifndef TEST_AUTH_HELP_H
#define TEST_AUTH_HELP_H

#include "test.h"

#include "base/handle.h"

#include <cinema/cinema.h>

#define ANN "ann@films.example"
#define PASSWORD "zither under Vienna"
#define OTHER "cuckoo clock, Geneva"

extern cinema *c;
extern cinema_error err;
extern arena *a;     /* of the test */
extern int64_t wall; /* what the handle takes for now; 0: what is */
/* Something that happens while the handle is at work: called when it asks for the time, outside of
 * transactions. */
extern void (*when_asked)(void);

/* For FIXTURE. */
void auth_start(void);
void auth_stop(void);
/* A handle whose settings were changed since. */
void reopen(void);

/* The JSON door, as clients see it; the answer, or what is wrong, in `answer`. */
cinema_status call(const char *token, const char *name, const char *format, ...);
extern const char *answer;
/* A text member of the last answer. */
const char *member(const char *name);
/* The outcome, and the reason of its error. */
void refused(cinema_status got, cinema_status want, const char *reason);

int mail_count(void);
/* The newest mail's text, with the soft line breaks of quoted-printable taken out; of those to an
 * address, and of all. Two of one `wall` come in any order. */
char *newest_mail_to(const char *address);
char *newest_mail(void);
/* The token behind its link. */
const char *mailed_token_to(const char *address);
const char *mailed_token(void);

void register_ann(void);
void verified_ann(void);
/* Her access token. */
const char *signed_in_ann(void);
cinema_status login(const char *email, const char *password);

#endif
