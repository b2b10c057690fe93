/* render.c - a template and its values become a mail: plain text, and HTML made of the same text.
 */
#include "base/buffer.h"
#include "base/text.h"
#include "base/unicode.h"
#include "notify/template.h"

#include <stdio.h>
#include <time.h>

enum { BODY_MAX = 64 * 1024, VALUE_BYTES = 400, VALUES_MAX = 12 };

/* What placeholders stand for, made fit to be shown. */
typedef struct values {
    cinema_pair items[VALUES_MAX];
    size_t count;
} values;

/* ---- values ---------------------------------------------------------------------------------- */

/* One line, whatever it was: a line of its own could pass for ours. */
static char *one_line(arena *a, const char *s)
{
    char line[VALUE_BYTES];
    text_copy(line, sizeof line, s);
    return arena_copy(a, line, strlen(line));
}

/* "14 December 2026, 13:05 UTC". What is no time is left as it is. */
static char *moment(arena *a, int language, bool clock, const char *s)
{
    static const char *const months[LANGUAGES][12] = {
        { "January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December" },
        { "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
          "Oktober", "November", "Dezember" },
    };
    char hours[24] = "";
    int64_t ms;
    struct tm t;
    if (!time_parse(s, &ms))
        return one_line(a, s);
    time_t seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, &t);
    if (clock)
        snprintf(hours, sizeof hours, ", %02d:%02d UTC", t.tm_hour, t.tm_min);
    return arena_format(a, "%d%s %s %d%s", t.tm_mday, language == LANGUAGE_GERMAN ? "." : "",
                        months[language][t.tm_mon], t.tm_year + 1900, hours);
}

static const char *look_up(const values *v, const char *name, size_t n)
{
    for (size_t i = 0; i < v->count; i++)
        if (strlen(v->items[i].name) == n && !memcmp(v->items[i].name, name, n))
            return v->items[i].value;
    return "";
}

static bool put(values *v, const char *name, const char *value)
{
    if (!value || v->count == VALUES_MAX)
        return false;
    v->items[v->count++] = (cinema_pair){ name, value };
    return true;
}

static bool take_values(values *v, int language, const cinema_pair *given, size_t count, arena *a)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = given[i].name, *value = given[i].value;
        bool time = !strcmp(name, "time");
        bool is_moment = time || !strcmp(name, "date");
        if (!put(v, name, is_moment ? moment(a, language, time, value) : one_line(a, value)))
            return false;
    }
    return true;
}

/* Where the mail leads: never anywhere but to CINEMA_PUBLIC_URL. The token stands behind the #, so
 * that no server's log has it. */
static bool put_link(values *v, const template *t, const char *public_url, arena *a)
{
    const char *token = look_up(v, "token", 5);
    char *link = arena_format(a, "%s%s#token=%s", public_url, t->link ? t->link : "", token);
    const char *host = strstr(public_url, "://");
    host = host ? host + 3 : public_url;
    return put(v, "link", link) && put(v, "site", arena_copy(a, host, strcspn(host, "/?#")));
}

/* ---- text ------------------------------------------------------------------------------------ */

/* The next piece of a text: letters as they stand, or a {placeholder}. */
static size_t piece(const char *s, bool *placeholder)
{
    size_t n = strcspn(s + 1, "{}");
    *placeholder = *s == '{' && s[1 + n] == '}';
    return *placeholder ? n + 2 : 1 + strcspn(s + 1, "{");
}

static void fill(buffer *b, const char *s, const values *v,
                 void (*write)(buffer *b, const char *s, size_t n))
{
    bool placeholder;
    for (size_t n; *s; s += n) {
        n = piece(s, &placeholder);
        const char *value = placeholder ? look_up(v, s + 1, n - 2) : s;
        write(b, value, placeholder ? strlen(value) : n);
    }
}

static void write_plain(buffer *b, const char *s, size_t n)
{
    buffer_add(b, s, n);
}

