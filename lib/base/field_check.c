/* field_check.c - an input struct held against its field table.
 * Every rule a field can have is here, so that all doors refuse the same things in the same words.
 */
#include "base/field.h"
#include "base/text.h"
#include "base/unicode.h"
#include "base/uuid.h"

#include <stdio.h>

/* Where a check stands: which input, which field of which item, and who collects the faults. */
typedef struct check {
    const field_table *table;
    field_mode mode;
    arena *arena;
    faults *faults;
    const char *path; /* "cast[2]." in front of names, or "" */
    bool no_memory;
} check;

typedef struct any_list {
    const void *items;
    size_t count;
} any_list;

#define BAD(k, f, rule, ...) bad(k, (f)->name, rule, __VA_ARGS__)
__attribute__((format(printf, 4, 5))) static void bad(check *k, const char *name, const char *rule,
                                                      const char *format, ...)
{
    char path[96], line[256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    snprintf(path, sizeof path, "%s%s", k->path, name);
    fault_add(k->faults, path, rule, "%s", line);
}

static bool control_character(const char *s, bool lines)
{
    for (; *s; s++)
        if (utf8_control(s) && !(lines && (*s == '\n' || *s == '\t' || *s == '\r')))
            return true;
    return false;
}

static bool ascii(const char *s, size_t n)
{
    unsigned char all = 0;
    for (size_t i = 0; i < n; i++)
        all |= (unsigned char)s[i];
    return all < 0x80;
}

/* NFC, in the arena when that is another text. */
static const char *normal(check *k, const char *s, size_t n)
{
    CLEANUP(freep) char *text = NULL;
    if (ascii(s, n))
        return s;
    if (unicode_nfc(s, n, &text) != CINEMA_OK || !text) {
        k->no_memory = true;
        return s;
    }
    if (!strcmp(text, s))
        return s;
    const char *kept = arena_copy(k->arena, text, strlen(text));
    k->no_memory |= !kept;
    return kept ? kept : s;
}

static void bad_length(check *k, const char *name, int64_t min, int64_t max)
{
    if (min == max)
        bad(k, name, "length", "must have exactly %lld characters", (long long)max);
    else if (min)
        bad(k, name, "length", "must have %lld to %lld characters", (long long)min, (long long)max);
    else
        bad(k, name, "length", "must have at most %lld characters", (long long)max);
}

/* What every text has to keep; gives its normal form, NULL after a fault. */
static const char *check_string(check *k, const char *name, const char *s, bool lines, int64_t min,
                                int64_t max)
{
    size_t n = strlen(s);
    if (!utf8_valid(s, n)) {
        bad(k, name, "utf8", "is not valid UTF-8");
        return NULL;
    }
    if (control_character(s, lines)) {
        bad(k, name, "control_character", "must not have control characters");
        return NULL;
    }
    s = normal(k, s, n);
    int64_t length = (int64_t)utf8_length(s, strlen(s));
    if (length < min || length > max) {
        bad_length(k, name, min, max);
        return NULL;
    }
    if (min > 0 && unicode_blank(s)) {
        bad(k, name, "blank", "must not be blank");
        return NULL;
    }
    return s;
}

static void bad_choice(check *k, const field *f)
{
    char list[160];
    size_t n = 0;
    for (const char *p = f->one_of; *p && n + 2 < sizeof list; p++) {
        if (*p == ' ')
            list[n++] = ',';
        list[n++] = *p;
    }
    list[n] = '\0';
    BAD(k, f, "one_of", "must be one of %s", list);
}

enum { TEXT_MAX = 500, ITEMS_MAX = 100 }; /* where a field says nothing */

static int64_t text_max(const field *f)
{
    return f->max ? f->max : TEXT_MAX;
}

/* Pages put such a text into a link, so nothing but http and https may stand there. */
static bool is_web(const char *s)
{
    size_t scheme = !strncmp(s, "https://", 8) ? 8 : !strncmp(s, "http://", 7) ? 7 : 0;
    return scheme && s[scheme] && s[scheme] != '/' && !s[strcspn(s, " \"<>\\^`{|}")];
}

static void check_text(check *k, const field *f, const char **at)
{
    uuid ignored;
    const char *s = *at;
    if (!s)
        return;
    if (f->one_of && !text_listed(f->one_of, s)) {
        bad_choice(k, f);
        return;
    }
    if (!(s = check_string(k, f->name, s, f->lines, f->min, text_max(f))))
        return;
    *at = s;
    if (f->type == FIELD_DATE && !date_valid(s))
        BAD(k, f, "date", "must be a date: YYYY, YYYY-MM or YYYY-MM-DD");
    if (f->type == FIELD_UUID && !uuid_parse(s, &ignored))
        BAD(k, f, "uuid", "must be a UUID");
    if (f->web && !is_web(s))
        BAD(k, f, "url", "must be an address: https://...");
}

static void check_range(check *k, const field *f, int64_t n)
{
    int64_t max = f->max || f->min ? f->max : INT64_MAX;
    if (n >= f->min && n <= max)
        return;
    if (max == INT64_MAX)
        BAD(k, f, "range", "must be at least %lld", (long long)f->min);
    else
        BAD(k, f, "range", "must be from %lld to %lld", (long long)f->min, (long long)max);
}

static void check_real(check *k, const field *f, double d)
{
    if (!(d >= (double)f->min && d <= (double)f->max)) /* also refuses NaN */
        BAD(k, f, "range", "must be from %lld to %lld", (long long)f->min, (long long)f->max);
}

static bool check_count(check *k, const field *f, size_t n)
{
    int64_t max = f->max ? f->max : ITEMS_MAX;
    if ((int64_t)n >= f->min && (int64_t)n <= max)
        return true;
    BAD(k, f, "items", "must have %lld to %lld items", (long long)f->min, (long long)max);
    return false;
}

static int64_t item_max(const field *f)
{
    return f->item_max ? f->item_max : TEXT_MAX;
}

static void check_texts(check *k, const field *f, cinema_texts *l)
{
    char name[80];
    if (!l->items || !check_count(k, f, l->count))
        return;
    const char **items = arena_alloc(k->arena, (l->count + 1) * sizeof *items);
    if (!items) {
        k->no_memory = true;
        return;
    }
    for (size_t i = 0; i < l->count; i++) {
        snprintf(name, sizeof name, "%s[%zu]", f->name, i);
        if (!l->items[i])
            bad(k, name, "type", "must be a string");
        else
            items[i] = check_string(k, name, l->items[i], false, 1, item_max(f));
    }
    l->items = items;
}

/* Names of pairs are words such as imdb; a name stands once. */
static bool pair_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return n && !s[n] && n <= 32 && (*s < '0' || *s > '9');
}

