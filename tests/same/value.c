/* value.c - a value for each type of field: mostly good, at a limit now and then, seldom wrong.
 */
#include "same/value.h"

#include "call/result.h"
#include "same/text.h"

enum { ODD = 120, NULLS = 14, DEEP = 4 };

static void object(const making *m, const field_table *t, int depth);

static void quoted(const making *m, const char *s)
{
    json_quoted(m->out, s, strlen(s));
}

/* Text of the length that a field allows, mostly. */
static void put_text(const making *m, const field *f, void (*fill)(buffer *, source *))
{
    CLEANUP(buffer_done) buffer text = BUFFER(1 << 20);
    fill(&text, m->chance);
    if (source_one_in(m->chance, 400)) /* around the longest */
        for (int64_t n = f->max + (int)source_below(m->chance, 3) - 1; n > 0 && n < 12000; n--)
            buffer_text(&text, n % 7 ? "x" : "ü");
    json_quoted(m->out, text.bytes ? text.bytes : "", text.length);
}

static void fill_long(buffer *b, source *chance)
{
    text_long(b, chance, true);
}

static void put_word(const making *m, const char *list)
{
    size_t count = 1;
    for (const char *p = list; *p; p++)
        count += *p == ' ';
    for (unsigned skip = source_below(m->chance, count); skip; skip--)
        list = strchr(list, ' ') + 1;
    json_quoted(m->out, list, strcspn(list, " "));
}

static void put_date(const making *m)
{
    static const char *const dates[] = { "1954",       "1954-04",  "1954-04-26", "2000-02-29",
                                         "1900-02-29", "1999-13",  "0001-01-01", "9999-12-31",
                                         "1999-1-1",   "19990101", "1960-06",    "1960-06-01" };
    quoted(m, dates[source_below(m->chance, COUNT_OF(dates))]);
}

/* Around now: the clock stands still within a step, and steps are a second each. */
static void put_time(const making *m)
{
    static const char *const ends[] = { "Z", "Z", ".5Z", ".123Z", "+01:00", "-00:30", "" };
    char text[64];
    time_t t = (time_t)(m->chance->now / 1000) - (time_t)source_below(m->chance, 600);
    struct tm parts;
    gmtime_r(&t, &parts);
    size_t n = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + n, sizeof text - n, "%s", ends[source_below(m->chance, COUNT_OF(ends))]);
    quoted(m, text);
}

/* From a few, so that values meet, or else anywhere between the limits. */
static void put_number(const making *m, const field *f)
{
    int64_t low = f->min, high = f->max ? f->max : low + 100;
    int64_t few = high - low < 12 ? high - low + 1 : 12;
    int64_t from = low == 1888 ? 1950 : low;
    switch (source_below(m->chance, 12)) {
    case 0:
        buffer_number(m->out, high);
        return;
    case 1:
        buffer_number(m->out, low);
        return;
    case 2:
        buffer_number(m->out, low + (int64_t)(source_next(m->chance) % (uint64_t)(high - low + 1)));
        return;
    default:
        buffer_number(m->out, from + source_below(m->chance, (size_t)few));
    }
}

#define PERMISSIONS "audit.read content.write role.read user.read user.read * audit.reed"
#define ROLES "admin editor viewer viewer auditor critic keeper nobody Nobody"

static void put_word(const making *m, const char *list);

/* Names of what the walk makes no records of: roles, permissions, accounts. */
static bool put_of_accounts(const making *m, const char *name)
{
    if (!strcmp(name, "role") || !strcmp(name, "roles"))
        put_word(m, ROLES);
    else if (!strcmp(name, "permissions"))
        put_word(m, PERMISSIONS);
    else if (!strcmp(name, "user_id"))
        buffer_format(m->out, "\"" ENGINE_ACCOUNT "\"", source_below(m->chance, ENGINE_ACCOUNTS));
    else
        return false;
    return true;
}

void value_name(const making *m, const char *name)
{
    if (put_of_accounts(m, name))
        return;
    const known_name *n = known_any(m->known, known_kind_of(m->op, name, m->chance), m->chance);
    if (n && !source_one_in(m->chance, 25))
        quoted(m, n->text);
    else
        put_text(m, &(field){ .max = 80 }, text_part);
}

/* Of the thing that is changed, one could hope: a number from a few, or what a name had. */
static void put_revision(const making *m)
{
    buffer_number(m->out, 1 + source_below(m->chance, 5));
}

static void put_pairs(const making *m)
{
    static const char *const sources[] = { "imdb", "tmdb", "wikidata", "IMDB", "x y", "é", "" };
    unsigned n = source_below(m->chance, 4);
    buffer_byte(m->out, '{');
    for (unsigned i = 0; i < n; i++) {
        if (i)
            buffer_byte(m->out, ',');
        quoted(
            m,
            sources[source_below(m->chance, source_one_in(m->chance, 20) ? COUNT_OF(sources) : 3)]);
        buffer_byte(m->out, ':');
        if (source_one_in(m->chance, 12))
            put_text(m, &(field){ .max = 200 }, text_words);
        else
            buffer_format(m->out, "\"tt%u\"", source_below(m->chance, 60));
    }
    buffer_byte(m->out, '}');
}

