/* smtp.c - mail through a server: SMTP by libcurl, always with TLS unless the URL says otherwise.
 * What a refusal means is told by the server's code, for libcurl has one outcome for all of them
 * (4yz: not now, 5yz: never). A refusal of us, rather than of the mail, is none of the mail's.
 */
#include "port/mail/mail.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

enum { CONNECT_MS = 10000, REPLY_ROOM = 100 };

static CURLcode started;
extern const mail_driver cinema_mail_driver;

static void start_curl(void)
{
    started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static cinema_status smtp_open(const mail_url *url, mail **ret, cinema_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    mail *m = started ? NULL : calloc(1, sizeof *m);
    if (!m)
        return fail_memory(err);
    *m = (mail){ .driver = &cinema_mail_driver, .url = url };
    *ret = m;
    return CINEMA_OK;
}

static void smtp_close(mail *m)
{
    free(m);
}

/* ---- one letter ------------------------------------------------------------------------------ */

typedef struct delivery {
    const mail_letter *letter;
    size_t sent;
    char reply[REPLY_ROOM]; /* the server's last refusal; after that it says goodbye */
} delivery;

static size_t give_bytes(char *to, size_t size, size_t count, void *user)
{
    delivery *d = user;
    size_t room = size * count, left = d->letter->length - d->sent;
    size_t n = left < room ? left : room;
    memcpy(to, d->letter->bytes + d->sent, n);
    d->sent += n;
    return n;
}

static size_t take_reply(char *line, size_t size, size_t count, void *user)
{
    delivery *d = user;
    size_t n = size * count;
    if (n && (*line == '4' || *line == '5'))
        snprintf(d->reply, sizeof d->reply, "%.*s", (int)strcspn(line, "\r\n"), line);
    return n;
}

/* Asked about once a second, and with each piece. */
static int go_on(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const delivery *x = user;
    int64_t ends = atomic_load(x->letter->ends);
    (void)a, (void)b, (void)c, (void)d;
    return ends && clock_monotonic_ms() >= ends;
}

static void set_server(CURL *h, const mail_url *u, const char *url)
{
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(h, CURLOPT_PROXY, ""); /* none of the environment's */
    curl_easy_setopt(h, CURLOPT_USE_SSL, u->tls == MAIL_CLEAR ? CURLUSESSL_NONE : CURLUSESSL_ALL);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (u->ca) {
        curl_easy_setopt(h, CURLOPT_CAINFO, u->ca);
        curl_easy_setopt(h, CURLOPT_CAPATH, NULL); /* none beside it */
    }
    if (u->user) {
        curl_easy_setopt(h, CURLOPT_USERNAME, u->user);
        curl_easy_setopt(h, CURLOPT_PASSWORD, u->password);
    }
}

static void set_letter(CURL *h, delivery *d, const struct curl_slist *to)
{
    curl_easy_setopt(h, CURLOPT_MAIL_FROM, d->letter->from);
    curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(h, CURLOPT_READFUNCTION, give_bytes);
    curl_easy_setopt(h, CURLOPT_READDATA, d);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_reply);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, d);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, go_on);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, d);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
}

static void set_time(CURL *h, int64_t deadline)
{
    int64_t left = deadline_left_ms(deadline);
    long ms = left < 1 ? 1 : left > 600000 ? 600000 : (long)left;
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, ms);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? ms : (long)CONNECT_MS);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static cinema_status not_now(cinema_error *err, const char *reason, const char *what)
{
    return fail(err, CINEMA_UNAVAILABLE, reason, NULL, "the mail server %s", what);
}

/* 530, 534, 535, 538: it wants somebody else, or another way to sign in. */
static bool refuses_us(CURLcode code, long reply)
{
    return code == CURLE_LOGIN_DENIED || reply == 530 || reply == 534 || reply == 535 ||
           reply == 538;
}

static bool is_tls(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
           code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CIPHER ||
           code == CURLE_SSL_ISSUER_ERROR;
}

static cinema_status verdict(CURLcode code, long reply, const delivery *d, cinema_error *err)
{
    if (code == CURLE_OK)
        return CINEMA_OK;
    if (code == CURLE_OUT_OF_MEMORY)
        return fail_memory(err);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail(err, CINEMA_TIMEOUT, NULL, NULL, "the mail server takes too long");
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return not_now(err, NULL, "was left: this process ends");
    if (is_tls(code))
        return not_now(err, "mail_tls",
                       code == CURLE_PEER_FAILED_VERIFICATION
                           ? "shows a certificate that is not its own, or of nobody we know"
                           : "offers no TLS that we take");
    if (refuses_us(code, reply))
        return not_now(err, "mail_login", "does not take our user and password");
    if (reply >= 500 && reply < 600)
        return fail(err, CINEMA_INVALID, "mail_refused", NULL, "the mail server refuses it: %s",
                    d->reply);
    if (reply >= 400 && reply < 500)
        return fail(err, CINEMA_UNAVAILABLE, "mail_later", NULL,
                    "the mail server does not take it now: %s", d->reply);
    return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "the mail server is away: %s",
                curl_easy_strerror(code));
}

/* The path is the name that we say in EHLO. */
static CURL *server_new(const mail_url *u, const char *ehlo, int64_t deadline)
{
    CLEANUP(freep) char *url = NULL;
    const char *open = strchr(u->host, ':') ? "[" : "", *close = *open ? "]" : "";
    if (asprintf(&url, "smtp%s://%s%s%s:%s/%s", u->tls == MAIL_TLS ? "s" : "", open, u->host, close,
                 u->port, ehlo) < 0) {
        url = NULL;
        return NULL;
    }
    CURL *h = curl_easy_init();
    if (h) {
        set_server(h, u, url);
        set_time(h, deadline);
    }
    return h;
}

static cinema_status perform(CURL *h, const delivery *d, cinema_error *err)
{
    long reply = 0;
    CURLcode code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &reply);
    return verdict(code, reply, d, err);
}

static cinema_status smtp_send(mail *m, const mail_letter *l, int64_t deadline, cinema_error *err)
{
    delivery d = { .letter = l };
    CURL *h = server_new(m->url, strrchr(l->from, '@') + 1, deadline);
    struct curl_slist *to = h ? curl_slist_append(NULL, l->to) : NULL;
    cinema_status s = to ? CINEMA_OK : fail_memory(err);
    if (!s) {
        set_letter(h, &d, to);
        s = perform(h, &d, err);
    }
    curl_slist_free_all(to);
    curl_easy_cleanup(h);
    return s;
}

static cinema_status smtp_look(mail *m, int64_t deadline, cinema_error *err)
{
    const delivery none = { .reply = "" };
    CURL *h = server_new(m->url, "localhost", deadline);
    if (!h)
        return fail_memory(err);
    curl_easy_setopt(h, CURLOPT_CONNECT_ONLY, 1L);
    cinema_status s = perform(h, &none, err);
    curl_easy_cleanup(h);
    return s;
}

__attribute__((visibility("default"))) const mail_driver cinema_mail_driver = {
    .abi = MAIL_DRIVER_ABI,
    .name = "smtp",
    .open = smtp_open,
    .close = smtp_close,
    .send = smtp_send,
    .look = smtp_look,
};
