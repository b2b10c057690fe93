/* text.c - text from outside made fit to be shown, JSON put into lines, numbers and times.
 * JSON that was written already is re-indented as text, so that 7.1 stays 7.1.
 */
#include "cli/cli.h"
#include "cli/output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Length of the character at `s`; 0: it is not UTF-8 there. */
static size_t character(const unsigned char *s)
{
    size_t n = s[0] < 0x80   ? 1
               : s[0] < 0xC2 ? 0
               : s[0] < 0xE0 ? 2
               : s[0] < 0xF0 ? 3
               : s[0] < 0xF5 ? 4
                             : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0; /* too long a form, a surrogate, beyond U+10FFFF */
    return n;
}

/* A terminal acts on these. */
static bool is_control(const unsigned char *s)
{
    return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && s[1] < 0xA0);
}

void out_text(FILE *to, const char *text)
{
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t n = character(s);
        if (!n || is_control(s))
            putc('?', to);
        else
            fwrite(s, 1, n, to);
        s += n ? n : 1;
    }
}

void out_lines(FILE *to, const char *text, int indent)
{
    for (; *text; text++) {
        putc(*text, to);
        if (*text == '\n' && text[1] && text[1] != '\n')
            fprintf(to, "%*s", indent, "");
    }
}

json_t *out_string(const char *text)
{
    json_t *value = json_string(text);
    char *copy = value ? NULL : strdup(text);

    if (!copy)
        return value;
    for (unsigned char *s = (unsigned char *)copy; *s;) {
        size_t n = character(s);
        if (!n)
            *s = '?';
        s += n ? n : 1;
    }
    value = json_string(copy);
    free(copy);
    return value;
}

int out_json(json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    json_decref(value);
    if (!text)
        return cli_no_memory();
    out_json_text(stdout, text, out_is_terminal());
    free(text);
    return CLI_EXIT_OK;
}

static void new_line(FILE *to, int depth)
{
    fprintf(to, "\n%*s", 2 * depth, "");
}

/* Writes the string that begins at `s`; gives its last character. */
static const char *quoted(FILE *to, const char *s)
{
    const char *end = s + 1;

    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    fwrite(s, 1, (size_t)(end - s) + (*end ? 1 : 0), to);
    return *end ? end : end - 1;
}

static void indented(FILE *to, const char *s)
{
    int depth = 0;

    for (; *s; s++) {
        if (*s == '"') {
            s = quoted(to, s);
        } else if ((*s == '{' && s[1] == '}') || (*s == '[' && s[1] == ']')) {
            fwrite(s++, 1, 2, to);
        } else if (*s == '{' || *s == '[') {
            putc(*s, to);
            new_line(to, ++depth);
        } else if (*s == '}' || *s == ']') {
            new_line(to, --depth);
            putc(*s, to);
        } else if (*s == ',') {
            putc(*s, to);
            new_line(to, depth);
        } else if (*s == ':') {
            fputs(": ", to);
        } else if (!strchr(" \t\r\n", *s)) {
            putc(*s, to);
        }
    }
}

void out_json_text(FILE *to, const char *json, bool pretty)
{
    if (pretty)
        indented(to, json);
    else
        fputs(json, to);
    putc('\n', to);
}

const char *out_count(int64_t n, char text[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, n);
    char *to = text;

    for (int i = 0; i < length; i++) {
        if (i && digits[i - 1] != '-' && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

const char *out_time(int64_t ms, char text[32])
{
    int64_t part = (ms % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((ms - part) / 1000);
    struct tm day;
    char head[24] = "";

    if (gmtime_r(&seconds, &day))
        strftime(head, sizeof head, "%Y-%m-%dT%H:%M:%S", &day);
    snprintf(text, 32, "%s.%03dZ", head, (int)part);
    return text;
}
