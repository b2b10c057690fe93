/* user.c - `cinema user`: accounts, from the shell of the machine. */
#include <cinema/call.h>

#include "cli/call.h"
#include "cli/output.h"
#include "cli/secret.h"

#include <stdlib.h>
#include <string.h>

/* What stands behind `cinema user`. */
typedef struct act {
    const char *name;
    size_t operands_min, operands_max; /* behind its name */
    int (*run)(const cli_args *args, const char *who);
} act;

/* ---- what is asked --------------------------------------------------------------------------- */

static int set(json_t *in, const char *name, json_t *value)
{
    return value && !json_object_set_new(in, name, value) ? CLI_EXIT_OK : cli_no_memory();
}

static int set_text(json_t *in, const char *name, const char *text)
{
    return text ? set(in, name, out_string(text)) : CLI_EXIT_OK;
}

static int set_list(json_t *in, const char *name, const char **items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, out_string(items[i]))) {
            json_decref(list);
            list = NULL;
        }
    return set(in, name, list);
}

static int no_source(const cli_args *args)
{
    return cli_usage(args->command, "a password is asked for at a terminal; without one give "
                                    "--password-stdin or --password-file FILE");
}

/* From where the command line says, else at the terminal. */
static int set_password(const cli_args *args, json_t *in)
{
    char secret[SECRET_MAX];
    int code;

    if (args->password_stdin)
        code = secret_read("-", secret);
    else if (args->password_file)
        code = secret_read(args->password_file, secret);
    else
        code = secret_ask("Password", secret);
    if (code)
        return code == CLI_EXIT_USAGE ? no_source(args) : code;
    code = set(in, "password", json_string(secret));
    secret_wipe(secret);
    return code;
}

/* Takes `in` over. */
static int ask(const cli_args *args, const char *op, json_t *in, char **answer)
{
    char *json = in ? json_dumps(in, JSON_COMPACT) : NULL;
    int code = json ? call_operation(args, op, json, answer) : cli_no_memory();

    if (json)
        explicit_bzero(json, strlen(json));
    free(json);
    json_decref(in);
    return code;
}

/* ---- what is shown --------------------------------------------------------------------------- */

static const char *text_of(const json_t *user, const char *name)
{
    const char *text = json_string_value(json_object_get(user, name));
    return text ? text : "";
}

/* A list of words with spaces between; in `text`. */
static const char *words_of(const json_t *user, const char *name, char text[256])
{
    size_t i, n = 0;
    const json_t *word;

    *text = '\0';
    json_array_foreach(json_object_get(user, name), i, word)
    {
        int more = snprintf(text + n, 256 - n, "%s%s", n ? " " : "", json_string_value(word));
        if (more < 0 || (size_t)more >= 256 - n)
            break;
        n += (size_t)more;
    }
    return text;
}

static void show_line(const char *name, const char *text)
{
    if (!*text)
        return;
    out_styled(stdout, OUT_DIM, name, 16);
    out_text(stdout, text);
    putchar('\n');
}

static void show_user(const json_t *user)
{
    char words[256];

    show_line("id", text_of(user, "id"));
    show_line("email", text_of(user, "email"));
    show_line("verified", json_is_true(json_object_get(user, "email_verified")) ? "yes" : "no");
    show_line("name", text_of(user, "name"));
    show_line("language", text_of(user, "locale"));
    show_line("status", text_of(user, "status"));
    show_line("roles", words_of(user, "roles", words));
    show_line("permissions", words_of(user, "permissions", words));
    if (!json_is_true(json_object_get(user, "has_password")))
        show_line("password", "none");
    if (json_is_true(json_object_get(user, "password_reset_needed")))
        show_line("password", "has to be reset");
    show_line("created", text_of(user, "created_at"));
    show_line("signed in", text_of(user, "signed_in_at"));
    show_line("will be removed", text_of(user, "delete_at"));
}

