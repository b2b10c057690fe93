/* act.h - commands of several acts, such as `cinema user create` and `cinema role list`: which one
 * is meant, asking an operation, and showing what it answers.
 */
#ifndef CLI_ACT_H
#define CLI_ACT_H

#include "cli/cli.h"

#include <jansson.h>

/* A row of a command's table of acts. */
typedef struct cli_act {
    const char *name;
    size_t least, most; /* operands behind its name */
    const char *needs;  /* what is missing where there are fewer: "a user" */
    int (*run)(const cli_args *args);
} cli_act;

/* Runs the act that the first operand names, or complains. */
int act_run(const cli_args *args, const cli_act *acts, size_t count);
/* The first operand behind the name; NULL: there is none. */
const char *act_operand(const cli_args *args);

/* Runs an operation and takes `in`, its input, over; NULL stands for no memory. `*ret` as that of
 * call_operation. */
int act_ask(const cli_args *args, const char *op, json_t *in, char **ret);
/* The same, and the answer is told: with --json as JSON, else by `show`, which may be NULL. */
int act_tell(const cli_args *args, const char *op, json_t *in, void (*show)(const json_t *answer));

/* {"NAME": "the first operand"} */
json_t *act_about(const cli_args *args, const char *name);

/* A text of a record; "" where it has none. */
const char *act_text(const json_t *record, const char *name);
/* Bytes of the longest such text of a list, and two more: the width of a column. */
int act_width(const json_t *records, const char *name);

#endif
