/* tag.c - entity tags (RFC 9110, 8.8.3): reading lists of them.
 */
#include "call/tag.h"

#include <string.h>

/* etagc: any visible character but the quote, and bytes above ASCII. */
static size_t inside_length(const char *s)
{
    size_t n = 0;
    while ((unsigned char)s[n] > 0x20 && s[n] != '"' && s[n] != 0x7F)
        n++;
    return n;
}

static size_t without_coding(const char *s, size_t n)
{
    static const char suffix[] = "-gzip";
    size_t length = sizeof suffix - 1;
    return n >= length && !memcmp(s + n - length, suffix, length) ? n - length : n;
}

bool tag_next(const char **p, entity_tag *ret)
{
    const char *s = *p + strspn(*p, " \t,");
    ret->weak = s[0] == 'W' && s[1] == '/';
    if (ret->weak)
        s += 2;
    if (*s++ != '"')
        return false;
    size_t n = inside_length(s);
    const char *end = s + n;
    if (*end++ != '"')
        return false;
    end += strspn(end, " \t");
    if (*end && *end != ',')
        return false;
    ret->text = s;
    ret->length = without_coding(s, n);
    ret->coded = ret->length < n;
    *p = end;
    return true;
}

bool tag_listed_coded(const char *header, const char *tag)
{
    entity_tag t;
    size_t n = strlen(tag);
    for (const char *p = header; tag_next(&p, &t);)
        if (t.coded && t.length == n && !memcmp(t.text, tag, n))
            return true;
    return false;
}

bool tag_listed(const char *header, const char *tag)
{
    entity_tag t;
    size_t n = strlen(tag);
    const char *p = header + strspn(header, " \t");
    if (*p == '*' && !p[1 + strspn(p + 1, " \t")])
        return true;
    while (tag_next(&p, &t))
        if (t.length == n && !memcmp(t.text, tag, n))
            return true;
    return false;
}