static int show(const cli_args *args, const char *answer)
{
    json_t *user;

    if (args->json) {
        out_json_text(stdout, answer, out_is_terminal());
        return CLI_EXIT_OK;
    }
    if (!(user = json_loads(answer, 0, NULL)))
        return cli_no_memory();
    show_user(user);
    json_decref(user);
    return CLI_EXIT_OK;
}

static int show_page(const char *answer)
{
    json_t *page = json_loads(answer, 0, NULL);
    const json_t *items = json_object_get(page, "items"), *user;
    size_t i, widest = 0;
    char roles[256];

    if (!page)
        return cli_no_memory();
    json_array_foreach(items, i, user)
    {
        size_t n = strlen(text_of(user, "email"));
        widest = n > widest ? n : widest;
    }
    json_array_foreach(items, i, user)
    {
        out_styled(stdout, OUT_BOLD, text_of(user, "email"), (int)widest + 2);
        out_styled(stdout, OUT_PLAIN, text_of(user, "status"), 10);
        out_styled(stdout, OUT_PLAIN, words_of(user, "roles", roles), 16);
        out_styled(stdout, OUT_DIM, text_of(user, "name"), 0);
        putchar('\n');
    }
    if (!json_array_size(items))
        out_note("Nobody found.");
    else if (json_is_string(json_object_get(page, "next")))
        out_note("There are more; --limit N shows up to N.");
    json_decref(page);
    return CLI_EXIT_OK;
}

/* ---- acts ------------------------------------------------------------------------------------ */

/* Asks for a change and shows how the user is then. */
static int answer_user(const cli_args *args, const char *op, json_t *in, const char *note)
{
    char *answer = NULL;
    int code = ask(args, op, in, &answer);

    if (!code && note)
        out_note("%s", note);
    if (!code && (!note || args->json))
        code = show(args, answer);
    cinema_text_free(answer);
    return code;
}

static int create(const cli_args *args, const char *who)
{
    json_t *in = json_object();
    int code;

    if ((code = set_text(in, "email", who)) || (code = set_text(in, "name", args->name)) ||
        (args->roles.count &&
         (code = set_list(in, "roles", args->roles.items, args->roles.count))) ||
        (!args->no_password && (code = set_password(args, in)))) {
        json_decref(in);
        return code;
    }
    return answer_user(args, "user.create", in, NULL);
}

static int show_one(const cli_args *args, const char *who)
{
    return answer_user(args, "user.get", json_pack("{s:o}", "user_id", out_string(who)), NULL);
}

static int list(const cli_args *args, const char *who)
{
    json_t *in = json_object();
    char *answer = NULL;
    int code;

    if ((code = set_text(in, "q", who)) || (code = set_text(in, "status", args->status)) ||
        (args->roles.count && (code = set_text(in, "role", args->roles.items[0]))) ||
        (args->limit && (code = set(in, "limit", json_integer(args->limit))))) {
        json_decref(in);
        return code;
    }
    code = ask(args, "user.list", in, &answer);
    if (!code && args->json)
        out_json_text(stdout, answer, out_is_terminal());
    else if (!code)
        code = show_page(answer);
    cinema_text_free(answer);
    return code;
}

static int set_status(const cli_args *args, const char *who, const char *status, const char *note)
{
    json_t *in = json_pack("{s:o,s:s}", "user_id", out_string(who), "status", status);
    return answer_user(args, "user.update", in, note);
}

static int disable(const cli_args *args, const char *who)
{
    return set_status(args, who, "disabled", "Disabled, and signed out everywhere.");
}

static int enable(const cli_args *args, const char *who)
{
    return set_status(args, who, "active", "Enabled.");
}

static int passwd(const cli_args *args, const char *who)
{
    json_t *in = json_pack("{s:o}", "user_id", out_string(who));
    int code = in ? set_password(args, in) : cli_no_memory();

    if (code) {
        json_decref(in);
        return code;
    }
    return answer_user(args, "user.update", in, "Password set; signed out everywhere.");
}

static int role(const cli_args *args, const char *who)
{
    json_t *in = json_pack("{s:o}", "user_id", out_string(who));
    int code = set_list(in, "roles", args->operands.items + 2, args->operands.count - 2);

    if (code) {
        json_decref(in);
        return code;
    }
    return answer_user(args, "user.update", in, NULL);
}

