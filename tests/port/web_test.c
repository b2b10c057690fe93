/* web_test.c - outgoing HTTP: what it reaches, what it refuses to, what it bears. A canary on
 * loopback sings when somebody comes by. Mirrors lib/port/web/.
 */
#include "base/handle.h"
#include "port/web/web.h"
#include "support/canary.h"
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

static cinema *c;
static cinema_error err;
static arena *a;
static canary *bird;
static web_answer answer;

/* What the canary answers, by path. */
static void sing(int fd, const char *request, void *user)
{
    char headers[512];
    (void)user;
    if (canary_asked(request, "GET /here"))
        canary_say(fd, "200 OK", "Content-Type: application/json\r\nRetry-After: 7\r\n", "{}");
    else if (canary_asked(request, "GET /chain")) {
        snprintf(headers, sizeof headers, "Location: %s/chain\r\n", canary_origin(bird));
        canary_say(fd, "302 Found", headers, "");
    } else if (canary_asked(request, "GET /there"))
        canary_say(fd, "302 Found", "Location: /here?x=1\r\n", "gone");
    else if (canary_asked(request, "GET /inside")) {
        snprintf(headers, sizeof headers, "Location: http://localhost:%d/here\r\n",
                 canary_port(bird));
        canary_say(fd, "302 Found", headers, "");
    } else if (canary_asked(request, "GET /file"))
        canary_say(fd, "302 Found", "Location: file:///etc/passwd\r\n", "");
    else if (canary_asked(request, "POST /form"))
        canary_say(fd, "307 Temporary Redirect", "Location: /here\r\n", "");
    else if (canary_asked(request, "GET /hang"))
        canary_hang(fd);
    else if (canary_asked(request, "GET /large")) {
        char *much = calloc(1, 100001);
        memset(much, 'x', 100000);
        canary_say(fd, "200 OK", "", much);
        free(much);
    } else if (canary_asked(request, "GET /heads")) {
        canary_bytes(fd, "HTTP/1.1 200 OK\r\n", 17);
        for (int i = 0; i < 3000; i++)
            canary_bytes(fd, "X-Filler: 0123456789012345678901234567890123456789\r\n", 52);
        canary_bytes(fd, "\r\n", 2);
    } else if (canary_asked(request, "GET /zipped"))
        canary_say(fd, "200 OK", "Content-Encoding: gzip\r\n", "\x1f\x8b is not unpacked");
    else if (canary_asked(request, "GET /noise"))
        canary_bytes(fd, "SSH-2.0-OpenSSH_9.2\r\n", 21);
    else
        canary_say(fd, "404 Not Found", "", "no");
}

static void open_with(const char *allow)
{
    char allowed[400], folder[] = "CINEMA_DATABASE_URL=sqlite:/nonexistent/films.db";
    const char *settings[2] = { folder, allowed };
    cinema_options options = { settings, 2 };
    cinema_close(c);
    c = NULL;
    snprintf(allowed, sizeof allowed, "CINEMA_OUTGOING_ALLOW=%s", allow);
    OK(cinema_open_with(&options, &c, &err));
}

static void start(void)
{
    a = arena_new(0, 0);
    bird = canary_new(sing, NULL);
    open_with(canary_origin(bird));
}

static void stop(void)
{
    cinema_close(c);
    canary_free(bird);
    arena_free(a);
}
FIXTURE(start, stop)

static const char *at(const char *path)
{
    static char url[2][300];
    static unsigned turn;
    char *to = url[turn++ % 2];
    snprintf(to, sizeof url[0], "%s%s", canary_origin(bird), path);
    return to;
}

static cinema_status fetch(const char *url)
{
    web_request q = { .url = url };
    return web_fetch(c, &q, a, &answer, &err);
}

static cinema_status follow(const char *url, unsigned hops)
{
    web_request q = { .url = url, .redirects = hops };
    return web_fetch(c, &q, a, &answer, &err);
}

/* ---- what it brings -------------------------------------------------------------------------- */

TEST(an_answer_comes_with_its_status_type_and_body)
{
    OK(fetch(at("/here")));
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.type, "application/json");
    ck_assert_str_eq(answer.retry_after, "7");
    ck_assert_str_eq(answer.body, "{}");
    ck_assert_uint_eq(answer.length, 2);
    OK(fetch(at("/nowhere")));
    ck_assert_int_eq(answer.status, 404);
}

TEST(a_form_is_sent_with_its_headers_and_as_it_is)
{
    char text[4096];
    cinema_pair headers[] = { { "Content-Type", "application/x-www-form-urlencoded" },
                              { "Accept", "application/json" } };
    web_request q = { .url = at("/form"),
                      .headers = headers,
                      .header_count = 2,
                      .body = "code=a%20b",
                      .body_length = 10 };
    OK(web_fetch(c, &q, a, &answer, &err));
    canary_last(bird, text, sizeof text);
    ck_assert(strstr(text, "Content-Type: application/x-www-form-urlencoded\r\n"));
    ck_assert(strstr(text, "Accept: application/json\r\n"));
    ck_assert(strstr(text, "User-Agent: libcinema\r\n"));
    ck_assert(strstr(text, "\r\n\r\ncode=a%20b"));
    ck_assert_ptr_null(strstr(text, "Expect:"));
}

