/* head.c - bytes of a request's head, through llhttp in its strict mode: it judges each byte once,
 * as it comes. What it lets through and we do not is in fields.c, which sees the complete head.
 */
#include "net.h"

#include <stdlib.h>
#include <string.h>

enum {
    LINE_ALL = NET_TARGET_MAX + NET_LINE_REST,
    HEAD_ALL = LINE_ALL + NET_HEAD_MAX,
    ROOM_FIRST = 1024
};

static const net_refusal *target_long(void)
{
    return NET_REFUSE(414, "target_too_long", "The request's target is longer than 8192 bytes.");
}

static const net_refusal *malformed(void)
{
    return NET_REFUSE(400, "malformed", "The request is not well-formed HTTP.");
}

static bool token(unsigned char ch)
{
    return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
           (ch && strchr("!#$%&'*+-.^_`|~", ch));
}

/* The parser stops at the first byte that leads to none of its methods: it may belong to another
 * one, or to no HTTP at all. Bytes behind it do not count, for they may not be here yet. */
static const net_refusal *bad_method(const net_request *r)
{
    const char *stop = llhttp_get_error_pos(&r->parser);
    return token((unsigned char)r->head[0]) && token((unsigned char)*stop)
               ? NET_REFUSE(501, "unsupported", "The server does not know this method.")
               : malformed();
}

static bool digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

/* "HTTP/2.0" where 1.0 and 1.1 may stand. */
static const net_refusal *bad_version(const net_request *r)
{
    const char *at = memmem(r->head, r->head_used, " HTTP/", 6);
    size_t left = at ? r->head_used - (size_t)(at - r->head) : 0;
    if (left < 9 || !digit(at[6]) || at[7] != '.' || !digit(at[8]) ||
        (at[6] == '1' && at[8] <= '1'))
        return malformed();
    return NET_REFUSE(505, "version_not_supported", "The server speaks HTTP/1.1 and HTTP/1.0.");
}

static const net_refusal *parser_says(const net_request *r, llhttp_errno_t error)
{
    if (error == HPE_INVALID_METHOD)
        return bad_method(r);
    if (error == HPE_INVALID_VERSION || error == HPE_PAUSED_H2_UPGRADE)
        return bad_version(r);
    return malformed();
}

/* The head is not complete: has it still a right to become so? */
static const net_refusal *too_long(const net_request *r)
{
    const char *h = r->head;
    if (r->head_used >= 3 && (h[2] == '\r' || h[2] == '\n') && (h[0] == '\r' || h[0] == '\n'))
        return malformed(); /* one empty line before a request, no more */
    if (r->head_used >= LINE_ALL && !memchr(h + 2, '\n', LINE_ALL - 2))
        return target_long();
    if (r->head_used >= HEAD_ALL)
        return NET_REFUSE(431, "headers_too_large", "The header fields exceed 32768 bytes.");
    return NULL;
}

static bool room(net_request *r, size_t length)
{
    size_t size = r->head_room ? r->head_room : ROOM_FIRST;
    while (size < length + 1)
        size *= 2;
    if (size == r->head_room)
        return true;
    char *grown = realloc(r->head_room ? r->head : NULL, size);
    if (!grown)
        return false;
    r->head = grown;
    r->head_room = size;
    return true;
}

/* Parses `length` bytes that now are the head's last ones. Returns how many belong to it. */
static size_t parse(net_request *r, const char *bytes, size_t length, const net_refusal **why)
{
    llhttp_errno_t error = llhttp_execute(&r->parser, bytes, length);
    if (error == HPE_PAUSED) { /* by on_head_end in body.c */
        r->head_done = true;
        return (size_t)(llhttp_get_error_pos(&r->parser) - bytes);
    }
    *why = error ? parser_says(r, error) : too_long(r);
    return length;
}

/* In the loop's input: the usual case is a head that ends there. */
static size_t take_first(net_request *r, char *bytes, size_t length, const net_refusal **why)
{
    r->head = bytes;
    r->head_used = length;
    size_t used = parse(r, bytes, length, why);
    r->head_used = used;
    if (*why || r->head_done)
        return used;
    r->head = NULL;
    if (!room(r, length)) {
        *why = NET_REFUSE(503, "no_memory", "Out of memory.");
        r->head_used = 0;
        return used;
    }
    memcpy(r->head, bytes, length);
    return used;
}

size_t net_head_take(net_request *r, char *bytes, size_t length, const net_refusal **why)
{
    if (!r->head_room)
        return take_first(r, bytes, length, why);
    size_t before = r->head_used;
    if (length > HEAD_ALL - before)
        length = HEAD_ALL - before;
    if (!room(r, before + length)) {
        *why = NET_REFUSE(503, "no_memory", "Out of memory.");
        return 0;
    }
    memcpy(r->head + before, bytes, length);
    r->head_used = before + length;
    size_t used = parse(r, r->head + before, length, why);
    r->head_used = before + used;
    return used;
}
