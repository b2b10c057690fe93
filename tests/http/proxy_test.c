/* proxy_test.c - whose request it is when proxies stand between. Mirrors lib/http/proxy.c.
 */
#include "test.h"

#include "http/proxy.h"

#include <cinema/cinema.h>

#include <stdlib.h>
#include <string.h>

/* The client of a request from `peer` with up to two fields X-Forwarded-For. */
static void is_client(const char *setting, const char *peer, const char *one, const char *two,
                      const char *want)
{
    const cinema_http_header headers[] = { { "X-Forwarded-For", one },
                                           { "Accept", "*/*" },
                                           { "x-forwarded-for", two } };
    const cinema_http_request q = { .address = peer,
                                    .headers = headers,
                                    .header_count = two   ? 3
                                                    : one ? 1
                                                          : 0 };
    char text[ADDRESS_TEXT];
    proxies *p = proxies_new(setting);
    ck_assert_str_eq(proxies_client(p, &q, text), want);
    free(p);
}

#define PROXIES "10.0.0.0/8, 127.0.0.1 2001:db8:ffff::/48"

TEST(nobody_is_believed_unless_trusted)
{
    is_client(NULL, "127.0.0.1", "192.0.2.7", NULL, "127.0.0.1");
    is_client("", "10.0.0.1", "192.0.2.7", NULL, "10.0.0.1");
    is_client(PROXIES, "198.51.100.9", "192.0.2.7", NULL, "198.51.100.9");
    is_client(PROXIES, "11.0.0.1", "192.0.2.7", "192.0.2.8", "11.0.0.1");
}

TEST(a_trusted_proxy_names_the_client)
{
    is_client(PROXIES, "10.0.0.1", "192.0.2.7", NULL, "192.0.2.7");
    is_client(PROXIES, "127.0.0.1", " \t192.0.2.7 ", NULL, "192.0.2.7");
    is_client(PROXIES, "::ffff:10.0.0.1", "2001:DB8::7", NULL, "2001:db8::7");
    is_client(PROXIES, "2001:db8:ffff::1", "::ffff:192.0.2.7", NULL, "192.0.2.7");
    is_client(PROXIES, "10.0.0.1", NULL, NULL, "10.0.0.1"); /* it says nothing */
}

TEST(what_a_client_wrote_itself_is_not_looked_at)
{
    is_client(PROXIES, "10.0.0.1", "203.0.113.5, 192.0.2.7", NULL, "192.0.2.7");
    is_client(PROXIES, "10.0.0.1", "203.0.113.5", "192.0.2.7", "192.0.2.7");
    is_client(PROXIES, "10.0.0.1", "10.0.0.9, 192.0.2.7", NULL, "192.0.2.7");
    is_client(PROXIES, "10.0.0.1", "127.0.0.1, 192.0.2.7", NULL, "192.0.2.7");
}

TEST(proxies_behind_each_other_are_followed_while_they_are_trusted)
{
    is_client(PROXIES, "10.0.0.1", "203.0.113.5, 192.0.2.7, 10.2.3.4", NULL, "192.0.2.7");
    is_client(PROXIES, "10.0.0.1", "192.0.2.7, 10.2.3.4", "10.5.6.7", "192.0.2.7");
    is_client(PROXIES, "10.0.0.1", "10.9.9.9,10.2.3.4", NULL, "10.9.9.9"); /* someone inside */
}

TEST(ports_and_brackets_are_left_away)
{
    is_client(PROXIES, "10.0.0.1", "192.0.2.7:4711", NULL, "192.0.2.7");
    is_client(PROXIES, "10.0.0.1", "[2001:db8::7]:4711", NULL, "2001:db8::7");
    is_client(PROXIES, "10.0.0.1", "[2001:db8::7]", NULL, "2001:db8::7");
}