TEST(what_is_packed_is_neither_asked_for_nor_unpacked)
{
    char text[4096];
    OK(fetch(at("/zipped")));
    ck_assert_mem_eq(answer.body, "\x1f\x8b", 2);
    canary_last(bird, text, sizeof text);
    ck_assert_ptr_null(strcasestr(text, "accept-encoding"));
}

TEST(a_header_to_send_cannot_bring_another)
{
    cinema_pair bad[] = { { "X-One", "1\r\nX-Two: 2" }, { "X\n", "1" }, { "X-Three", "\x01" } };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        web_request q = { .url = at("/here"), .headers = &bad[i], .header_count = 1 };
        GIVES(CINEMA_INVALID, web_fetch(c, &q, a, &answer, &err));
    }
    ck_assert_int_eq(canary_visits(bird), 0);
}

/* ---- where it may not go --------------------------------------------------------------------- */

TEST(loopback_is_refused_by_every_name_it_has)
{
    static const char *const hosts[] = {
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "127.0.0.2",
        "0177.0.0.1",
        "[0:0:0:0:0:ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
    };
    char url[200];
    open_with("https://elsewhere.example");
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        snprintf(url, sizeof url, "http://%s:%d/here", hosts[i], canary_port(bird));
        cinema_status s = fetch(url);
        ck_assert_msg(s == CINEMA_FORBIDDEN || s == CINEMA_UNAVAILABLE || s == CINEMA_INVALID,
                      "%s: %d %s", hosts[i], s, err.message);
    }
    ck_assert_int_eq(canary_visits(bird), 0);
    GIVES(CINEMA_FORBIDDEN, fetch(at("/here")));
    ck_assert_str_eq(err.reason, "private_address");
}

TEST(an_origin_is_exempt_with_its_scheme_host_and_port_alone)
{
    char url[100];
    snprintf(url, sizeof url, "http://localhost:%d/here", canary_port(bird));
    GIVES(CINEMA_FORBIDDEN, fetch(url)); /* the same place, but not by that name */
    snprintf(url, sizeof url, "http://127.0.0.1:%d/here", canary_port(bird) + 1);
    GIVES(CINEMA_FORBIDDEN, fetch(url));
    snprintf(url, sizeof url, "https://127.0.0.1:%d/here", canary_port(bird));
    GIVES(CINEMA_FORBIDDEN, fetch(url));
    ck_assert_int_eq(canary_visits(bird), 0);
}

TEST(a_redirect_is_an_answer_unless_it_is_to_be_followed)
{
    OK(fetch(at("/there")));
    ck_assert_int_eq(answer.status, 302);
    ck_assert_str_eq(answer.location, at("/here?x=1"));
    ck_assert_int_eq(canary_visits(bird), 1);
    OK(follow(at("/there"), 1));
    ck_assert_int_eq(answer.status, 200);
    ck_assert_int_eq(canary_visits(bird), 3);
}

TEST(a_redirect_leads_no_further_inside_than_a_request)
{
    GIVES(CINEMA_FORBIDDEN, follow(at("/inside"), 3));
    ck_assert_int_eq(canary_visits(bird), 1);
    GIVES(CINEMA_INVALID, follow(at("/file"), 3));
    ck_assert_int_eq(canary_visits(bird), 2);
}

TEST(a_chain_of_redirects_ends)
{
    GIVES(CINEMA_UNAVAILABLE, follow(at("/chain"), 4));
    ck_assert_str_eq(err.reason, "too_many_redirects");
    ck_assert_int_eq(canary_visits(bird), 5);
}

TEST(a_form_is_never_sent_on)
{
    web_request q = { .url = at("/form"), .body = "x=1", .body_length = 3, .redirects = 3 };
    GIVES(CINEMA_UNAVAILABLE, web_fetch(c, &q, a, &answer, &err));
    ck_assert_int_eq(canary_visits(bird), 1);
}

TEST(no_proxy_of_the_environment_is_asked)
{
    setenv("http_proxy", canary_origin(bird), 1);
    setenv("all_proxy", canary_origin(bird), 1);
    web_request q = { .url = "http://films.invalid/here", .timeout_ms = 3000 };
    cinema_status s = web_fetch(c, &q, a, &answer, &err);
    ck_assert(s == CINEMA_UNAVAILABLE || s == CINEMA_TIMEOUT);
    ck_assert_int_eq(canary_visits(bird), 0);
}

