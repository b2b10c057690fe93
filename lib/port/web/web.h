/* web.h - the port for outgoing HTTP: requests to issuers of tokens and to sign-in providers.
 * One driver, libcurl, a module that the first request loads. What such a request may not do:
 *  - reach loopback, private, link-local and other special addresses. Each address that a name
 *    resolves to is judged at the moment it would be connected to, on every hop, so that neither
 *    a name that changes its mind nor a redirect leads inside. Origins in CINEMA_OUTGOING_ALLOW
 *    are exempt; everything else there is refused whatever it is called.
 *  - go by a proxy of the environment, use other protocols, believe a certificate that does not
 *    fit, keep cookies, unpack compressed answers.
 *  - take longer than the call's deadline, or WEB_PATIENCE_MS, or bring more than `max`.
 */
#ifndef PORT_WEB_H
#define PORT_WEB_H

#include "base/arena.h"

enum {
    WEB_PATIENCE_MS = 8000,
    WEB_ANSWER_MAX = 256 * 1024, /* bytes of a body, unless asked for otherwise */
    WEB_HEADERS_MAX = 16,
    WEB_HEADER_MAX = 8192, /* bytes of a value that is sent */
    WEB_REDIRECTS_MAX = 5,
};

typedef struct web_request {
    const char *url;    /* http:// or https://; a user or password in it is refused */
    const char *method; /* NULL: GET, or POST where there is a body */
    const cinema_pair *headers;
    size_t header_count;
    const char *body; /* NULL: none */
    size_t body_length;
    size_t max;         /* bytes that the answer's body may have; 0: WEB_ANSWER_MAX */
    unsigned redirects; /* how many hops are followed, of a GET alone; 0: a 3xx is the answer */
    int64_t timeout_ms; /* 0: WEB_PATIENCE_MS. The call's deadline holds besides */
} web_request;

typedef struct web_answer {
    int status;
    const char *type;        /* Content-Type, "" where there is none */
    const char *retry_after; /* likewise */
    const char *location;    /* of a 3xx: where it leads, in full; "" else */
    const char *body;        /* ends in NUL, which is not counted */
    size_t length;
} web_answer;

/* Any answer is OK, also one of status 500. INVALID bad_url: the URL or a header is no good.
 * FORBIDDEN private_address: it leads to where nobody may be sent. UNSUPPORTED no_driver: the
 * module is not installed. UNAVAILABLE: nobody answers, or not by HTTP, or the certificate is no
 * good; too_many_redirects. TIMEOUT. TOO_LARGE: more than `max`. `ret` lives in `a`. */
cinema_status web_fetch(cinema *c, const web_request *q, arena *a, web_answer *ret,
                        cinema_error *err);

/* "https://login.example:8443" of a URL: scheme, host in small letters, port unless it is the
 * scheme's own. INVALID bad_url. */
enum { WEB_ORIGIN_MAX = 300 };
cinema_status web_origin(const char *url, char origin[WEB_ORIGIN_MAX], cinema_error *err);
/* Whether `origin` stands in a list as settings have it: spaces or commas between. */
bool web_origin_listed(const char *list, const char *origin);

/* Whether an address may be connected to by strangers' wish: a `struct sockaddr`. */
struct sockaddr;
bool web_address_public(const struct sockaddr *address);

/* ---- what a driver is --------------------------------------------------------------------------
 */

/* One hop. */
typedef struct web_hop {
    const char *url, *method;
    const cinema_pair *headers;
    size_t header_count;
    const char *body;
    size_t body_length, max;
    int64_t timeout_ms;
    /* Asked before each connection; false: not there. */
    bool (*may_connect)(const struct sockaddr *address, void *user);
    void *user;
} web_hop;

enum { WEB_DRIVER_ABI = 1 };

typedef struct web_driver {
    int abi; /* WEB_DRIVER_ABI */
    const char *name;
    /* As web_fetch says; a redirect is not followed. Safe from any thread. */
    cinema_status (*hop)(const web_hop *q, arena *a, web_answer *ret, cinema_error *err);
} web_driver;

/* The one symbol of a driver module. */
#define WEB_DRIVER_SYMBOL "cinema_web_driver"

#endif
