/* ops_show.c - one operation for people: who may, what it takes, how it can end. */
#include "cli/ops.h"
#include "cli/output.h"

#include <string.h>

/* What a type is called, and what its limits count. */
static const struct {
    const char *type, *words, *unit;
} types[] = {
    { "text", "text", " characters" },
    { "number", "whole number", "" },
    { "limit", "whole number", "" },
    { "real", "number", "" },
    { "bool", "true or false", "" },
    { "flag", "true or false", "" },
    { "uuid", "UUID", " characters" },
    { "texts", "list of texts", " of them" },
    { "pairs", "object of texts", " of them" },
    { "records", "list of objects", " of them" },
    { "record", "object", "" },
};

/* An operation being shown, and how wide the names of its fields are. */
typedef struct shown {
    const json_t *op;
    bool changes; /* it alters what is there: nothing has to be given */
    int width;
} shown;

static bool is_set(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

/* A record's fields are listed for creating and changing alike. */
static bool is_taken(const shown *s, const json_t *field)
{
    return !is_set(field, s->changes ? "create_only" : "update_only");
}

static bool is_needed(const shown *s, const json_t *field)
{
    return !s->changes && is_set(field, "needed");
}

/* The texts of a list, with commas between. */
static void show_words(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        fputs(i ? ", " : "", stdout);
        out_text(stdout, word ? word : "");
    }
}

/* ", 1 to 500 characters", ", at most 100", as far as limits are told. */
static void show_limits(const json_t *field, const char *unit)
{
    json_int_t min = json_integer_value(json_object_get(field, "min"));
    json_int_t max = json_integer_value(json_object_get(field, "max"));

    if (min && max && min == max)
        printf(", %" JSON_INTEGER_FORMAT "%s", max, unit);
    else if (min && max)
        printf(", %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT "%s", min, max, unit);
    else if (max)
        printf(", at most %" JSON_INTEGER_FORMAT "%s", max, unit);
    else if (min)
        printf(", at least %" JSON_INTEGER_FORMAT "%s", min, unit);
}

/* "text, 1 to 500 characters" */
static void show_type(const json_t *field)
{
    const char *words = ops_text(field, "type"), *unit = "";

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i].type, words)) {
            unit = types[i].unit;
            words = types[i].words;
            break;
        }
    out_text(stdout, words);
    show_limits(field, unit);
}

static void show_field(const shown *s, const json_t *field, int indent)
{
    const json_t *choices = json_object_get(field, "one_of");

    printf("%*s", indent, "");
    out_styled(stdout, OUT_BOLD, ops_text(field, "name"), s->width + 4 - indent);
    if (json_array_size(choices))
        show_words(choices);
    else
        show_type(field);
    if (is_needed(s, field))
        fputs(", needed", stdout);
    if (*ops_text(field, "initial"))
        printf(", else %s", ops_text(field, "initial"));
    if (*ops_text(field, "help")) {
        fputs("; ", stdout);
        out_text(stdout, ops_text(field, "help"));
    }
    putchar('\n');
}

/* One a line, those of nested objects below theirs. */
static void show_fields(const shown *s, const json_t *fields, int indent)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        if (!is_taken(s, field))
            continue;
        show_field(s, field, indent);
        show_fields(s, json_object_get(field, "fields"), indent + 2);
    }
}

/* The widest name, as deep as they go; parameters of the path are bare texts. */
static int widest(const json_t *fields)
{
    int most = ops_longest(fields, "name");

    for (size_t i = 0; i < json_array_size(fields); i++) {
        int n = widest(json_object_get(json_array_get(fields, i), "fields")) + 2;
        most = n > most ? n : most;
    }
    return most;
}

static const char *parameter(const json_t *parameters, size_t i)
{
    const char *name = json_string_value(json_array_get(parameters, i));
    return name ? name : "";
}

/* What the path names stands first among the members of the input. */
static void show_input(shown *s)
{
    const json_t *parameters = json_object_get(s->op, "parameters");
    const json_t *fields = json_object_get(s->op, "input");

    if (!json_array_size(parameters) && !json_array_size(fields))
        return;
    s->width = widest(fields);
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        int n = (int)strlen(parameter(parameters, i));
        s->width = n > s->width ? n : s->width;
    }
    fputs("\nFields\n", stdout);
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        fputs("  ", stdout);
        out_styled(stdout, OUT_BOLD, parameter(parameters, i), s->width + 2);
        fputs("text, needed; which one\n", stdout);
    }
    show_fields(s, fields, 2);
}

static void show_member(const char *name, bool *first)
{
    printf("%s\"%s\": ...", *first ? " --json '{" : ", ", name);
    *first = false;
}

/* With what it needs at least. */
static void show_example(const shown *s)
{
    const json_t *parameters = json_object_get(s->op, "parameters");
    const json_t *fields = json_object_get(s->op, "input");
    bool none = true;

    printf("\nExample\n  cinema call %s", ops_text(s->op, "name"));
    for (size_t i = 0; i < json_array_size(parameters); i++)
        show_member(parameter(parameters, i), &none);
    for (size_t i = 0; i < json_array_size(fields); i++)
        if (is_needed(s, json_array_get(fields, i)))
            show_member(ops_text(json_array_get(fields, i), "name"), &none);
    puts(none ? "" : "}'");
}

void ops_show(const json_t *op)
{
    shown s = { .op = op, .changes = !strcmp(ops_text(op, "method"), "PATCH") };
    const char *permission = ops_text(op, "permission");
    const json_t *outcomes = json_object_get(op, "outcomes");

    printf("%s - %s\n\n", ops_text(op, "name"), ops_text(op, "summary"));
    if (*ops_text(op, "path"))
        printf("  over HTTP  %s %s\n", ops_text(op, "method"), ops_text(op, "path"));
    printf("  who may    %s\n", *permission ? permission : "anyone");
    if (json_array_size(outcomes)) {
        fputs("  outcomes   ", stdout);
        show_words(outcomes);
        putchar('\n');
    }
    show_input(&s);
    show_example(&s);
}