TEST(only_addresses_of_the_web_are_taken)
{
    static const char *const urls[] = {
        "",
        "ftp://films.example/",
        "file:///etc/passwd",
        "gopher://films.example/",
        "//films.example/",
        "http:///here",
        "http://",
        "http://user@films.example/",
        "http://films.example@127.0.0.1/",
        "http://films.example\\@127.0.0.1/",
        "http://films.example /",
        "http://films.example/a b",
        "http://films.example/\r\nX: y",
        "http://films.example:0/",
        "http://films.example:65536/",
        "http://films.example:80:80/",
        "http://films.example:/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://f\xc3\xadlms.example/",
        "http://films%2eexample/",
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        cinema_status s = fetch(urls[i]);
        ck_assert_msg(s == CINEMA_INVALID, "%s: %d", urls[i], s);
        ck_assert_str_eq(err.reason, "bad_url");
    }
}

TEST(an_origin_is_written_in_one_way)
{
    static const char *const pairs[][2] = {
        { "HTTPS://Films.Example/a?b", "https://films.example" },
        { "https://films.example:443/", "https://films.example" },
        { "http://films.example:443", "http://films.example:443" },
        { "http://[::1]:8080/", "http://[::1]:8080" },
        { "http://films.example?x=https://b.example", "http://films.example" },
    };
    char origin[WEB_ORIGIN_MAX];
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        OK(web_origin(pairs[i][0], origin, &err));
        ck_assert_str_eq(origin, pairs[i][1]);
    }
}

/* ---- addresses ------------------------------------------------------------------------------- */

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return web_address_public((struct sockaddr *)&v4);
    ck_assert_msg(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1, "%s", text);
    return web_address_public((struct sockaddr *)&v6);
}

TEST(special_addresses_are_not_public_at_either_end_of_their_range)
{
    static const char *const special[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "100::1",
        "5f00::1",
        "3fff::1",
    };
    for (size_t i = 0; i < COUNT_OF(special); i++)
        ck_assert_msg(!is_public(special[i]), "%s", special[i]);
}

TEST(the_neighbours_of_special_addresses_are_public)
{
    static const char *const open[] = {
        "1.0.0.0",         "9.255.255.255",        "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",          "126.255.255.255",
        "128.0.0.1",       "169.253.255.255",      "169.255.0.0",
        "172.15.255.255",  "172.32.0.0",           "192.167.255.255",
        "192.169.0.0",     "198.17.255.255",       "198.20.0.0",
        "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::1",
        "::ffff:8.8.8.8",  "64:ff9b::808:808",     "2001:4860:4860::8888",
    };
    for (size_t i = 0; i < COUNT_OF(open); i++)
        ck_assert_msg(is_public(open[i]), "%s", open[i]);
    ck_assert(!web_address_public(&(struct sockaddr){ .sa_family = AF_UNIX }));
}

/* ---- what it bears --------------------------------------------------------------------------- */

TEST(an_answer_that_is_too_large_is_broken_off)
{
    web_request q = { .url = at("/large"), .max = 99999 };
    GIVES(CINEMA_TOO_LARGE, web_fetch(c, &q, a, &answer, &err));
    q.max = 100000;
    OK(web_fetch(c, &q, a, &answer, &err));
    ck_assert_uint_eq(answer.length, 100000);
}

TEST(endless_headers_are_broken_off)
{
    GIVES(CINEMA_UNAVAILABLE, fetch(at("/heads")));
}

TEST(what_is_not_http_is_no_answer)
{
    GIVES(CINEMA_UNAVAILABLE, fetch(at("/noise")));
}

TEST(nobody_there_is_told_soon)
{
    char url[200], allow[100];
    int port = canary_port(bird);
    canary_free(bird);
    bird = NULL;
    snprintf(allow, sizeof allow, "http://127.0.0.1:%d", port);
    open_with(allow);
    snprintf(url, sizeof url, "%s/here", allow);
    GIVES(CINEMA_UNAVAILABLE, fetch(url));
}

TEST(one_that_hangs_is_waited_for_until_the_deadline_and_no_longer)
{
    enum { SOON_MS = 300 }; /* time to connect, under valgrind too */
    web_request q = { .url = at("/hang"), .timeout_ms = SOON_MS };
    OK(fetch(at("/here"))); /* the first has curl to load */
    GIVES(CINEMA_TIMEOUT, web_fetch(c, &q, a, &answer, &err));
    q.timeout_ms = 0;
    int64_t before = call_deadline_set(clock_monotonic_ms() + SOON_MS);
    GIVES(CINEMA_TIMEOUT, web_fetch(c, &q, a, &answer, &err));
    call_deadline_set(clock_monotonic_ms() - 1);
    GIVES(CINEMA_TIMEOUT, web_fetch(c, &q, a, &answer, &err));
    call_deadline_set(before);
    ck_assert_int_eq(canary_visits(bird), 3);
}
