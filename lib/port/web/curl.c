/* curl.c - one request by libcurl.
 */
#include "base/buffer.h"
#include "port/web/web.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 64 * 1024, VALUE_MAX = 512 };

/* A request under way. */
typedef struct talk {
    const web_hop *hop;
    buffer body;
    size_t head;              /* bytes of headers so far */
    bool refused;             /* an address was no good */
    bool too_large, too_much; /* the body; the headers */
    char type[VALUE_MAX], retry_after[32];
    char why[CURL_ERROR_SIZE];
} talk;

/* ---- what libcurl asks ----------------------------------------------------------------------- */

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *to)
{
    talk *t = user;
    if (purpose != CURLSOCKTYPE_IPCXN || !t->hop->may_connect(&to->addr, t->hop->user)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t take_body(char *bytes, size_t size, size_t n, void *user)
{
    talk *t = user;
    buffer_add(&t->body, bytes, size * n);
    t->too_large = t->body.failed == CINEMA_TOO_LARGE;
    return t->body.failed ? 0 : size * n;
}

static void take_value(const char *line, size_t n, const char *name, char *to, size_t room)
{
    size_t m = strlen(name);
    if (n <= m || strncasecmp(line, name, m) != 0)
        return;
    for (line += m, n -= m; n && (*line == ' ' || *line == '\t'); n--)
        line++;
    while (n && (unsigned char)line[n - 1] <= ' ')
        n--;
    snprintf(to, room, "%.*s", (int)n, line);
}

static size_t take_head(char *bytes, size_t size, size_t count, void *user)
{
    talk *t = user;
    size_t n = size * count;
    t->head += n;
    t->too_much = t->head > HEAD_MAX;
    take_value(bytes, n, "content-type:", t->type, sizeof t->type);
    take_value(bytes, n, "retry-after:", t->retry_after, sizeof t->retry_after);
    return t->too_much ? 0 : n;
}

/* ---- how it is asked ------------------------------------------------------------------------- */

/* Debian's library knows where its bundle is; a private authority is named as OpenSSL has it. */
static const char *authorities(void)
{
    const char *file = getenv("SSL_CERT_FILE");
    return file && *file && !access(file, R_OK) ? file : NULL;
}

#define SET(what, ...)                                                                             \
    do {                                                                                           \
        if (curl_easy_setopt(easy, what, __VA_ARGS__) != CURLE_OK)                                 \
            return false;                                                                          \
    } while (0)

static bool set_limits(CURL *easy, talk *t)
{
    const web_hop *q = t->hop;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* whatever the environment says */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_TIMEOUT_MS, (long)q->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)q->timeout_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs is not waited for */
#endif
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (authorities()) {
        SET(CURLOPT_CAINFO, authorities());
        SET(CURLOPT_CAPATH, NULL);
    }
    return true;
}

static bool set_callbacks(CURL *easy, talk *t)
{
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, take_head);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->why);
    return true;
}

static bool set_request(CURL *easy, const web_hop *q, struct curl_slist *headers)
{
    SET(CURLOPT_URL, q->url);
    SET(CURLOPT_HTTPHEADER, headers);
    if (q->body) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_length);
        SET(CURLOPT_POSTFIELDS, q->body);
    }
    SET(CURLOPT_CUSTOMREQUEST, q->method);
    return true;
}

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *more = curl_slist_append(*list, line);
    if (more)
        *list = more;
    return more;
}

/* Providers want to know who asks; none is asked to wait with a 100. */
static bool make_headers(const web_hop *q, struct curl_slist **list)
{
    char line[WEB_HEADER_MAX + 100];
    bool ok = add_line(list, "User-Agent: libcinema") && add_line(list, "Expect:");
    for (size_t i = 0; ok && i < q->header_count; i++) {
        const cinema_pair *h = &q->headers[i];
        /* "Name;" is how libcurl is told of an empty one. */
        snprintf(line, sizeof line, "%s%s%s", h->name, *h->value ? ": " : ";", h->value);
        ok = add_line(list, line);
    }
    return ok;
}

/* ---- what came of it ------------------------------------------------------------------------- */

static cinema_status failed(const talk *t, CURLcode code, cinema_error *err)
{
    const char *why = *t->why ? t->why : curl_easy_strerror(code);
    if (t->too_large)
        return fail(err, CINEMA_TOO_LARGE, NULL, NULL, "the answer is larger than %zu bytes",
                    t->hop->max);
    if (t->refused && code == CURLE_COULDNT_CONNECT)
        return fail(err, CINEMA_FORBIDDEN, "private_address", NULL,
                    "it is at an address that is not the internet's (CINEMA_OUTGOING_ALLOW)");
    if (code == CURLE_OUT_OF_MEMORY || t->body.failed)
        return fail_memory(err);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail(err, CINEMA_TIMEOUT, NULL, NULL, "no answer within %lld ms",
                    (long long)t->hop->timeout_ms);
    if (code == CURLE_URL_MALFORMAT)
        return fail(err, CINEMA_INVALID, "bad_url", NULL, "it is no address of the web");
    return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "no answer: %.100s", why);
}

static cinema_status keep(CURL *easy, talk *t, arena *a, web_answer *ret, cinema_error *err)
{
    long status = 0;
    char *location = NULL;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
    const char *where = location ? location : "";
    *ret = (web_answer){ .status = (int)status,
                         .type = arena_copy(a, t->type, strlen(t->type)),
                         .retry_after = arena_copy(a, t->retry_after, strlen(t->retry_after)),
                         .location = arena_copy(a, where, strlen(where)),
                         .body = arena_copy(a, t->body.bytes ? t->body.bytes : "", t->body.length),
                         .length = t->body.length };
    return ret->type && ret->retry_after && ret->location && ret->body ? CINEMA_OK
                                                                       : fail_memory(err);
}

static void start_library(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static cinema_status curl_hop(const web_hop *q, arena *a, web_answer *ret, cinema_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
    talk t = { .hop = q, .body = BUFFER(q->max + 1) };
    struct curl_slist *headers = NULL;
    CURL *easy = curl_easy_init();
    cinema_status s;
    if (!easy || !make_headers(q, &headers) || !set_limits(easy, &t) || !set_callbacks(easy, &t) ||
        !set_request(easy, q, headers)) {
        s = fail_memory(err);
    } else {
        CURLcode code = curl_easy_perform(easy);
        s = code ? failed(&t, code, err) : keep(easy, &t, a, ret, err);
    }
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    buffer_done(&t.body);
    return s;
}

extern const web_driver cinema_web_driver;

__attribute__((visibility("default"))) const web_driver cinema_web_driver = {
    .abi = WEB_DRIVER_ABI,
    .name = "curl",
    .hop = curl_hop,
};
