/* address.c - which addresses are the internet's, and which are this machine's and its network's.
 * The lists are those of IANA's registries of special-purpose addresses.
 */
#include "port/web/web.h"

#include <arpa/inet.h>
#include <netinet/in.h>

typedef struct net {
    uint8_t bytes[16];
    unsigned bits;
} net;

static const net special_v4[] = {
    { { 0 }, 8 },                 /* this network; Linux takes 0.0.0.0 for loopback */
    { { 10 }, 8 },                /* private */
    { { 100, 64 }, 10 },          /* a provider's own */
    { { 127 }, 8 },               /* loopback */
    { { 169, 254 }, 16 },         /* link-local, and the clouds' metadata */
    { { 172, 16 }, 12 },          /* private */
    { { 192, 0, 0 }, 24 },        /* protocols; metadata of one cloud */
    { { 192, 0, 2 }, 24 },        /* documentation */
    { { 192, 31, 196 }, 24 },     /* AS112 */
    { { 192, 52, 193 }, 24 },     /* AMT */
    { { 192, 88, 99 }, 24 },      /* 6to4 relays */
    { { 192, 168 }, 16 },         /* private */
    { { 192, 175, 48 }, 24 },     /* AS112 */
    { { 198, 18 }, 15 },          /* benchmarks */
    { { 198, 51, 100 }, 24 },     /* documentation */
    { { 203, 0, 113 }, 24 },      /* documentation */
    { { 224 }, 4 },               /* multicast */
    { { 240 }, 4 },               /* reserved, broadcast */
    { { 168, 63, 129, 16 }, 32 }, /* a cloud's wire server, public by number only */
};

/* Within 2000::/3, outside of which nothing is public. */
static const net special_v6[] = {
    { { 0x20, 0x01, 0x00 }, 23 },                   /* protocols: Teredo, ORCHID, benchmarks */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },             /* documentation */
    { { 0x20, 0x02 }, 16 },                         /* 6to4: an IPv4 address inside */
    { { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 }, 48 }, /* AS112 */
    { { 0x3f, 0xff }, 20 },                         /* documentation */
};

static bool within(const uint8_t *address, const net *n)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(address, n->bytes, whole))
        return false;
    return !rest || (address[whole] ^ n->bytes[whole]) >> (8 - rest) == 0;
}

static bool listed(const uint8_t *address, const net *nets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (within(address, &nets[i]))
            return true;
    return false;
}

static bool public_v4(const uint8_t a[4])
{
    return !listed(a, special_v4, COUNT_OF(special_v4));
}

/* IPv4 in other clothes is IPv4: mapped (::ffff:a.b.c.d) and through NAT64 (64:ff9b::a.b.c.d). */
static bool public_v6(const uint8_t a[16])
{
    static const net mapped = { { [10] = 0xff, [11] = 0xff }, 96 };
    static const net nat64 = { { 0x00, 0x64, 0xff, 0x9b }, 96 };
    if (within(a, &mapped) || within(a, &nat64))
        return public_v4(a + 12);
    return a[0] >> 5 == 1 && !listed(a, special_v6, COUNT_OF(special_v6));
}

bool web_address_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return public_v4((const uint8_t *)&v4.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return public_v6(v6.sin6_addr.s6_addr);
    }
    return false;
}
