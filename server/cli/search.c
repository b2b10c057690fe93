/* search.c - `cinema search`: a look into the catalogue from the shell. */
#include <cinema/call.h>

#include "cli/call.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

/* The operands as they were typed, spaces between. */
static json_t *query_text(const cli_args *args)
{
    size_t size = 1;
    char *words;

    for (size_t i = 0; i < args->operands.count; i++)
        size += strlen(args->operands.items[i]) + 1;
    if (!(words = malloc(size)))
        return NULL;
    char *to = words;
    for (size_t i = 0; i < args->operands.count; i++)
        to += snprintf(to, size - (size_t)(to - words), "%s%s", i ? " " : "",
                       args->operands.items[i]);
    json_t *text = out_string(words);
    free(words);
    return text;
}

/* The input of search.query; limits and kinds are its business. */
static char *query(const cli_args *args)
{
    json_t *text = query_text(args);
    json_t *in = text ? json_pack("{s:o}", "q", text) : NULL;
    char *json = NULL;

    if (in && (!args->type || !json_object_set_new(in, "type", out_string(args->type))) &&
        (!args->limit || !json_object_set_new(in, "limit", json_integer(args->limit))))
        json = json_dumps(in, JSON_COMPACT);
    json_decref(in);
    return json;
}

/* People have a name where titles have a title. */
static const char *text_of(const json_t *item, const char *name, const char *other)
{
    const char *text = json_string_value(json_object_get(item, name));

    if (!text && other)
        text = json_string_value(json_object_get(item, other));
    return text ? text : "";
}

/* The title comes last: its width on the screen is nobody's business then. */
static void show(const json_t *item, int slug_width)
{
    const json_t *year = json_object_get(item, "year");
    char text[24] = "";

    if (json_is_integer(year))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(year));
    out_styled(stdout, OUT_PLAIN, text_of(item, "kind", NULL), 8);
    out_styled(stdout, OUT_PLAIN, text, 6);
    out_styled(stdout, OUT_DIM, text_of(item, "slug", NULL), slug_width);
    out_styled(stdout, OUT_BOLD, text_of(item, "title", "name"), 0);
    putchar('\n');
}

static int show_all(const char *answer)
{
    json_t *page = json_loads(answer, 0, NULL);
    const json_t *items = json_object_get(page, "items");
    size_t i, widest = 0;
    const json_t *item;

    if (!page)
        return cli_no_memory();
    json_array_foreach(items, i, item)
    {
        size_t n = strlen(text_of(item, "slug", NULL));
        widest = n > widest ? n : widest;
    }
    json_array_foreach(items, i, item) show(item, (int)widest + 2);
    if (!json_array_size(items))
        out_note("Nothing found.");
    else if (json_is_string(json_object_get(page, "next")))
        out_note("There are more; --limit N shows up to N.");
    json_decref(page);
    return CLI_EXIT_OK;
}

static int run(const cli_args *args)
{
    char *json = query(args), *answer = NULL;
    int code = json ? call_operation(args, "search.query", json, &answer) : cli_no_memory();

    if (!code && args->json)
        out_json_text(stdout, answer, out_is_terminal());
    else if (!code)
        code = show_all(answer);
    cinema_text_free(answer);
    free(json);
    return code;
}

static const cli_option options[] = {
    { .name = "type",
      CLI_TEXT_AT(type),
      .value = "TYPE",
      .help = "only this kind, such as movie or series" },
    { .name = "limit", CLI_NUMBER_AT(limit), .value = "N", .help = "at most so many; default: 20" },
    CLI_JSON_OPTION("the page as JSON, as the HTTP API answers it"),
    { 0 },
};

const cli_command cli_search = {
    .name = "search",
    .summary = "search the catalogue",
    .usage = "QUERY... [OPTION]...",
    .examples = "cinema search third man\n"
                "cinema search kurosawa --type person\n"
                "cinema search \"seven samurai\" --limit 5 --json",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run,
};
