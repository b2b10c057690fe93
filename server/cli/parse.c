/* parse.c - the command line, read by the option tables.
 * Global options may stand anywhere; a command's own stand after it. `--name VALUE` and
 * `--name=VALUE` are the same, `-qv` is `-q -v`, `--` ends the options. Names are not abbreviated:
 * a script must not break because an option was added.
 */
#include "cli/cli.h"
#include "cli/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct parser {
    char **next; /* the argument to be read next */
    cli_args *args;
    bool only_operands; /* after -- */
} parser;

static bool has_name(const cli_option *o, const char *name, size_t length)
{
    return strlen(o->name) == length && !memcmp(o->name, name, length);
}

static const cli_option *in_table(const cli_option *o, const char *name, size_t length, char letter)
{
    for (; o && o->name; o++)
        if (letter ? o->letter == letter : has_name(o, name, length))
            return o;
    return NULL;
}

/* By its name, or by its letter where that is not 0. A command's own options come first. */
static const cli_option *find(const cli_args *args, const char *name, size_t length, char letter)
{
    const cli_option *own = args->command ? args->command->options : NULL;
    const cli_option *o = in_table(own, name, length, letter);

    return o ? o : in_table(cli_globals, name, length, letter);
}

/* Does a command know it? For those who put it too early. */
static bool known_later(const char *name)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (in_table(cli_commands[i]->options, name, strlen(name), 0))
            return true;
    return false;
}

static int unknown_option(const cli_args *args, const char *name, size_t length)
{
    char word[64], hint[160];
    suggestion near = { .word = word };

    snprintf(word, sizeof word, "%.*s", (int)length, name);
    if (!args->command && known_later(word))
        return cli_usage(NULL, "--%s stands after the command: cinema COMMAND --%s", word, word);
    for (const cli_option *o = cli_globals; o->name; o++)
        suggest_offer(&near, o->name);
    for (const cli_option *o = args->command ? args->command->options : NULL; o && o->name; o++)
        suggest_offer(&near, o->name);
    return cli_usage(args->command, "unknown option '--%s'%s", word,
                     suggest_text(&near, "--", hint));
}

/* Is it one of the words, which have spaces between? */
static bool is_allowed(const char *words, const char *value)
{
    size_t length = strlen(value);

    while (*words) {
        size_t n = strcspn(words, " ");
        if (n == length && !memcmp(words, value, n))
            return true;
        words += n + (words[n] == ' ');
    }
    return false;
}

static int store_number(const cli_args *args, const cli_option *o, const char *value, int64_t *to)
{
    char *end;

    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno || end == value || *end || isspace((unsigned char)*value) || n < 1)
        return cli_usage(args->command, "--%s needs a whole number from 1, not '%s'", o->name,
                         value);
    *to = n;
    return CLI_EXIT_OK;
}

static void store_text(const char *value, cli_list *to)
{
    to->items[to->count++] = value;
}

static int store_pair(const cli_args *args, const cli_option *o, const char *value, cli_list *to)
{
    const char *equals = strchr(value, '=');

    if (!equals || equals == value)
        return cli_usage(args->command, "--%s needs %s, not '%s'", o->name, o->value, value);
    store_text(value, to);
    return CLI_EXIT_OK;
}

static int store(cli_args *args, const cli_option *o, const char *value)
{
    void *at = (char *)args + o->at;

    if (o->one_of && !is_allowed(o->one_of, value))
        return cli_usage(args->command, "--%s is one of %s, not '%s'", o->name, o->one_of, value);
    switch (o->kind) {
    case CLI_FLAG:
        *(bool *)at = true;
        break;
    case CLI_TEXT:
    case CLI_WORD:
        *(const char **)at = value;
        break;
    case CLI_NUMBER:
        return store_number(args, o, value, at);
    case CLI_TEXTS:
        store_text(value, at);
        break;
    case CLI_PAIRS:
        return store_pair(args, o, value, at);
    }
    return CLI_EXIT_OK;
}

/* Takes the next argument as the value if it is one of the words. */
static int store_word(parser *p, const cli_option *o)
{
    if (*p->next && **p->next && is_allowed(o->one_of, *p->next))
        return store(p->args, o, *p->next++);
    *(const char **)((char *)p->args + o->at) = "";
    return CLI_EXIT_OK;
}

