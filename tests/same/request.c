/* request.c - which operation is asked for, with what input, by whom, and whether the port fails.
 */
#include "same/request.h"

#include "call/result.h"
#include "import/line.h"
#include "same/text.h"
#include "same/value.h"

void request_done(request *r)
{
    buffer_done(&r->input);
}

/* ---- which ----------------------------------------------------------------------------------- */

/* What answers from data alone. */
static bool comparable(const op *o)
{
    return o->path && !strncmp(o->path, "/v1/", 4) && (o->nature == READ || o->nature == WRITE);
}

static unsigned weight(const op *o)
{
    static const struct {
        const char *method;
        unsigned of_30;
    } weights[] = { { "POST", 22 }, { "PATCH", 24 }, { "PUT", 20 }, { "DELETE", 5 } };
    for (size_t i = 0; i < COUNT_OF(weights); i++)
        if (!strcmp(o->method, weights[i].method))
            return weights[i].of_30;
    return o->flags & PAGE ? 18 : 12;
}

static const op *any_op(const known *k, source *chance)
{
    for (;;) {
        unsigned n = 0;
        for (const op *o = op_next(NULL); o; o = op_next(o))
            n++;
        n = source_below(chance, n);
        const op *o = op_next(NULL);
        while (n--)
            o = op_next(o);
        if (comparable(o) && source_below(chance, 30) < weight(o) &&
            (o->flags & PAGE || !k->pages_only))
            return o;
    }
}

/* ---- an operation ---------------------------------------------------------------------------- */

/* Path parameters stand in braces: /v1/movies/{title_id}. */
static bool path_members(const making *m, const char *path)
{
    bool more = false;
    for (const char *p = strchr(path, '{'); p; p = strchr(p + 1, '{')) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(p + 1, "}"), p + 1);
        buffer_format(m->out, "%s\"%s\":", more ? "," : "", name);
        value_name(m, name);
        more = true;
    }
    return more;
}

static void follow(request *r, const known *k, source *chance)
{
    r->cursor = k->fresh >= 0 ? k->fresh : (int)source_below(chance, k->cursor_count);
    r->op = op_named(k->cursors[r->cursor].op);
    if (source_one_in(chance, 20)) /* the cursor of another list */
        buffer_text(&r->input, "{\"limit\":3");
    else
        buffer_text(&r->input, k->cursors[r->cursor].input);
}

/* Bytes cut off, changed, or a second document behind. */
static void spoil(request *r, source *chance)
{
    buffer *b = &r->input;
    buffer_byte(b, '}');
    r->closed = true;
    switch (source_below(chance, 4)) {
    case 0:
        b->length = source_below(chance, b->length);
        b->bytes[b->length] = '\0';
        return;
    case 1:
        b->bytes[source_below(chance, b->length)] = (char)(1 + source_below(chance, 255));
        return;
    case 2:
        buffer_text(b, "{}");
        return;
    default:
        buffer_text(b, "  \n");
    }
}

static void call_make(request *r, const known *k, source *chance)
{
    if (k->cursor_count && source_one_in(chance, k->fresh >= 0 ? 2 : 10)) {
        follow(r, k, chance);
        return;
    }
    r->op = any_op(k, chance);
    making m = { &r->input, chance, k, r->op->name };
    buffer_byte(&r->input, '{');
    bool more = path_members(&m, r->op->path);
    if (r->op->input)
        more = value_members(&m, r->op->input, op_mode(r->op), more, false);
    if (source_one_in(chance, 50))
        buffer_format(&r->input, "%s\"nonsense\":1", more ? "," : "");
    if (source_one_in(chance, 60))
        spoil(r, chance);
}

/* ---- an import ------------------------------------------------------------------------------- */

static void line_make(request *r, const known *k, source *chance)
{
    static const field_table *const tables[] = {
        &cinema__line_movie,  &cinema__line_movie,     &cinema__line_series,  &cinema__line_series,
        &cinema__line_season, &cinema__line_episode,   &cinema__line_episode, &cinema__line_person,
        &cinema__line_genre,  &cinema__line_catalogue,
    };
    making m = { &r->input, chance, k, "import" };
    size_t start = r->input.length;
    buffer_byte(&r->input, '{');
    value_members(&m, tables[source_below(chance, COUNT_OF(tables))], MODE_CREATE, false, false);
    buffer_byte(&r->input, '}');
    if (source_one_in(chance, 60))
        r->input.bytes[start + source_below(chance, r->input.length - start)] = '"';
    buffer_byte(&r->input, '\n');
}

