/* uuid.c - reading and writing uuids. Making them needs clock and random: ids.c.
 */
#include "base/uuid.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool dash_before(int byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

bool uuid_parse(const char *text, uuid *ret)
{
    uuid u;
    if (!text) /* the account of a caller that has none */
        return false;
    for (int i = 0; i < 16; i++) {
        if (dash_before(i) && *text++ != '-')
            return false;
        int high = digit(text[0]);
        int low = high < 0 ? -1 : digit(text[1]);
        if (low < 0)
            return false;
        u.bytes[i] = (uint8_t)(high * 16 + low);
        text += 2;
    }
    if (*text)
        return false;
    *ret = u;
    return true;
}

void uuid_text(const uuid *u, char text[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (dash_before(i))
            *text++ = '-';
        *text++ = digits[u->bytes[i] >> 4];
        *text++ = digits[u->bytes[i] & 15];
    }
    *text = '\0';
}