TEST(nonsense_ends_at_the_proxy_that_sent_it)
{
    static const char *const values[] = { "unknown",
                                          "_hidden",
                                          "192.0.2",
                                          "[",
                                          "[]",
                                          ":",
                                          "::::",
                                          "[192.0.2.7",
                                          "192.0.2.7, unknown",
                                          "\"192.0.2.7\"" };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        is_client(PROXIES, "10.0.0.1", values[i], NULL, "10.0.0.1");
    is_client(PROXIES, "10.0.0.1", "", NULL, "10.0.0.1");
    is_client(PROXIES, "10.0.0.1", ", ,,", NULL, "10.0.0.1");
    is_client(PROXIES, "10.0.0.1", "192.0.2.7,, ", NULL, "192.0.2.7"); /* lists may have holes */
    is_client(PROXIES, "no address", "192.0.2.7", NULL, "no address");
}

TEST(a_list_without_end_is_not_followed_for_ever)
{
    char many[4000] = "";
    for (size_t n = 0; n + 20 < sizeof many; n += 9)
        memcpy(many + n, "10.0.0.2,", 10);
    is_client(PROXIES, "10.0.0.1", many, NULL, "10.0.0.2");
}

/* ---- through the door ------------------------------------------------------------------------ */

TEST(a_setting_that_is_no_network_is_refused)
{
    static const char *const wrong[] = { "CINEMA_TRUSTED_PROXIES=localhost",
                                         "CINEMA_TRUSTED_PROXIES=10.0.0.0/33",
                                         "CINEMA_TRUSTED_PROXIES=10.0.0.1;10.0.0.2",
                                         "CINEMA_TRUSTED_PROXIES=*" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cinema *c = NULL;
        cinema_error err;
        GIVES(CINEMA_INVALID, cinema_open_with(&(cinema_options){ &wrong[i], 1 }, &c, &err));
        ck_assert_str_eq(err.field, "CINEMA_TRUSTED_PROXIES");
    }
}

static cinema_http_response *ask(cinema *c, const char *peer, const char *forwarded)
{
    const cinema_http_header h = { "X-Forwarded-For", forwarded };
    cinema_http_response *r = NULL;
    cinema_error err;
    OK(cinema_http(c,
                   &(cinema_http_request){ .method = "GET",
                                           .target = "/openapi.json",
                                           .headers = &h,
                                           .header_count = forwarded != NULL,
                                           .address = peer },
                   &r, &err));
    return r;
}

static void answers(cinema *c, const char *peer, const char *forwarded, int status,
                    const char *client)
{
    cinema_http_response *r = ask(c, peer, forwarded);
    ck_assert_int_eq(r->status, status);
    ck_assert_str_eq(r->address, client);
    cinema_http_response_free(r);
}

TEST(a_limit_counts_clients_and_is_not_got_round_by_a_header)
{
    const char *settings[] = { "CINEMA_TRUSTED_PROXIES=10.0.0.0/8",
                               "CINEMA_LIMIT_REQUESTS_ADDRESS=1/1h" };
    cinema *c = NULL;
    cinema_error err;
    OK(cinema_open_with(&(cinema_options){ settings, 2 }, &c, &err));
    answers(c, "10.0.0.1", "192.0.2.7", 200, "192.0.2.7");
    answers(c, "10.0.0.2", "192.0.2.7", 429, "192.0.2.7");
    answers(c, "10.0.0.1", "1.2.3.4, 192.0.2.7", 429, "192.0.2.7");
    answers(c, "10.0.0.1", "192.0.2.8", 200, "192.0.2.8");
    answers(c, "198.51.100.9", "1.2.3.4", 200, "198.51.100.9");
    answers(c, "198.51.100.9", "1.2.3.5", 429, "198.51.100.9");
    ck_assert(cinema_http_is_proxy(c, "10.1.2.3"));
    ck_assert(!cinema_http_is_proxy(c, "198.51.100.9"));
    ck_assert(!cinema_http_is_proxy(c, NULL));
    cinema_close(c);
}
