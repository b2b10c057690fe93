/* catalogue_line.c - the film catalogue's form made our own: names without roles, empty text and
 * zeros where something is not known.
 */
#include "import/line.h"

enum { ID_MAX = 200, CATALOGUE = 0, WIKIPEDIA = 1 };

static const char *unless_empty(const char *s)
{
    return s && *s ? s : NULL;
}

static const int64_t *unless_zero(const int64_t *n)
{
    return n && *n ? n : NULL;
}

/* The number is what the line is known by; the article's name belongs to whoever has it first. */
static cinema_status add_ids(const catalogue_line *from, arena *a, line *ret, faults *warnings)
{
    cinema_pair *items = arena_alloc(a, 2 * sizeof *items);
    const char *id = arena_format(a, "%lld", (long long)*from->id);
    size_t count = 1;
    if (!items || !id)
        return CINEMA_NO_MEMORY;
    items[CATALOGUE] = (cinema_pair){ "catalogue", id };
    ret->keys = 1u << CATALOGUE;
    if (unless_empty(from->href) && strlen(from->href) <= ID_MAX) {
        items[count++] = (cinema_pair){ "wikipedia", from->href };
        ret->soft = 1u << WIKIPEDIA;
    } else if (unless_empty(from->href)) {
        fault_add(warnings, "href", "length", "is too long for an external id, and left out");
    }
    ret->in.title.external_ids = (cinema_pairs){ items, count };
    return CINEMA_OK;
}

static cinema_status add_cast(const cinema_texts *names, arena *a, line_input *in)
{
    line_cast *items = arena_alloc(a, (names->count + 1) * sizeof *items);
    const line_cast **list = arena_alloc(a, (names->count + 1) * sizeof *list);
    if (!items || !list)
        return CINEMA_NO_MEMORY;
    for (size_t i = 0; i < names->count; i++) {
        items[i].name = names->items[i];
        list[i] = &items[i];
    }
    in->cast.items = list;
    in->cast.count = names->count;
    return CINEMA_OK;
}

cinema_status catalogue_line_read(const catalogue_line *from, arena *a, line *ret, faults *list,
                                  faults *warnings, cinema_error *err)
{
    cinema_title_input *t = &ret->in.title;
    ret->stage = STAGE_TITLE;
    ret->catalogue = true;
    ret->in.kind = from->type;
    t->title = from->title;
    t->original_title = unless_empty(from->original_title);
    t->year = unless_zero(from->year);
    t->overview = unless_empty(from->plot);
    t->language = unless_empty(from->lang);
    t->popularity = unless_zero(from->votes);
    if (t->year && *t->year < 1888)
        fault_add(list, "year", "range", "must be 0 (not known), or from 1888 to 9999");
    if (t->language && !t->language[1])
        fault_add(list, "lang", "length", "must have 2 to 35 characters");
    if (from->genres.count)
        t->genres = from->genres;
    if (add_ids(from, a, ret, warnings) || (from->cast.count && add_cast(&from->cast, a, &ret->in)))
        return fail_memory(err);
    return CINEMA_OK;
}