static void put_list(const making *m, const field *f, int depth)
{
    unsigned n = source_below(m->chance, source_one_in(m->chance, 10) ? 9 : 4);
    buffer_byte(m->out, '[');
    for (unsigned i = 0; i < n; i++) {
        if (i)
            buffer_byte(m->out, ',');
        if (f->type == FIELD_RECORDS && depth < DEEP)
            object(m, f->of, depth + 1);
        else if (!strcmp(f->name, "genres") && !source_one_in(m->chance, 10))
            value_name(m, f->name);
        else if (!put_of_accounts(m, f->name))
            put_text(m, f, text_words);
    }
    buffer_byte(m->out, ']');
}

/* Names that a field may stand for are taken from what is known. */
static bool names_something(const char *name)
{
    static const char *const names[] = { "genre", "person_id", "series", "id" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static void put_string(const making *m, const field *f)
{
    if (f->one_of)
        put_word(m, f->one_of);
    else if (!strcmp(f->name, "genre") && source_one_in(m->chance, 3))
        quoted(m, "drama"); /* which most titles have (request_begin) */
    else if (names_something(f->name))
        value_name(m, f->name);
    else if (f->lines)
        put_text(m, f, fill_long);
    else if (!strcmp(f->name, "slug"))
        buffer_format(m->out, "\"slug-%u\"", source_below(m->chance, 30));
    else if (!strcmp(f->name, "language"))
        put_word(m, "en en de ja pt-BR zh-Hant x nonsense");
    else
        put_text(m, f, strcmp(f->name, "q") ? text_words : text_part);
}

static void put_odd(const making *m)
{
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "-1",
        "0",
        "1.5",
        "1e308",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "1e999",
        "\"\"",
        "\"12\"",
        "[]",
        "{}",
        "[[[]]]",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\ud83c\\udfac\"",
        "\" x \"",
        "\"\\n\"",
        "\"\\u0001\"",
        "\"\\u202e\"",
        "{\"a\":1}",
        "[null]",
        "[1]",
        "01",
        "\"\xC3\"",
        "\"\xED\xA0\x80\"",
        "\"\xF5\x80\x80\x80\"",
        "nul",
    };
    buffer_text(m->out, values[source_below(m->chance, COUNT_OF(values))]);
}

static void put(const making *m, const field *f, int depth)
{
    if (source_one_in(m->chance, ODD)) {
        put_odd(m);
        return;
    }
    switch ((field_type)f->type) {
    case FIELD_NUMBER:
        if (!strcmp(f->name, "revision"))
            put_revision(m);
        else
            put_number(m, f);
        return;
    case FIELD_LIMIT:
        buffer_number(m->out, 1 + source_below(m->chance, source_one_in(m->chance, 5) ? 101 : 6));
        return;
    case FIELD_REAL:
        buffer_format(m->out, "%u.%u", source_below(m->chance, 11), source_below(m->chance, 100));
        return;
    case FIELD_BOOL:
    case FIELD_FLAG:
        buffer_text(m->out, source_one_in(m->chance, 3) ? "false" : "true");
        return;
    case FIELD_DATE:
        put_date(m);
        return;
    case FIELD_UUID:
        buffer_format(m->out, "\"" ENGINE_ACCOUNT "\"", source_below(m->chance, ENGINE_ACCOUNTS));
        return;
    case FIELD_TIME:
        put_time(m);
        return;
    case FIELD_PAIRS:
        put_pairs(m);
        return;
    case FIELD_TEXTS:
    case FIELD_WORDS:
    case FIELD_RECORDS:
        put_list(m, f, depth);
        return;
    case FIELD_RECORD:
        object(m, f->of, depth + 1);
        return;
    default:
        put_string(m, f);
    }
}

/* ---- members --------------------------------------------------------------------------------- */

static bool wanted(const making *m, const field *f, field_mode mode, bool cursor)
{
    if (f->in == FIELD_NONE || f->type == FIELD_CLEAR || (cursor && !strcmp(f->name, "after")))
        return false;
    if (f->needed && mode != MODE_UPDATE)
        return !source_one_in(m->chance, 60);
    if (!strcmp(f->name, "after"))
        return source_one_in(m->chance, 30);
    if (!strcmp(f->name, "revision") || (f->update_only && mode != MODE_UPDATE))
        return source_one_in(m->chance, mode == MODE_UPDATE ? 4 : 20);
    if (!strcmp(f->name, "sort"))
        return !source_one_in(m->chance, 4);
    return source_one_in(m->chance, mode == MODE_CREATE ? 2 : 3);
}

static bool members(const making *m, const field_table *t, field_mode mode, bool more, bool cursor,
                    int depth)
{
    for (size_t i = 0; i < t->count; i++) {
        const field *f = &t->fields[i];
        if (!wanted(m, f, mode, cursor))
            continue;
        buffer_format(m->out, "%s\"%s\":", more ? "," : "", f->name);
        if (mode == MODE_UPDATE && source_one_in(m->chance, NULLS))
            buffer_text(m->out, "null");
        else
            put(m, f, depth);
        more = true;
    }
    return more;
}

bool value_members(const making *m, const field_table *t, field_mode mode, bool more, bool cursor)
{
    return members(m, t, mode, more, cursor, 0);
}

static void object(const making *m, const field_table *t, int depth)
{
    buffer_byte(m->out, '{');
    members(m, t, MODE_CREATE, false, false, depth);
    buffer_byte(m->out, '}');
}
