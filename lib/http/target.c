/* target.c - the request target: path and query, judged in raw form and decoded once.
 * What two readers could take for two paths is refused: %00, %2f, %5c, dot segments, empty ones.
 */
#include "http/target.h"

#include "base/unicode.h"

#define REFUSE(name, rule, detail) static const refusal name = { 400, "invalid", rule, detail }

REFUSE(bad_form, "target", "the request target must begin with /");
REFUSE(bad_escape, "percent_encoding", "the request target has a % without two hex digits");
REFUSE(bad_character, "target_character",
       "the request target has a character that may not stand there");
REFUSE(bad_segment, "path_segment", "the path has an empty segment, . or ..");
REFUSE(bad_utf8, "utf8", "the request target is not UTF-8");
REFUSE(too_many, "too_many", "the query has too many parameters");

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of "%41"; -1: no such. */
static int escaped(const char *s)
{
    int high = hex(s[1]);
    int low = high < 0 ? -1 : hex(s[2]);
    return low < 0 ? -1 : high << 4 | low;
}

static bool control(int c)
{
    return c < 0x20 || c == 0x7F;
}

/* What may not stand in a segment, neither as it is nor escaped. */
static bool forbidden(int c)
{
    return control(c) || c == '/' || c == '\\';
}

static const refusal *judge_text(const char *s, size_t n, bool ascii)
{
    return ascii || utf8_valid(s, n) ? NULL : &bad_utf8;
}

/* One segment from *from to the next '/', '?' or end. */
static const refusal *read_segment(const char **from, char **room)
{
    const char *s = *from;
    char *to = *room, *start = to;
    bool ascii = true;
    for (; *s && *s != '/' && *s != '?'; to++) {
        int c = (unsigned char)*s;
        if (c == ' ' || c == '#')
            return &bad_character;
        if (c == '%' && (c = escaped(s)) < 0)
            return &bad_escape;
        if (forbidden(c))
            return &bad_character;
        s += *s == '%' ? 3 : 1;
        ascii &= c < 0x80;
        *to = (char)c;
    }
    *to = '\0';
    *from = s;
    *room = to + 1;
    if (!strcmp(start, ".") || !strcmp(start, ".."))
        return &bad_segment;
    return judge_text(start, (size_t)(to - start), ascii);
}

const refusal *target_path(const char *target, char **room, request_path *ret, const char **rest)
{
    const char *s = target;
    const refusal *r;
    ret->count = 0;
    ret->nowhere = false;
    if (*s != '/')
        return &bad_form;
    while (*s == '/') {
        char *segment = *room;
        s++;
        if ((r = read_segment(&s, room)))
            return r;
        if (!*segment && *s == '/')
            return &bad_segment;
        if (!*segment || ret->count == SEGMENTS_MAX)
            ret->nowhere = true;
        else
            ret->segments[ret->count++] = segment;
    }
    *rest = s;
    return NULL;
}

/* A name or a value, up to one of `ends`. */
static const refusal *read_word(const char **from, const char *ends, char **room)
{
    const char *s = *from;
    char *to = *room, *start = to;
    bool ascii = true;
    for (; *s && *s != ends[0] && *s != ends[1]; to++) {
        int c = *s == '+' ? ' ' : (unsigned char)*s;
        if (*s == ' ' || *s == '#' || control(c))
            return &bad_character;
        if (c == '%' && (c = escaped(s)) < 0)
            return &bad_escape;
        if (!c)
            return &bad_character;
        s += *s == '%' ? 3 : 1;
        ascii &= c < 0x80;
        *to = (char)c;
    }
    *to = '\0';
    *from = s;
    *room = to + 1;
    return judge_text(start, (size_t)(to - start), ascii);
}

const refusal *target_query(const char *rest, char *room, op_input *in)
{
    size_t most = in->count + OP_QUERY_MAX;
    const refusal *r;
    if (*rest++ != '?')
        return NULL;
    while (*rest) {
        op_param p = { room, "" };
        if ((r = read_word(&rest, "=&", &room)))
            return r;
        if (*rest == '=') {
            rest++;
            p.value = room;
            if ((r = read_word(&rest, "&&", &room)))
                return r;
        } else if (!*p.name) {
            rest++; /* nothing between two &, or at the end */
            continue;
        }
        rest += *rest == '&';
        if (in->count == most)
            return &too_many;
        in->params[in->count++] = p;
    }
    return NULL;
}
