/* address.c - internet addresses and networks.
 */
#include "base/address.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };

bool address_parse(const char *s, size_t n, address *ret)
{
    char text[ADDRESS_TEXT];
    const char *zone = memchr(s, '%', n);
    size_t length = zone ? (size_t)(zone - s) : n;
    if (!length || length >= sizeof text || (zone && length + 1 == n) || memchr(s, '\0', n))
        return false;
    memcpy(text, s, length);
    text[length] = '\0';
    if (inet_pton(AF_INET6, text, ret->bytes) == 1)
        return true;
    memcpy(ret->bytes, mapped, sizeof mapped);
    return !zone && inet_pton(AF_INET, text, ret->bytes + sizeof mapped) == 1;
}

bool address_is_ipv4(const address *a)
{
    return !memcmp(a->bytes, mapped, sizeof mapped);
}

void address_text(const address *a, char text[ADDRESS_TEXT])
{
    bool four = address_is_ipv4(a);
    inet_ntop(four ? AF_INET : AF_INET6, a->bytes + (four ? sizeof mapped : 0), text, ADDRESS_TEXT);
}

bool network_parse(const char *s, size_t n, network *ret)
{
    const char *slash = memchr(s, '/', n);
    size_t length = slash ? (size_t)(slash - s) : n;
    char number[8];
    int64_t bits;
    if (!address_parse(s, length, &ret->address))
        return false;
    int64_t most = memchr(s, ':', length) ? 128 : 32;
    if (!slash) {
        bits = most;
    } else {
        size_t digits = n - length - 1;
        if (!digits || digits > 3)
            return false;
        memcpy(number, slash + 1, digits);
        number[digits] = '\0';
        if (!text_number(number, &bits) || bits < 0 || bits > most)
            return false;
    }
    ret->bits = (uint8_t)(bits + 128 - most);
    return true;
}

bool network_holds(const network *net, const address *a)
{
    size_t whole = net->bits / 8, rest = net->bits % 8;
    if (memcmp(net->address.bytes, a->bytes, whole))
        return false;
    uint8_t mask = (uint8_t)(0xFF00 >> rest);
    return !rest || !((net->address.bytes[whole] ^ a->bytes[whole]) & mask);
}