static void import_make(request *r, const known *k, source *chance)
{
    static const char *const statuses[] = { NULL, "draft", "published", "archived" };
    unsigned most = source_one_in(chance, 60) ? 600 : source_one_in(chance, 10) ? 60 : 12;
    unsigned lines = 1 + source_below(chance, most);
    r->batch = source_below(chance, most * 2);
    r->status = statuses[source_below(chance, COUNT_OF(statuses))];
    for (unsigned i = 0; i < lines; i++)
        line_make(r, k, chance);
}

/* One genre has more titles than are looked at one by one, and a word is in more than a search
 * looks at; series have episodes. */
static void put_movies(buffer *b, source *chance)
{
    enum { MOVIES = 1400 };
    for (int i = 0; i < MOVIES; i++) {
        CLEANUP(buffer_done) buffer title = BUFFER(1 << 16);
        text_words(&title, chance);
        buffer_text(b, "{\"kind\":\"movie\",\"genres\":[\"Drama\"],\"title\":");
        json_quoted(b, title.bytes, title.length);
        buffer_format(b, ",\"year\":%u,\"popularity\":%u,", 1950 + source_below(chance, 70),
                      source_below(chance, 9));
        buffer_format(b, "\"overview\":\"everywhere %d\",", i);
        buffer_format(b, "\"cast\":[{\"name\":\"Actor %u\"}]}\n", source_below(chance, 40));
    }
}

static void put_series(buffer *b)
{
    enum { SERIES = 12, EPISODES = 4 };
    for (int i = 0; i < SERIES; i++) {
        buffer_format(b, "{\"kind\":\"series\",\"title\":\"Series %d\",\"year\":2000}\n", i);
        buffer_format(b, "{\"kind\":\"season\",\"series\":\"series-%d-2000\",", i);
        buffer_text(b, "\"season_number\":1}\n");
        for (int k = 0; k < EPISODES; k++) {
            buffer_format(b, "{\"kind\":\"episode\",\"series\":\"series-%d-2000\",", i);
            buffer_format(b, "\"season_number\":1,\"episode_number\":%d,", k);
            buffer_format(b, "\"title\":\"Episode %d\"}\n", k);
        }
    }
}

void request_begin(request *r, source *chance)
{
    *r = (request){ .input = BUFFER(64 << 20), .cursor = -1 };
    buffer_text(&r->input, "{\"kind\":\"genre\",\"name\":\"Drama\"}\n");
    put_movies(&r->input, chance);
    put_series(&r->input);
}

/* ---- and what goes wrong --------------------------------------------------------------------- */

/* The engines need different numbers of statements for an import, but commit as often. */
static port_fault fault_make(const request *r, source *chance)
{
    port_fault f = { .kind = (fault_kind)(1 + source_below(chance, 3)), .at = 1 };
    if (!r->op && f.kind == FAULT_CALL)
        f.kind = FAULT_COMMIT;
    if (f.kind == FAULT_CALL)
        f.at = 1 + (int)source_below(chance, 9);
    else if (!r->op)
        f.at = 1 + (int)source_below(chance, 3);
    f.status = source_one_in(chance, 3) ? CINEMA_TIMEOUT : CINEMA_UNAVAILABLE;
    if (f.status == CINEMA_UNAVAILABLE && f.kind != FAULT_LOST && source_one_in(chance, 2))
        f.reason = source_one_in(chance, 2) ? "busy" : "serialization";
    return f;
}

void request_make(request *r, const known *k, source *chance)
{
    *r = (request){ .input = BUFFER(64 << 20), .cursor = -1 };
    r->nobody = source_one_in(chance, 12);
    if (!k->pages_only && source_one_in(chance, 12))
        import_make(r, k, chance);
    else
        call_make(r, k, chance);
    if (source_one_in(chance, 10))
        r->fault = fault_make(r, chance);
}
