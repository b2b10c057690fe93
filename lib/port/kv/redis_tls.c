/* redis_tls.c - TLS over OpenSSL, for hiredis 0.14 has none.
 * The library's own socket layer would write without MSG_NOSIGNAL, so ours is put below it.
 */
#include "port/kv/redis.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

/* ---- below: the socket ----------------------------------------------------------------------- */

static int fd_of(BIO *b)
{
    return ((redis_link *)BIO_get_data(b))->fd;
}

static int below_write(BIO *b, const char *bytes, int n)
{
    BIO_clear_retry_flags(b);
    ssize_t done = send(fd_of(b), bytes, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(b);
    return (int)done;
}

static int below_read(BIO *b, char *bytes, int n)
{
    BIO_clear_retry_flags(b);
    ssize_t done = recv(fd_of(b), bytes, (size_t)n, MSG_DONTWAIT);
    if (done < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(b);
    return (int)done;
}

static long below_control(BIO *b, int what, long n, void *p)
{
    (void)b, (void)n, (void)p;
    return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *below;

static void make_below(void)
{
    below = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cinema");
    if (below) {
        BIO_meth_set_write(below, below_write);
        BIO_meth_set_read(below, below_read);
        BIO_meth_set_ctrl(below, below_control);
    }
}

/* ---- context --------------------------------------------------------------------------------- */

cinema_status redis_tls_context(const redis_url *u, SSL_CTX **ret, cinema_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_below);
    SSL_CTX *c = below ? SSL_CTX_new(TLS_client_method()) : NULL;
    if (!c)
        return fail_memory(err);
    SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
    if (u->ca ? SSL_CTX_load_verify_locations(c, u->ca, NULL)
              : SSL_CTX_set_default_verify_paths(c)) {
        *ret = c;
        return CINEMA_OK;
    }
    SSL_CTX_free(c);
    ERR_clear_error();
    return fail(err, CINEMA_INVALID, "tls", "CINEMA_REDIS_URL",
                "no CA certificates can be read to check Redis by");
}

/* ---- handshake, reading, writing ------------------------------------------------------------- */

/* A certificate has to fit the name, or the address where an address was given. */
static bool expect_host(SSL *ssl, const char *host)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host))
        return true;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

static short events_of(redis_link *l, int result)
{
    switch (SSL_get_error(l->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return POLLIN;
    case SSL_ERROR_WANT_WRITE:
        return POLLOUT;
    default:
        return 0;
    }
}

static cinema_status refused(redis_link *l, cinema_error *err)
{
    long why = SSL_get_verify_result(l->ssl);
    ERR_clear_error();
    if (why == X509_V_OK)
        return redis_lost(err, "the TLS handshake failed");
    return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "Redis is away: its certificate: %s",
                X509_verify_cert_error_string(why));
}

cinema_status redis_tls_start(redis_link *l, int64_t deadline, cinema_error *err)
{
    BIO *bio = BIO_new(below);
    l->ssl = SSL_new(l->pool->tls);
    if (!bio || !l->ssl) {
        BIO_free(bio);
        return fail_memory(err);
    }
    BIO_set_data(bio, l);
    BIO_set_init(bio, 1);
    SSL_set_bio(l->ssl, bio, bio);
    if (!expect_host(l->ssl, l->pool->url.host))
        return fail_memory(err);
    for (;;) {
        ERR_clear_error();
        int n = SSL_connect(l->ssl);
        short events = n == 1 ? 0 : events_of(l, n);
        if (n == 1)
            return CINEMA_OK;
        if (!events)
            return refused(l, err);
        cinema_status s = redis_link_wait(l, events, deadline, err);
        if (s == CINEMA_TIMEOUT)
            return fail(err, s, NULL, NULL, "Redis did not answer in time: is there TLS?");
        if (s)
            return s;
    }
}

int redis_tls_write(redis_link *l, const void *bytes, size_t n, short *events)
{
    ERR_clear_error();
    int done = SSL_write(l->ssl, bytes, n < INT32_MAX ? (int)n : INT32_MAX);
    *events = done > 0 ? 0 : events_of(l, done);
    return done > 0 ? done : -1;
}

int redis_tls_read(redis_link *l, void *bytes, size_t n, short *events)
{
    ERR_clear_error();
    int done = SSL_read(l->ssl, bytes, n < INT32_MAX ? (int)n : INT32_MAX);
    *events = done > 0 ? 0 : events_of(l, done);
    return done > 0 ? done : -1;
}
