/* address.h - internet addresses and networks: read, compared, written. Stateless.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IPv6, or IPv4 as ::ffff:192.0.2.7. */
typedef struct address {
    uint8_t bytes[16];
} address;

typedef struct network {
    address address;
    uint8_t bits; /* of the 128 that count */
} network;

enum { ADDRESS_TEXT = 46 }; /* with its NUL */

/* n bytes: 192.0.2.7, 2001:db8::7, with a zone after it (fe80::1%eth0) or without; no port, nothing
 * around it. */
bool address_parse(const char *s, size_t n, address *ret);
/* IPv4 as such. */
void address_text(const address *a, char text[ADDRESS_TEXT]);
bool address_is_ipv4(const address *a);

/* An address, which is a network of one, or address/bits such as 10.0.0.0/8. */
bool network_parse(const char *s, size_t n, network *ret);
bool network_holds(const network *net, const address *a);

#endif
