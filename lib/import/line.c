/* line.c - one line of JSON becomes what it says: which form it is in, read by that form's field
 * table in the words of the JSON door, and all that can be computed without the database.
 */
#include "import/line.h"

#include "base/unicode.h"
#include "call/op.h"
#include "catalog/catalog.h"
#include "search/search.h"

#include <jansson.h>
#include <stdio.h>

_Static_assert(sizeof(((line *)0)->slug) == SLUG_MAX + 1, "a slug and its NUL");

/* --- which form --- */

/* A kind of line, read as an operation's body would be. */
typedef struct form {
    const char *kind;
    line_stage stage;
    op reading;
} form;

#define READING(what, table)                                                                       \
    {                                                                                              \
        .name = (what), .method = "POST", .input = (table)                                         \
    }
static const form forms[] = {
    { "genre", STAGE_GENRE, READING("genre", &cinema__line_genre) },
    { "person", STAGE_PERSON, READING("person", &cinema__line_person) },
    { "movie", STAGE_TITLE, READING("movie", &cinema__line_movie) },
    { "series", STAGE_TITLE, READING("series", &cinema__line_series) },
    { "season", STAGE_SEASON, READING("season", &cinema__line_season) },
    { "episode", STAGE_EPISODE, READING("episode", &cinema__line_episode) },
};
static const form catalogue_form = { "", STAGE_TITLE,
                                     READING("catalogue line", &cinema__line_catalogue) };
static const form any_form = { "", STAGE_TITLE, READING("line", &cinema__line_any) };

/* The length of the string after the quote at `s`, up to its own quote. */
static size_t string_at(const char *s, const char *end)
{
    const char *p = s;
    while (p < end && *p != '"')
        p += *p == '\\' ? 2 : 1;
    return (size_t)((p < end ? p : end) - s);
}

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && strchr(" \t\r:", *s) && *s)
        s++;
    return s;
}

static const form *form_named(const char *s, const char *end)
{
    size_t n = s < end && *s == '"' ? string_at(s + 1, end) : 0;
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (n == strlen(forms[i].kind) && !strncmp(forms[i].kind, s + 1, n))
            return &forms[i];
    return &any_form;
}

/* By the first member of the object that says: `kind` in our own form, `type` in the catalogue's.
 */
static const form *form_of(const char *s, size_t length)
{
    const char *end = s + length;
    bool name = true;
    for (int depth = 0; s < end; s++) {
        if (*s == '"') {
            size_t n = string_at(s + 1, end);
            bool ours = depth == 1 && name && n == 4 && n + 1 < (size_t)(end - s);
            if (ours && !strncmp(s + 1, "kind", 4))
                return form_named(skip_blanks(s + 6, end), end);
            if (ours && !strncmp(s + 1, "type", 4))
                return &catalogue_form;
            if (n + 1 >= (size_t)(end - s)) /* it never ends */
                break;
            s += n + 1;
        }
        depth += *s == '{' || *s == '[' ? 1 : *s == '}' || *s == ']' ? -1 : 0;
        name = *s == ',' || *s == '{' || (name && (*s == ' ' || *s == '\t'));
    }
    return &any_form;
}

/* jansson counts lines too; in here there is one. */
static void drop_line_number(faults *list)
{
    static const char words[] = "line 1, ";
    char *at = list->count ? strstr(list->items[0].message, words) : NULL;
    if (at && !strcmp(list->items[0].rule, "json"))
        memmove(at, at + sizeof words - 1, strlen(at + sizeof words - 1) + 1);
}

/* A line of no form: what is wrong with its JSON, or else with its kind; the rest is no news. */
static void no_form(faults *list)
{
    for (size_t i = 0; i < list->count && i < FAULTS_MAX; i++)
        if (!strcmp(list->items[i].field, "kind")) {
            list->items[0] = list->items[i];
            list->count = 1;
        }
}

/* --- what follows from it --- */