/* Takes the next argument as the value, unless it looks like an option. "-" and "-5" do not. */
static int store_next(parser *p, const cli_option *o)
{
    const char *value = *p->next;

    if (value && value[0] == '-' && value[1] && !isdigit((unsigned char)value[1]))
        return cli_usage(p->args->command, "--%s needs a value; if '%s' is meant, write --%s=%s",
                         o->name, value, o->name, value);
    if (!value)
        return cli_usage(p->args->command, "--%s needs a value: --%s %s", o->name, o->name,
                         o->value);
    p->next++;
    return store(p->args, o, value);
}

static int long_option(parser *p, const char *name)
{
    size_t length = strcspn(name, "=");
    const cli_option *o = find(p->args, name, length, 0);

    if (!o)
        return unknown_option(p->args, name, length);
    if (o->kind == CLI_FLAG && name[length])
        return cli_usage(p->args->command, "--%s takes no value", o->name);
    if (o->kind == CLI_FLAG)
        return store(p->args, o, NULL);
    if (name[length])
        return store(p->args, o, name + length + 1);
    return o->kind == CLI_WORD ? store_word(p, o) : store_next(p, o);
}

/* "-qv"; a letter that takes a value has the rest for it, or the next argument. */
static int letters(parser *p, const char *s)
{
    int code = CLI_EXIT_OK;

    for (; *s && !code; s++) {
        const cli_option *o = find(p->args, NULL, 0, *s);
        if (!o)
            return cli_usage(p->args->command, "unknown option '-%c'", *s);
        if (o->kind != CLI_FLAG)
            return s[1] ? store(p->args, o, s + 1) : store_next(p, o);
        code = store(p->args, o, NULL);
    }
    return code;
}

static int command(parser *p, const char *name)
{
    char hint[160];
    suggestion near = { .word = name };

    p->args->command = cli_command_find(name);
    if (p->args->command)
        return CLI_EXIT_OK;
    for (size_t i = 0; cli_commands[i]; i++)
        suggest_offer(&near, cli_commands[i]->name);
    return cli_usage(NULL, "unknown command '%s'%s", name, suggest_text(&near, "", hint));
}

static int argument(parser *p)
{
    const char *s = *p->next++;
    cli_list *operands = &p->args->operands;

    if (!p->only_operands && !strcmp(s, "--")) {
        p->only_operands = true;
        return CLI_EXIT_OK;
    }
    if (!p->only_operands && s[0] == '-' && s[1] == '-')
        return long_option(p, s + 2);
    if (!p->only_operands && s[0] == '-' && s[1])
        return letters(p, s + 1);
    if (!p->args->command)
        return command(p, s);
    operands->items[operands->count++] = s;
    return CLI_EXIT_OK;
}

static int check_operands(const cli_args *args)
{
    const cli_command *c = args->command;

    if (args->operands.count < c->operands_min)
        return cli_usage(c, "something is missing: cinema %s %s", c->name, c->usage);
    if (args->operands.count > c->operands_max)
        return cli_usage(c, "'%s' is too much: cinema %s %s", args->operands.items[c->operands_max],
                         c->name, c->usage);
    return CLI_EXIT_OK;
}

bool cli_parse(int argc, char **argv, cli_args *args, int *code)
{
    parser p = { .next = argv + (argc > 0), .args = args };
    size_t room = (size_t)argc + 1;

    *args = (cli_args){ 0 };
    args->operands.items = calloc(room, sizeof *args->operands.items);
    args->set.items = calloc(room, sizeof *args->set.items);
    args->kinds.items = calloc(room, sizeof *args->kinds.items);
    args->roles.items = calloc(room, sizeof *args->roles.items);
    *code = args->operands.items && args->set.items && args->kinds.items && args->roles.items
                ? CLI_EXIT_OK
                : cli_no_memory();
    while (!*code && *p.next)
        *code = argument(&p);
    if (!*code && args->version)
        args->command = &cli_version;
    else if (!*code && args->command && !args->help)
        *code = check_operands(args);
    return !*code;
}

void cli_args_free(cli_args *args)
{
    free(args->operands.items);
    free(args->set.items);
    free(args->kinds.items);
    free(args->roles.items);
}
