/* mail.h - the mail port: one message to one person.
 * Two drivers, one behaviour: SMTP (a module on libcurl) and files (linked in: one .eml a message
 * in a folder, for development and tests). What a message says is made here, so that both send the
 * same bytes: text and HTML side by side, UTF-8, nothing that could be taken for another header.
 */
#ifndef PORT_MAIL_H
#define PORT_MAIL_H

#include "base/buffer.h"

#include <stdatomic.h>

/* ---- what rooms call --------------------------------------------------------------------------
 */

typedef struct mail_message {
    const char *to, *to_name; /* an address; a name or NULL */
    const char *subject;      /* one line */
    const char *text, *html;  /* lines end in \n; html may be NULL */
    const char *id;           /* letters and digits: stands for the message, however often it is
                               * sent, so that what came twice can be seen to have come twice */
    int64_t at;               /* when it was written */
} mail_message;

/* Sends, before the deadline of the call. Not inside a transaction. INVALID: it cannot be sent, now
 * or ever: an address or line is no good (mail_invalid, with its field), or the server refused it
 * for good (mail_refused). UNAVAILABLE, TIMEOUT: not now: the server is away, slow, refuses for the
 * time being (mail_later) or refuses us (mail_login, mail_tls). UNSUPPORTED: no driver for
 * CINEMA_MAIL_URL is installed. After a failure it may have been sent nevertheless. */
cinema_status mail_send(cinema *c, const mail_message *m, cinema_error *err);

/* Whether an address can be written to: local@domain, as RFC 5321 has them without quotes, UTF-8
 * allowed. INVALID mail_invalid, field `field`. */
cinema_status mail_check_address(const char *address, const char *field, cinema_error *err);
/* Whether a text is one line: UTF-8 without control characters. Outcome as above. */
cinema_status mail_check_line(const char *text, const char *field, cinema_error *err);

/* Whether mail would be taken: connects and signs in, sends nothing; of a folder: whether it can be
 * written, if it is there. Outcomes as of mail_send. */
cinema_status mail_look(cinema *c, cinema_error *err);

/* Opens and closes what a handle has (open.c); opening reads settings, and connects to nothing.
 * INVALID: CINEMA_MAIL_URL or CINEMA_MAIL_FROM is no good. */
cinema_status mail_open(cinema *c, cinema_error *err);
void mail_close(cinema *c);
/* For a check-up: whether mail goes to files, whether its server is reached without TLS, and the
 * sender's address. */
bool mail_to_files(const cinema *c);
bool mail_in_clear(const cinema *c);
const char *mail_sender(const cinema *c);

/* ---- the message ------------------------------------------------------------------------------
 */

/* A name and an address, as they are written in a header. */
typedef struct mail_person {
    const char *name; /* "" or NULL: none */
    const char *address;
} mail_person;

/* "Films <films@site.example>", or an address alone, taken apart into `room`. INVALID as above. */
cinema_status mail_read_person(const char *text, char *room, size_t size, mail_person *ret,
                               cinema_error *err);
/* The address with its domain in ASCII (IDNA 2008), which every server takes; malloc'ed. */
cinema_status mail_ascii_address(const char *address, char **ret, cinema_error *err);
/* Message-ID without its brackets. */
void mail_message_id(const mail_message *m, mail_person from, char *text, size_t size);
/* The whole message, with CR LF; failure sticks in `b`. INVALID: a header would break. */
cinema_status mail_write(const mail_message *m, mail_person from, buffer *b, cinema_error *err);

/* ---- where to ---------------------------------------------------------------------------------
 */

typedef enum mail_tls { MAIL_STARTTLS, MAIL_TLS, MAIL_CLEAR } mail_tls;

/* CINEMA_MAIL_URL: file:PATH, smtp://user:password@host:587?sslrootcert=FILE, smtps://… (465).
 * tls=off, on this machine and private networks only: without TLS. */
typedef struct mail_url {
    char *folder; /* file: */
    mail_tls tls;
    char *host, *port, *user, *password, *ca; /* user, password, ca: NULL where there is none */
} mail_url;

/* `data_dir` is where `url` NULL leads. INVALID; the message never repeats a piece of the URL. */
cinema_status mail_url_read(const char *url, const char *data_dir, mail_url *ret,
                            cinema_error *err);
void mail_url_done(mail_url *u); /* wipes the password */

/* ---- what a driver is -------------------------------------------------------------------------
 */

typedef struct mail mail;

/* A message on its way. */
typedef struct mail_letter {
    const char *from, *to; /* addresses */
    const char *name;      /* for a file: the same each time it is sent */
    const char *bytes;
    size_t length;
    const _Atomic(int64_t) *ends; /* 0, or a moment by which all has to stop (a server that ends) */
} mail_letter;

enum { MAIL_DRIVER_ABI = 1 };

/* Four functions, safe from any thread. */
typedef struct mail_driver {
    int abi; /* MAIL_DRIVER_ABI */
    const char *name;
    /* Makes no connection. The URL lives as long as the driver's mail. */
    cinema_status (*open)(const mail_url *url, mail **ret, cinema_error *err);
    void (*close)(mail *m); /* takes NULL */
    /* As mail_send says; `deadline` is a moment of the monotonic clock. */
    cinema_status (*send)(mail *m, const mail_letter *l, int64_t deadline, cinema_error *err);
    cinema_status (*look)(mail *m, int64_t deadline, cinema_error *err); /* as mail_look says */
} mail_driver;

/* What every driver's mail begins with. */
struct mail {
    const mail_driver *driver;
    const mail_url *url;
};

extern const mail_driver cinema__mail_file;
/* The one symbol of a driver module. */
#define MAIL_DRIVER_SYMBOL "cinema_mail_driver"

#endif