static void check_pairs(check *k, const field *f, cinema_pairs *l)
{
    char name[80];
    if (!l->items || !check_count(k, f, l->count))
        return;
    cinema_pair *items = arena_alloc(k->arena, (l->count + 1) * sizeof *items);
    if (!items) {
        k->no_memory = true;
        return;
    }
    for (size_t i = 0; i < l->count; i++) {
        const cinema_pair *p = &l->items[i];
        snprintf(name, sizeof name, "%s.%.40s", f->name, p->name ? p->name : "");
        if (!p->name || !pair_name(p->name))
            bad(k, name, "name", "must be a word of a-z, 0-9 and _ (such as imdb)");
        else if (!p->value)
            bad(k, name, "type", "must be a string");
        else
            items[i] =
                (cinema_pair){ p->name, check_string(k, name, p->value, false, 1, item_max(f)) };
        for (size_t j = 0; j < i; j++)
            if (items[j].name && items[i].name && !strcmp(items[j].name, items[i].name))
                bad(k, name, "duplicate_field", "stands twice");
    }
    l->items = items;
}

static void check_struct(check *k, char *input);

/* Items are checked in copies, since the caller's are const. */
static void check_records(check *k, const field *f, any_list *l)
{
    char path[96];
    const void *const *from = l->items;
    if (!from || !check_count(k, f, l->count))
        return;
    void **items = arena_alloc(k->arena, (l->count + 1) * sizeof *items);
    for (size_t i = 0; items && i < l->count; i++) {
        if (!(items[i] = arena_alloc(k->arena, f->of->input_size)))
            break;
        snprintf(path, sizeof path, "%s[%zu]", f->name, i);
        if (!from[i]) {
            bad(k, path, "type", "must be an object");
            continue;
        }
        memcpy(items[i], from[i], f->of->input_size);
        snprintf(path, sizeof path, "%.50s%s[%zu].", k->path, f->name, i);
        check inner = { f->of, MODE_CREATE, k->arena, k->faults, path, false };
        check_struct(&inner, items[i]);
        k->no_memory |= inner.no_memory;
    }
    k->no_memory |= !items || (l->count && !items[l->count - 1]);
    l->items = items;
}

static bool is_set(const field *f, const void *at)
{
    switch (f->type) {
    case FIELD_FLAG:
        return *(const bool *)at;
    case FIELD_LIMIT:
        return *(const unsigned *)at;
    default: /* all others begin with a pointer */
        return *(const void *const *)at;
    }
}