static int delete_(const cli_args *args, const char *who)
{
    char *answer = NULL;
    int code = ask(args, "user.remove", json_pack("{s:o}", "user_id", out_string(who)), &answer);

    if (!code)
        out_note("Removed.");
    cinema_text_free(answer);
    return code;
}

/* The operation for it knows users by their ids alone. */
static int reset_2fa(const cli_args *args, const char *who)
{
    char *user = NULL, *answer = NULL;
    int code = ask(args, "user.get", json_pack("{s:o}", "user_id", out_string(who)), &user);
    json_t *is = code ? NULL : json_loads(user, 0, NULL);

    if (!code)
        code = ask(args, "totp.reset", json_pack("{s:s}", "user_id", text_of(is, "id")), &answer);
    if (!code)
        out_note("The second factor is off.");
    json_decref(is);
    cinema_text_free(user);
    cinema_text_free(answer);
    return code;
}

static const act acts[] = {
    { "create", 1, 1, create },   { "list", 0, 1, list },           { "show", 1, 1, show_one },
    { "disable", 1, 1, disable }, { "enable", 1, 1, enable },       { "passwd", 1, 1, passwd },
    { "role", 2, 20, role },      { "reset-2fa", 1, 1, reset_2fa }, { "delete", 1, 1, delete_ },
};

static int run(const cli_args *args)
{
    const char *name = args->operands.items[0];
    size_t count = args->operands.count - 1;

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(acts[i].name, name))
            continue;
        if (count < acts[i].operands_min)
            return cli_usage(args->command, "user %s: whom?", name);
        if (count > acts[i].operands_max)
            return cli_usage(args->command, "user %s: too much behind it", name);
        return acts[i].run(args, count ? args->operands.items[1] : NULL);
    }
    return cli_usage(args->command, "user %s: there is no such act", name);
}

static const cli_option options[] = {
    { .name = "name", CLI_TEXT_AT(name), .value = "NAME", .help = "create: what they are called" },
    { .name = "role",
      CLI_TEXTS_AT(roles),
      .value = "ROLE",
      .help = "create: a role to give, may be given more than once; viewer if none is\n"
              "list: only who has it" },
    { .name = "password-stdin",
      CLI_FLAG_AT(password_stdin),
      .help = "create, passwd: the password is the first line of stdin" },
    { .name = "password-file",
      CLI_TEXT_AT(password_file),
      .value = "FILE",
      .help = "create, passwd: it is the first line of this file" },
    { .name = "no-password",
      CLI_FLAG_AT(no_password),
      .help = "create: without one; they ask for a link, or sign in elsewhere" },
    { .name = "status",
      CLI_TEXT_AT(status),
      .value = "STATUS",
      .one_of = "active disabled",
      .help = "list: only users of this status" },
    { .name = "limit",
      CLI_NUMBER_AT(limit),
      .value = "N",
      .help = "list: at most so many, up to 100; default: 20" },
    CLI_JSON_OPTION("the answer as JSON, as the HTTP API gives it"),
    { 0 },
};

const cli_command cli_user = {
    .name = "user",
    .summary = "add, show, change and remove users",
    .usage = "ACT [EMAIL|ID|WORD] [OPTION]...",
    .about = "ACT is one of: create EMAIL, list [WORD], show USER, disable USER, enable USER,\n"
             "passwd USER, role USER ROLE..., reset-2fa USER, delete USER.\n"
             "A password is asked for at the terminal, or read from stdin or a file; never given\n"
             "as an argument. Who is disabled or gets another password is signed out everywhere.",
    .examples = "cinema user create ada@films.example --name Ada --role admin\n"
                "cinema user passwd ada@films.example --password-stdin < password\n"
                "cinema user list byron --role editor --json\n"
                "cinema user disable ada@films.example",
    .options = options,
    .operands_min = 1,
    .operands_max = 22,
    .operand = "create list show disable enable passwd role reset-2fa delete",
    .run = run,
};