static void check_slug(const char *slug, const char *path, faults *list)
{
    uuid looks_like_one;
    if (slug && slug[strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-")])
        fault_add(list, path, "slug", "must be made of a-z, 0-9 and -");
    else if (slug && uuid_parse(slug, &looks_like_one))
        fault_add(list, path, "slug", "must not look like an id");
}

static cinema_status sort_key(const char *text, arena *a, const char **ret)
{
    CLEANUP(freep) char *key = NULL;
    if (unicode_sort_key(text, &key))
        return CINEMA_NO_MEMORY;
    *ret = arena_copy(a, key, strlen(key));
    return *ret ? CINEMA_OK : CINEMA_NO_MEMORY;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

const char *person_key(const char *slug, arena *a)
{
    return arena_format(a, "\1%s", slug);
}

/* Adds number `i` of the line's list, unless it is there: lists of names have the same one twice.
 */
static cinema_status add_credit(line_part *part, const line_credit *credit, const char *list,
                                size_t i, arena *a, faults *faulty)
{
    char path[64];
    line_credit *to = &part->items[part->count];
    *to = *credit;
    if (sort_key(to->name, a, &to->key))
        return CINEMA_NO_MEMORY;
    if (!*to->key) {
        snprintf(path, sizeof path, "%s[%zu].name", list, i);
        fault_add(faulty, path, "blank", "must not be blank");
    }
    snprintf(path, sizeof path, "%s[%zu].person", list, i);
    check_slug(to->person, path, faulty);
    if (!(to->who = to->person ? person_key(to->person, a) : to->key))
        return CINEMA_NO_MEMORY;
    for (size_t k = 0; !to->person && k < part->count; k++)
        if (same(part->items[k].key, to->key) && same(part->items[k].role, to->role) &&
            same(part->items[k].department, to->department))
            return CINEMA_OK;
    part->count++;
    return CINEMA_OK;
}

static line_credit credit_of(const line_input *in, int part, size_t i)
{
    if (part == CAST)
        return (line_credit){ .name = in->cast.items[i]->name,
                              .person = in->cast.items[i]->person,
                              .role = in->cast.items[i]->character };
    return (line_credit){ .name = in->crew.items[i]->name,
                          .person = in->crew.items[i]->person,
                          .role = in->crew.items[i]->job,
                          .department = in->crew.items[i]->department };
}

static cinema_status read_part(line *l, int part, arena *a, faults *list)
{
    const line_input *in = &l->in;
    size_t count = part == CAST ? in->cast.count : in->crew.count;
    line_part *to = &l->parts[part];
    if (part == CAST ? !in->cast.items : !in->crew.items)
        return CINEMA_OK;
    if (!(to->items = arena_alloc(a, (count + 1) * sizeof *to->items)))
        return CINEMA_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        line_credit credit = credit_of(in, part, i);
        if (add_credit(to, &credit, part == CAST ? "cast" : "crew", i, a, list))
            return CINEMA_NO_MEMORY;
    }
    return CINEMA_OK;
}

static const char *people_of(const line *l, arena *a)
{
    size_t room = 1;
    for (int part = 0; part < PARTS; part++)
        for (size_t i = 0; i < l->parts[part].count; i++)
            room += strlen(l->parts[part].items[i].name) + 1;
    char *text = arena_text(a, room), *to = text;
    for (int part = 0; text && part < PARTS; part++)
        for (size_t i = 0; i < l->parts[part].count; i++) {
            size_t n = strlen(l->parts[part].items[i].name);
            memcpy(to, l->parts[part].items[i].name, n);
            to[n] = '\n';
            to += n + 1;
        }
    if (text)
        *to = '\0';
    return text;
}

/* Of an episode it is that of its first showing, unless the line says another, or is an export's,
 * which says all there is. */
static int64_t year_of(const line *l)
{
    const cinema_title_input *t = &l->in.title;
    if (t->year)
        return *t->year;
    if (l->stage != STAGE_EPISODE || !t->released_on || l->in.slug)
        return CINEMA_ABSENT;
    int64_t year = strtol(t->released_on, NULL, 10); /* up to the first dash */
    return year ? year : CINEMA_ABSENT;
}

static cinema_status derive(line *l, arena *a, faults *list)
{
    const cinema_title_input *t = &l->in.title;
    cinema_status s;
    if ((s = read_part(l, CAST, a, list)) || (s = read_part(l, CREW, a, list)) ||
        (s = sort_key(t->title, a, &l->sort_key)))
        return s;
    l->year = year_of(l);
    search_document d = { t->title, t->original_title, people_of(l, a), t->overview };
    if (l->in.slug)
        text_copy(l->slug, sizeof l->slug, l->in.slug);
    else if (slug_make(t->title, l->year, "title", 1, l->slug))
        return CINEMA_NO_MEMORY;
    if (!d.people)
        return CINEMA_NO_MEMORY;
    return search__words(&d, a, &l->words);
}

/* --- one line --- */

static void check_slugs(const line_input *in, faults *list)
{
    char path[32];
    check_slug(in->slug, "slug", list);
    for (size_t i = 0; i < in->old_slugs.count; i++) {
        snprintf(path, sizeof path, "old_slugs[%zu]", i);
        check_slug(in->old_slugs.items[i], path, list);
    }
}

/* Our own form into the line. */
static void take_own(const form *f, const line_input *in, line *ret)
{
    ret->in = *in;
    ret->in.kind = f->kind;
    ret->stage = f->stage;
    ret->keys = (UINT64_C(1) << in->title.external_ids.count) - 1; /* at most 20 */
    ret->named = in->id || in->slug;
    if (in->id)
        uuid_parse(in->id, &ret->id);
}

cinema_status line_read(const char *text, size_t length, arena *a, line *ret, faults *list,
                        faults *warnings, cinema_error *err)
{
    const form *f = form_of(text, length);
    op_call k = { .op = &f->reading, .arena = a };
    op_input in = { .json = text, .json_length = length };
    if (!utf8_valid(text, length)) {
        fault_add(list, "", "utf8", "is not valid UTF-8");
        return CINEMA_OK;
    }
    cinema_status s = input_read(&k, &in, list, err);
    ret->body = k.body;
    drop_line_number(list);
    if (f == &any_form)
        no_form(list);
    if (s || list->count)
        return s;
    if (f != &catalogue_form)
        take_own(f, k.input, ret);
    else if ((s = catalogue_line_read(k.input, a, ret, list, warnings, err)))
        return s;
    check_slugs(&ret->in, list);
    if ((ret->stage == STAGE_TITLE || ret->stage == STAGE_EPISODE) && derive(ret, a, list))
        return fail_memory(err);
    return CINEMA_OK;
}

void line_done(line *l)
{
    json_decref(l->body);
    l->body = NULL;
}
