/* mail.c - the mail port's front: settings, the driver, a message made and sent.
 */
#include "port/mail/mail.h"

#include "base/handle.h"
#include "base/module.h"

#include <assert.h>
#include <stdio.h>

enum { MESSAGE_MAX = 256 * 1024, PERSON_ROOM = 600 };

/* What a handle has. The driver is loaded when the first mail is sent: most processes send none. */
struct mail_state {
    mail_url url;
    char sender_room[PERSON_ROOM];
    mail_person sender;
    pthread_mutex_t lock; /* of `driver` */
    mail *driver;
};

/* ---- settings -------------------------------------------------------------------------------- */

/* Without a sender: no-reply at the name by which clients know the site. */
static void default_sender(const cinema *c, char *text, size_t size)
{
    const char *url = config_text(c->config, "CINEMA_PUBLIC_URL");
    const char *host = url ? strstr(url, "://") : NULL;
    host = host ? host + 3 : "localhost";
    snprintf(text, size, "no-reply@%.*s", (int)strcspn(host, ":/?#"), host);
}

static cinema_status read_sender(cinema *c, cinema_error *err)
{
    char own[PERSON_ROOM];
    struct mail_state *m = c->mail;
    const char *set = config_text(c->config, "CINEMA_MAIL_FROM");
    cinema_error why;
    if (!set)
        default_sender(c, own, sizeof own);
    cinema_status s =
        mail_read_person(set ? set : own, m->sender_room, sizeof m->sender_room, &m->sender, &why);
    if (s && !set) /* of an address in brackets, say */
        s = mail_read_person("no-reply@localhost", m->sender_room, sizeof m->sender_room,
                             &m->sender, &why);
    return s ? fail(err, s, "bad_setting", "CINEMA_MAIL_FROM", "CINEMA_MAIL_FROM %s", why.message)
             : CINEMA_OK;
}

cinema_status mail_open(cinema *c, cinema_error *err)
{
    const config *k = c->config;
    if (!(c->mail = calloc(1, sizeof *c->mail)))
        return fail_memory(err);
    pthread_mutex_init(&c->mail->lock, NULL);
    cinema_status s = mail_url_read(config_text(k, "CINEMA_MAIL_URL"),
                                    config_text(k, "CINEMA_DATA_DIR"), &c->mail->url, err);
    return s ? s : read_sender(c, err);
}

void mail_close(cinema *c)
{
    struct mail_state *m = c->mail;
    if (!m)
        return;
    if (m->driver && c->generation == cinema__generation())
        m->driver->driver->close(m->driver);
    mail_url_done(&m->url);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

bool mail_to_files(const cinema *c)
{
    return c->mail->url.folder != NULL;
}

bool mail_in_clear(const cinema *c)
{
    return !c->mail->url.folder && c->mail->url.tls == MAIL_CLEAR;
}

const char *mail_sender(const cinema *c)
{
    return c->mail->sender.address;
}

/* ---- the driver ------------------------------------------------------------------------------ */

/* In a static build the program names the driver by linking it. */
extern const mail_driver cinema_mail_driver __attribute__((weak));

static cinema_status load(const mail_driver **ret, cinema_error *err)
{
    static const char module[] = "cinema-smtp.so";
    const mail_driver *d = &cinema_mail_driver;
    if (!d)
        d = module_symbol(module, MAIL_DRIVER_SYMBOL);
    if (!d || d->abi != MAIL_DRIVER_ABI)
        return fail(err, CINEMA_UNSUPPORTED, "no_driver", "CINEMA_MAIL_URL",
                    "the driver %s is not installed beside this libcinema%s", module,
                    d ? " in the same version" : "");
    *ret = d;
    return CINEMA_OK;
}

static cinema_status driver_of(struct mail_state *m, mail **ret, cinema_error *err)
{
    const mail_driver *d = &cinema__mail_file;
    cinema_status s = CINEMA_OK;
    pthread_mutex_lock(&m->lock);
    if (!m->driver && !m->url.folder)
        s = load(&d, err);
    if (!s && !m->driver)
        s = d->open(&m->url, &m->driver, err);
    *ret = m->driver;
    pthread_mutex_unlock(&m->lock);
    return s;
}

/* ---- what rooms call ------------------------------------------------------------------------- */

static cinema_status send(cinema *c, const mail_message *m, mail_person from, const char *to,
                          cinema_error *err)
{
    CLEANUP(buffer_done) buffer b = BUFFER(MESSAGE_MAX);
    char name[128];
    mail *driver = NULL;
    mail_letter letter = { .from = from.address, .to = to, .name = name, .ends = &c->worker_ends };
    cinema_status s = mail_write(m, from, &b, err);
    if (s || (s = driver_of(c->mail, &driver, err)))
        return s;
    snprintf(name, sizeof name, "%013lld-%s", (long long)m->at, m->id);
    letter.bytes = b.bytes;
    letter.length = b.length;
    return driver->driver->send(driver, &letter, call_deadline(c), err);
}

cinema_status mail_send(cinema *c, const mail_message *m, cinema_error *err)
{
    CLEANUP(freep) char *from = NULL;
    CLEANUP(freep) char *to = NULL;
    cinema_status s = handle_check(c, err);
    assert(!cinema__transactions_open && "no mail inside a transaction");
    if (s || (s = mail_check_address(m->to, "to", err)) ||
        (s = mail_ascii_address(m->to, &to, err)) ||
        (s = mail_ascii_address(c->mail->sender.address, &from, err)))
        return s;
    mail_message ascii = *m;
    ascii.to = to;
    return send(c, &ascii, (mail_person){ c->mail->sender.name, from }, to, err);
}

cinema_status mail_look(cinema *c, cinema_error *err)
{
    mail *driver = NULL;
    cinema_status s = handle_check(c, err);
    if (s || (s = driver_of(c->mail, &driver, err)))
        return s;
    return driver->driver->look(driver, call_deadline(c), err);
}
