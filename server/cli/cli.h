/* cli.h - what the commands of the executable share: arguments, tables, ways to end.
 * A command is a row (cli_command) in a file of its own and an entry in commands.c; its options are
 * rows too. Parser, help and completion read these tables; nothing is written twice.
 * Commands know operations through <cinema/call.h>, never a room.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <cinema/base.h>

/* How the process ends. Shown by `cinema help exit-codes`, explained in docs/guide/cli.md. */
#define CLI_EXIT_MAP(X)                                                                            \
    X(OK, 0, "done")                                                                               \
    X(FAILED, 1, "something outside failed: database, disk, network, memory; or a defect")         \
    X(USAGE, 2, "the command line is wrong: command, option, operand or operation")                \
    X(PARTLY, 3, "import: done, but some lines were refused")                                      \
    X(ABSENT, 4, "what was named does not exist")                                                  \
    X(INVALID, 5, "the input, an input file or a setting is no good")                              \
    X(CONFLICT, 6, "it contradicts what is stored, or that has changed meanwhile")                 \
    X(DENIED, 7, "not signed in, or not allowed")                                                  \
    X(INTERRUPTED, 130, "stopped by Ctrl-C (SIGINT)")                                              \
    X(TERMINATED, 143, "stopped by SIGTERM")

#define CLI_EXIT_ENUM_(name, number, text) CLI_EXIT_##name = number,
enum { CLI_EXIT_MAP(CLI_EXIT_ENUM_) };
#undef CLI_EXIT_ENUM_

typedef struct cli_list {
    const char **items; /* point into argv; NULL-terminated */
    size_t count;
} cli_list;

/* The command line as understood. Numbers that were not given are 0, texts NULL. */
typedef struct cli_args {
    const struct cli_command *command;
    cli_list operands;
    /* everywhere */
    const char *database, *data_dir, *config;
    cli_list set;
    bool quiet, verbose, no_color, help, version;
    /* of single commands */
    const char *as, *claims, *description, *input, *listen, *name, *output, *password_file,
        *pid_file, *report, *status, *type, *user;
    cli_list kinds, roles;
    int64_t batch, limit;
    bool all, dry_run, gzip, json, json_errors, list, no_migrate, no_password, once, password_stdin,
        pretty;
} cli_args;

/* CLI_TEXTS and CLI_PAIRS (NAME=VALUE) may be given more than once. CLI_WORD takes the next
 * argument only if that is one of its words; alone it is "". */
typedef enum cli_kind { CLI_FLAG, CLI_TEXT, CLI_WORD, CLI_NUMBER, CLI_TEXTS, CLI_PAIRS } cli_kind;

/* A row of an option table; the last one has no name. */
typedef struct cli_option {
    const char *name; /* "data-dir", without its dashes */
    char letter;      /* 'q' for -q; 0: none */
    cli_kind kind;
    size_t at;           /* where in cli_args */
    const char *value;   /* "DIR", as help shows it; NULL for flags */
    const char *one_of;  /* "nobody system": the words allowed; NULL: anything */
    const char *setting; /* the value is given to cinema_open_with under this name */
    const char *help;    /* may have several lines */
} cli_option;

/* Kind and place of an option's value: { .name = "json", CLI_FLAG_AT(json), ... } */
#define CLI_AT_(member, type)                                                                      \
    offsetof(cli_args, member) + 0 * _Generic(((cli_args *)0)->member, type : 1)
#define CLI_FLAG_AT(member) .kind = CLI_FLAG, .at = CLI_AT_(member, bool)
#define CLI_TEXT_AT(member) .kind = CLI_TEXT, .at = CLI_AT_(member, const char *)
#define CLI_WORD_AT(member) .kind = CLI_WORD, .at = CLI_AT_(member, const char *)
#define CLI_NUMBER_AT(member) .kind = CLI_NUMBER, .at = CLI_AT_(member, int64_t)
#define CLI_TEXTS_AT(member) .kind = CLI_TEXTS, .at = CLI_AT_(member, cli_list)
#define CLI_PAIRS_AT(member) .kind = CLI_PAIRS, .at = CLI_AT_(member, cli_list)
/* The row that most commands have. */
#define CLI_JSON_OPTION(text)                                                                      \
    {                                                                                              \
        .name = "json", CLI_FLAG_AT(json), .help = (text)                                          \
    }

/* A row of the command table. */
typedef struct cli_command {
    const char *name;
    const char *summary;       /* what it does, one line */
    const char *usage;         /* what follows the name: "FILE|- [OPTION]..." */
    const char *about;         /* more lines for its help; may be NULL */
    const char *examples;      /* command lines, one a line */
    const cli_option *options; /* its own; NULL: none but the global ones */
    size_t operands_min, operands_max;
    /* For completion: the words that an operand may be. FILE, COMMAND and OPERATION stand for those
     * there are; NULL: anything. */
    const char *operand;
    int (*run)(const cli_args *args);     /* gives the exit code */
    int (*help_on)(const cli_args *args); /* --help with an operand; NULL: shows its own help */
} cli_command;

extern const cli_command *const cli_commands[]; /* commands.c; ends in NULL */
extern const cli_option cli_globals[];
extern const cli_command cli_serve, cli_migrate, cli_import, cli_export, cli_call, cli_ops,
    cli_search, cli_user, cli_role, cli_session, cli_key, cli_explain, cli_openapi, cli_worker,
    cli_doctor, cli_completion, cli_version, cli_help;

int cli_main(int argc, char **argv);
const cli_command *cli_command_find(const char *name); /* NULL: none such */

/* Fills `args`, or complains and gives false with *code set. Free in both cases. */
bool cli_parse(int argc, char **argv, cli_args *args, int *code);
void cli_args_free(cli_args *args);

/* Help of one command, and of all. */
int cli_help_show(const cli_command *command);
int cli_help_all(void *to); /* a FILE */

/* Opens with the settings of the command line and sends log lines to stderr; complains and gives
 * the exit code where that fails. cli_open_quietly leaves the complaint to the caller. */
int cli_open(const cli_args *args, cinema **ret);
cinema_status cli_open_quietly(const cli_args *args, cinema **ret, cinema_error *err);

/* Says what went wrong, in one line, and gives the exit code that stands for it. `what` was being
 * done; may be NULL. */
int cli_fail(const char *what, cinema_status status, const cinema_error *err);
int cli_exit_code(cinema_status status);
int cli_no_memory(void);
/* Complains about the command line: the message and where to read on. Gives CLI_EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int cli_usage(const cli_command *command, const char *format,
                                                    ...);

#endif
