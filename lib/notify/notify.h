/* notify.h - telling people by mail: which mail, to whom, about what.
 * The mail is a row of the outbox in the caller's transaction, and is made and sent when a worker
 * comes to it.
 */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include "outbox/outbox.h"

typedef struct notify_mail {
    const char *template; /* a name of templates.c */
    const char *to;       /* the address */
    const char *name;     /* of the person, may be NULL */
    /* A language tag or an Accept-Language list: the account's, else the caller's; NULL: English */
    const char *locale;
    /* What the template asks for, by name. A `token` becomes a link below CINEMA_PUBLIC_URL; `date`
     * and `time` are RFC 3339 and are written out. */
    const cinema_pair *values;
    size_t count;
    const char *key; /* of the outbox: the same mail is not sent twice; NULL: this is another one */
} notify_mail;

/* Adds the mail to the transaction. INVALID: address or name is no good. INTERNAL: there is no such
 * template, or it lacks a value. */
cinema_status notify__mail(cinema *c, db_tx *tx, const notify_mail *m, arena *a, cinema_error *err);

/* The kind of work in the outbox, and who does it. */
#define NOTIFY_MAIL "mail"
cinema_status notify__deliver(cinema *c, const outbox_job *job, arena *a, cinema_error *err);

#endif