static void write_html(buffer *b, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *entity = s[i] == '&'    ? "&amp;"
                             : s[i] == '<'  ? "&lt;"
                             : s[i] == '>'  ? "&gt;"
                             : s[i] == '"'  ? "&quot;"
                             : s[i] == '\'' ? "&#39;"
                             : s[i] == '\n' ? "<br>\n"
                                            : NULL;
        if (entity)
            buffer_text(b, entity);
        else
            buffer_byte(b, s[i]);
    }
}

/* ---- HTML ------------------------------------------------------------------------------------ */

static void add_paragraph(buffer *b, const char *paragraph, const values *v)
{
    bool link = !strcmp(paragraph, "{link}");
    buffer_text(b, "<p>");
    if (link) {
        buffer_text(b, "<a href=\"");
        fill(b, paragraph, v, write_html);
        buffer_text(b, "\">");
    }
    fill(b, paragraph, v, write_html);
    buffer_text(b, link ? "</a></p>\n" : "</p>\n");
}

/* Nothing is fetched from anywhere: no picture, no font, no count of who has read it. */
static void add_html(buffer *b, const char *subject, const char *text, int language,
                     const values *v, arena *a)
{
    buffer_format(b, "<!doctype html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\"><title>",
                  language_tag(language));
    write_html(b, subject, strlen(subject));
    buffer_text(b, "</title></head>\n<body style=\"font-family: sans-serif; line-height: 1.5; "
                   "max-width: 36em; margin: 2em auto; padding: 0 1em\">\n");
    for (const char *end; *text; text = end + strspn(end, "\n")) {
        end = strstr(text, "\n\n");
        end = end ? end : text + strlen(text);
        const char *paragraph = arena_copy(a, text, (size_t)(end - text));
        if (paragraph)
            add_paragraph(b, paragraph, v);
        else
            b->failed = CINEMA_NO_MEMORY;
    }
    buffer_text(b, "</body>\n</html>\n");
}

/* ---- all ------------------------------------------------------------------------------------- */

static const char *kept(const buffer *b, arena *a, cinema_status *s)
{
    const char *text = b->failed ? NULL : arena_copy(a, b->bytes, b->length);
    *s = text ? *s : CINEMA_NO_MEMORY;
    return text;
}

/* The whole text, still with its placeholders. */
static const char *letter(const template *t, int language, const char *name, arena *a)
{
    static const char *const hello[LANGUAGES] = { "Hello", "Guten Tag" };
    const char *body = t->texts[language].body;
    bool greets = name && *name && !t->stranger;
    return arena_format(a, "%s%s,\n\n%s", hello[language], greets ? " {name}" : "", body);
}

cinema_status template_render(const template *t, int language, const char *public_url,
                              const char *name, const cinema_pair *given, size_t count, arena *a,
                              rendered *ret, cinema_error *err)
{
    CLEANUP(buffer_done) buffer subject = BUFFER(BODY_MAX);
    CLEANUP(buffer_done) buffer text = BUFFER(BODY_MAX);
    CLEANUP(buffer_done) buffer html = BUFFER(BODY_MAX);
    values v = { 0 };
    cinema_status s = CINEMA_OK;
    const char *whole = letter(t, language, name, a);
    if (!whole || !take_values(&v, language, given, count, a) ||
        !put(&v, "name", one_line(a, name ? name : "")) || !put_link(&v, t, public_url, a))
        return fail_memory(err);
    fill(&subject, t->texts[language].subject, &v, write_plain);
    fill(&text, whole, &v, write_plain);
    buffer_text(&text, "\n");
    ret->subject = kept(&subject, a, &s);
    ret->text = kept(&text, a, &s);
    if (!s)
        add_html(&html, ret->subject, whole, language, &v, a);
    ret->html = kept(&html, a, &s);
    return s ? fail_memory(err) : CINEMA_OK;
}
