/* peers.c - how many connections each address has, over all loops: a hash table with open
 * addressing, never more than half full, looked at only when a connection comes or goes.
 */
#include "net.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

typedef struct net_peer {
    net_peer_key key;
    unsigned count; /* 0: free */
} net_peer;

/* No address has this key: IPv6 ends in zeros, IPv4 has ff before it. */
const net_peer_key net_nobody = { { [15] = 1 } };

static uint64_t hash_seed =
    0x9e3779b97f4a7c15; /* chosen at open, so that slots cannot be aimed at */

bool net_peers_open(net_peers *p, unsigned connections)
{
    size_t slots = 64;
    while (slots < (size_t)connections * 2)
        slots *= 2;
    if (getrandom(&hash_seed, sizeof hash_seed, GRND_NONBLOCK) < 0)
        hash_seed ^= (uint64_t)(uintptr_t)p;
    p->slots = calloc(slots, sizeof *p->slots);
    p->mask = slots - 1;
    pthread_mutex_init(&p->lock, NULL);
    return p->slots;
}

void net_peers_close(net_peers *p)
{
    free(p->slots);
    pthread_mutex_destroy(&p->lock);
}

static size_t home(const net_peers *p, const net_peer_key *key)
{
    uint64_t a, b;
    memcpy(&a, key->bytes, 8);
    memcpy(&b, key->bytes + 8, 8);
    uint64_t h = (a ^ hash_seed) * 0xff51afd7ed558ccd;
    h = (h ^ (h >> 32) ^ b ^ (hash_seed >> 7)) * 0xc4ceb9fe1a85ec53;
    return (size_t)(h ^ (h >> 29)) & p->mask;
}

/* Its slot, or the free one where it belongs. */
static size_t find(const net_peers *p, const net_peer_key *key)
{
    size_t i = home(p, key);
    while (p->slots[i].count && memcmp(&p->slots[i].key, key, sizeof *key) != 0)
        i = (i + 1) & p->mask;
    return i;
}

bool net_peers_enter(net_peers *p, const net_peer_key *key, unsigned max)
{
    if (!max || !memcmp(key, &net_nobody, sizeof *key))
        return true;
    pthread_mutex_lock(&p->lock);
    net_peer *slot = &p->slots[find(p, key)];
    bool room = slot->count < max;
    if (room) {
        slot->key = *key;
        slot->count++;
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

/* Closes the gap at `i`: later ones of the same run move up when their home allows it. */
static void close_gap(net_peers *p, size_t i)
{
    for (size_t j = (i + 1) & p->mask; p->slots[j].count; j = (j + 1) & p->mask) {
        size_t h = home(p, &p->slots[j].key);
        if (((j - h) & p->mask) < ((j - i) & p->mask))
            continue;
        p->slots[i] = p->slots[j];
        i = j;
    }
    p->slots[i].count = 0;
}

void net_peers_leave(net_peers *p, const net_peer_key *key)
{
    if (!memcmp(key, &net_nobody, sizeof *key))
        return;
    pthread_mutex_lock(&p->lock);
    size_t i = find(p, key);
    if (p->slots[i].count > 1)
        p->slots[i].count--;
    else if (p->slots[i].count)
        close_gap(p, i);
    pthread_mutex_unlock(&p->lock);
}

static void name_v4(const void *address, net_peer_key *key, char text[NET_ADDRESS])
{
    memcpy(key->bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    memcpy(key->bytes + 12, address, 4);
    inet_ntop(AF_INET, address, text, NET_ADDRESS);
}

/* One customer of an IPv6 provider has 2^64 addresses: they count as one. */
static void name_v6(const struct in6_addr *address, net_peer_key *key, char text[NET_ADDRESS])
{
    if (IN6_IS_ADDR_V4MAPPED(address)) {
        name_v4(address->s6_addr + 12, key, text);
        return;
    }
    *key = (net_peer_key){ { 0 } };
    memcpy(key->bytes, address->s6_addr, 8);
    inet_ntop(AF_INET6, address, text, NET_ADDRESS);
}

void net_peer_name(const struct sockaddr_storage *from, net_peer_key *key, char text[NET_ADDRESS])
{
    text[0] = '\0';
    if (from->ss_family == AF_INET6)
        name_v6(&((const struct sockaddr_in6 *)from)->sin6_addr, key, text);
    else
        name_v4(&((const struct sockaddr_in *)from)->sin_addr, key, text);
}
