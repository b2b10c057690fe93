/* user.c - `cinema user`: accounts, from the shell of the machine. */
#include "cli/act.h"
#include "cli/output.h"
#include "cli/secret.h"

#include <cinema/call.h>

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

/* ---- what is shown --------------------------------------------------------------------------- */

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

    show_line("id", act_text(user, "id"));
    show_line("email", act_text(user, "email"));
    show_line("verified", json_is_true(json_object_get(user, "email_verified")) ? "yes" : "no");
    show_line("name", act_text(user, "name"));
    show_line("language", act_text(user, "locale"));
    show_line("status", act_text(user, "status"));
    show_line("roles", words_of(user, "roles", words));
    show_line("permissions", words_of(user, "permissions", words));
    if (!json_is_true(json_object_get(user, "has_password")))
        show_line("password", "none");
    if (json_is_true(json_object_get(user, "password_reset_needed")))
        show_line("password", "has to be reset");
    show_line("created", act_text(user, "created_at"));
    show_line("signed in", act_text(user, "signed_in_at"));
    show_line("will be removed", act_text(user, "delete_at"));
}

static void show_page(const json_t *page)
{
    const json_t *items = json_object_get(page, "items"), *user;
    size_t i;
    char roles[256];
    int width = act_width(items, "email");

    json_array_foreach(items, i, user)
    {
        out_styled(stdout, OUT_BOLD, act_text(user, "email"), width);
        out_styled(stdout, OUT_PLAIN, act_text(user, "status"), 10);
        out_styled(stdout, OUT_PLAIN, words_of(user, "roles", roles), 16);
        out_styled(stdout, OUT_DIM, act_text(user, "name"), 0);
        putchar('\n');
    }
    if (!json_array_size(items))
        out_note("Nobody found.");
    else if (json_is_string(json_object_get(page, "next")))
        out_note("There are more; --limit N shows up to N.");
}

/* ---- acts ------------------------------------------------------------------------------------ */

/* Asks for a change and says that it was made. */
static int change(const cli_args *args, const char *op, json_t *in, const char *note)
{
    int code = act_tell(args, op, in, NULL);

    if (!code)
        out_note("%s", note);
    return code;
}

static int create(const cli_args *args)
{
    json_t *in = act_about(args, "email");
    int code = in ? set_text(in, "name", args->name) : cli_no_memory();

    if (code ||
        (args->roles.count &&
         (code = set_list(in, "roles", args->roles.items, args->roles.count))) ||
        (!args->no_password && (code = set_password(args, in)))) {
        json_decref(in);
        return code;
    }
    return act_tell(args, "user.create", in, show_user);
}

static int show(const cli_args *args)
{
    return act_tell(args, "user.get", act_about(args, "user_id"), show_user);
}

static int list(const cli_args *args)
{
    json_t *in = json_object();
    int code;

    if ((code = set_text(in, "q", act_operand(args))) ||
        (code = set_text(in, "status", args->status)) ||
        (args->roles.count && (code = set_text(in, "role", args->roles.items[0]))) ||
        (args->limit && (code = set(in, "limit", json_integer(args->limit))))) {
        json_decref(in);
        return code;
    }
    return act_tell(args, "user.list", in, show_page);
}

static int set_status(const cli_args *args, const char *status, const char *note)
{
    json_t *in = json_pack("{s:o,s:s}", "user_id", out_string(act_operand(args)), "status", status);
    return change(args, "user.update", in, note);
}

static int disable(const cli_args *args)
{
    return set_status(args, "disabled", "Disabled, and signed out everywhere.");
}

static int enable(const cli_args *args)
{
    return set_status(args, "active", "Enabled.");
}

static int passwd(const cli_args *args)
{
    json_t *in = act_about(args, "user_id");
    int code = in ? set_password(args, in) : cli_no_memory();

    if (code) {
        json_decref(in);
        return code;
    }
    return change(args, "user.update", in, "Password set; signed out everywhere.");
}

static int role(const cli_args *args)
{
    json_t *in = act_about(args, "user_id");
    int code = set_list(in, "roles", args->operands.items + 2, args->operands.count - 2);

    if (code) {
        json_decref(in);
        return code;
    }
    return act_tell(args, "user.update", in, show_user);
}

static int delete_(const cli_args *args)
{
    return change(args, "user.remove", act_about(args, "user_id"), "Removed.");
}

/* The operation for it knows users by their ids alone. */
static int reset_2fa(const cli_args *args)
{
    char *user = NULL;
    int code = act_ask(args, "user.get", act_about(args, "user_id"), &user);
    json_t *is = code ? NULL : json_loads(user, 0, NULL);

    if (!code)
        code = change(args, "totp.reset", json_pack("{s:s}", "user_id", act_text(is, "id")),
                      "The second factor is off.");
    json_decref(is);
    cinema_text_free(user);
    return code;
}

#define USER "a user: an address or an id"
static const cli_act acts[] = {
    { "create", 1, 1, "an address", create },
    { "list", 0, 1, NULL, list },
    { "show", 1, 1, USER, show },
    { "disable", 1, 1, USER, disable },
    { "enable", 1, 1, USER, enable },
    { "passwd", 1, 1, USER, passwd },
    { "role", 2, 20, "a user and their roles", role },
    { "reset-2fa", 1, 1, USER, reset_2fa },
    { "delete", 1, 1, USER, delete_ },
};

static int run(const cli_args *args)
{
    return act_run(args, acts, sizeof acts / sizeof *acts);
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
