/* address_test.c - mirrors lib/base/address.c.
 */
#include "test.h"

#include "base/address.h"

#include <string.h>

static bool parse(const char *s, address *ret)
{
    return address_parse(s, strlen(s), ret);
}

static bool holds(const char *net, const char *address_)
{
    network n;
    address a;
    ck_assert_msg(network_parse(net, strlen(net), &n), "%s", net);
    ck_assert_msg(parse(address_, &a), "%s", address_);
    return network_holds(&n, &a);
}

TEST(an_address_is_written_in_one_way_only)
{
    static const char *const cases[][2] = {
        { "192.0.2.7", "192.0.2.7" },
        { "::ffff:192.0.2.7", "192.0.2.7" },
        { "2001:DB8::0:7", "2001:db8::7" },
        { "fe80::1%eth0", "fe80::1" },
        { "::1", "::1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[ADDRESS_TEXT];
        address a;
        ck_assert_msg(parse(cases[i][0], &a), "%s", cases[i][0]);
        address_text(&a, text);
        ck_assert_str_eq(text, cases[i][1]);
    }
}

TEST(what_is_no_address_is_refused)
{
    static const char *const cases[] = { "",           " 192.0.2.7",     "192.0.2.7 ",
                                         "192.0.2",    "192.0.2.7:80",   "[::1]",
                                         "::1%",       "192.0.2.7%eth0", "localhost",
                                         "1.2.3.4.5",  "0x7f.0.0.1",     "::g",
                                         "192.0.2.07", "%eth0" };
    address a;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(!parse(cases[i], &a), "%s", cases[i]);
    ck_assert(!address_parse("192.0.2.7\0", 10, &a));
}

TEST(a_network_holds_what_begins_as_it_does)
{
    ck_assert(holds("10.0.0.0/8", "10.255.0.1"));
    ck_assert(!holds("10.0.0.0/8", "11.0.0.1"));
    ck_assert(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
    ck_assert(holds("192.0.2.128/25", "192.0.2.129"));
    ck_assert(!holds("192.0.2.128/25", "192.0.2.127"));
    ck_assert(holds("192.0.2.7", "192.0.2.7"));
    ck_assert(!holds("192.0.2.7", "192.0.2.8"));
    ck_assert(holds("2001:db8::/33", "2001:db8:7fff::1"));
    ck_assert(!holds("2001:db8::/33", "2001:db8:8000::1"));
    ck_assert(holds("::/0", "192.0.2.7")); /* everything */
    ck_assert(holds("0.0.0.0/0", "192.0.2.7"));
    ck_assert(!holds("0.0.0.0/0", "2001:db8::1"));
}

TEST(what_is_no_network_is_refused)
{
    static const char *const cases[] = { "10.0.0.0/",  "10.0.0.0/33",  "10.0.0.0/-1", "/8",
                                         "::/129",     "10.0.0.0/8/8", "10/8",        "10.0.0.0/ 8",
                                         "10.0.0.0/a", "::1/0000" };
    network n;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(!network_parse(cases[i], strlen(cases[i]), &n), "%s", cases[i]);
}
