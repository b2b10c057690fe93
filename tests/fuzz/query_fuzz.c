/* query_fuzz.c - any request target: it is refused, or what is read of it is whole UTF-8 without
 * control characters, and written out again with every byte escaped reads the same.
 */
#include "fuzz/fuzz_help.h"

#include "base/unicode.h"
#include "http/target.h"

#include <string.h>

typedef struct target {
    request_path path;
    op_input in;
    char room[3 * TARGET_MAX + 1];
} target;

static bool reads(const char *text, target *t)
{
    char *room = t->room;
    const char *rest;
    memset(&t->in, 0, sizeof t->in);
    if (target_path(text, &room, &t->path, &rest) || target_query(rest, room, &t->in))
        return false;
    HOLDS(t->path.count <= SEGMENTS_MAX && t->in.count <= OP_QUERY_MAX);
    return true;
}

static void check_text(const char *s, bool in_path)
{
    size_t n = strlen(s);
    HOLDS(utf8_valid(s, n));
    for (size_t i = 0; i < n; i++)
        HOLDS(!in_path || ((unsigned char)s[i] >= 0x20 && s[i] != '/' && s[i] != '\\'));
    HOLDS(!in_path || (n && strcmp(s, ".") && strcmp(s, "..")));
}

static char *escape(char *to, const char *s)
{
    static const char digits[] = "0123456789abcdef";
    for (; *s; s++) {
        *to++ = '%';
        *to++ = digits[(unsigned char)*s >> 4];
        *to++ = digits[*s & 15];
    }
    return to;
}

/* Every byte of what was read, escaped. */
static void write(const target *t, char *to)
{
    for (size_t i = 0; i < t->path.count; i++) {
        *to++ = '/';
        to = escape(to, t->path.segments[i]);
    }
    for (size_t i = 0; i < t->in.count; i++) {
        *to++ = i ? '&' : '?';
        to = escape(to, t->in.params[i].name);
        *to++ = '=';
        to = escape(to, t->in.params[i].value);
    }
    *to = '\0';
}

static void compare(const target *a, const target *b)
{
    HOLDS(a->path.count == b->path.count && a->in.count == b->in.count);
    for (size_t i = 0; i < a->path.count; i++)
        HOLDS(!strcmp(a->path.segments[i], b->path.segments[i]));
    for (size_t i = 0; i < a->in.count; i++)
        HOLDS(!strcmp(a->in.params[i].name, b->in.params[i].name) &&
              !strcmp(a->in.params[i].value, b->in.params[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static target first, again;
    static char written[4 * TARGET_MAX];
    if (size > TARGET_MAX / 4)
        return 0;
    char *text = fuzz_text(data, size);
    if (reads(text, &first)) {
        for (size_t i = 0; i < first.path.count; i++)
            check_text(first.path.segments[i], true);
        for (size_t i = 0; i < first.in.count; i++) {
            check_text(first.in.params[i].name, false);
            check_text(first.in.params[i].value, false);
        }
        if (!first.path.nowhere) {
            write(&first, written);
            HOLDS(reads(written, &again));
            compare(&first, &again);
        }
    }
    free(text);
    return 0;
}