static void check_value(check *k, const field *f, void *at)
{
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_UUID:
        check_text(k, f, at);
        return;
    case FIELD_NUMBER:
        check_range(k, f, **(const int64_t **)at);
        return;
    case FIELD_LIMIT:
        check_range(k, f, *(unsigned *)at);
        return;
    case FIELD_REAL:
        check_real(k, f, **(const double **)at);
        return;
    case FIELD_TEXTS:
    case FIELD_WORDS:
        check_texts(k, f, at);
        return;
    case FIELD_PAIRS:
        check_pairs(k, f, at);
        return;
    case FIELD_RECORDS:
        check_records(k, f, at);
        return;
    default: /* times and booleans have no limits */
        return;
    }
}

/* A value of the wrong type was told and left out, or the record that it is in: that it is missing
 * is no news. */
static bool told(const check *k, const char *name)
{
    char path[96];
    snprintf(path, sizeof path, "%s%s", k->path, name);
    for (size_t i = 0; i < k->faults->count && i < FAULTS_MAX; i++) {
        const char *at = k->faults->items[i].field;
        size_t n = strlen(at);
        if (!strncmp(at, path, n) && (!path[n] || path[n] == '.'))
            return true;
    }
    return false;
}

static void fill_in(check *k, const field *f, void *at)
{
    if (f->initial && f->type == FIELD_TEXT)
        *(const char **)at = f->initial;
    else if (f->needed && !told(k, f->name))
        BAD(k, f, "required", "is required");
}

static void check_field(check *k, const field *f, void *at)
{
    bool set = is_set(f, at);
    if (!set && k->mode != MODE_UPDATE)
        fill_in(k, f, at);
    else if (set && k->mode == MODE_CREATE && f->update_only)
        BAD(k, f, "update_only", "can only be given with a change");
    else if (set && k->mode == MODE_UPDATE && f->create_only)
        BAD(k, f, "create_only", "cannot be changed");
    else if (set)
        check_value(k, f, at);
}

static bool is_list(const field *f)
{
    return f->type == FIELD_TEXTS || f->type == FIELD_WORDS || f->type == FIELD_PAIRS ||
           f->type == FIELD_RECORDS;
}

/* A list set to no items says the same as clearing it, and is what a check leaves behind. */
static bool says_more(const field *f, const char *at)
{
    any_list l;
    if (!is_list(f))
        return is_set(f, at);
    memcpy(&l, at, sizeof l);
    return l.items && l.count;
}

static void clear_one(check *k, const char *name, char *input)
{
    static const any_list none = { "", 0 };
    const field *f = field_find(k->table, name);
    if (!f || f->in == FIELD_NONE || f->type == FIELD_CLEAR)
        bad(k, name, "unknown_field", "is not a field of a %s", k->table->name);
    else if (f->needed || f->lasting || f->initial || f->create_only || f->update_only)
        bad(k, name, "not_clearable", "cannot be empty");
    else if (k->mode != MODE_CREATE && says_more(f, input + f->in))
        bad(k, name, "set_and_cleared", "cannot be set and cleared at once");
    else if (is_list(f))
        memcpy(input + f->in, &none, sizeof none);
}

static void check_clear(check *k, const char *clear, char *input)
{
    char name[64];
    while (clear && *clear) {
        size_t n = strcspn(clear, ",");
        snprintf(name, sizeof name, "%.*s", (int)(n < 63 ? n : 63), clear);
        clear_one(k, name, input);
        clear += n + (clear[n] == ',');
    }
}

static void check_struct(check *k, char *input)
{
    for (size_t i = 0; i < k->table->count; i++) {
        const field *f = &k->table->fields[i];
        if (f->in == FIELD_NONE)
            continue;
        if (f->type == FIELD_CLEAR)
            check_clear(k, *(const char **)(input + f->in), input);
        else
            check_field(k, f, input + f->in);
    }
}

cinema_status fields_check(const field_table *t, field_mode mode, void *input, arena *a,
                           faults *list, cinema_error *err)
{
    faults own;
    own.count = 0; /* the rest is written before it is read: 12 KiB need not be zeroed */
    check k = { t, mode, a, list ? list : &own, "", false };
    check_struct(&k, input);
    if (k.no_memory)
        return fail_memory(err);
    return list ? CINEMA_OK : faults_status(&own, err);
}

bool field_cleared(const char *clear, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = clear; p && *p; p += strcspn(p, ","), p += *p == ',')
        if (!strncmp(p, name, n) && (p[n] == ',' || !p[n]))
            return true;
    return false;
}

cinema_status revision_check(const int64_t *wanted, int64_t now, cinema_error *err)
{
    if (!wanted || *wanted == now)
        return CINEMA_OK;
    return fail(err, CINEMA_STALE, NULL, NULL, "it was changed meanwhile: it is at revision %lld",
                (long long)now);
}
