/* key.c - `cinema key`: what access tokens are signed with, and signing for tests and drills. */
#include "cli/act.h"
#include "cli/output.h"
#include "cli/read.h"

#include <cinema/auth.h>
#include <stdlib.h>

/* Only the newest signs. */
static void show_line(const json_t *key)
{
    const char *until = act_text(key, "expires_at");

    out_styled(stdout, OUT_BOLD, act_text(key, "id"), 0);
    printf("  %s  ", act_text(key, "algorithm"));
    if (*until)
        printf("signed until %s, its tokens are good until %s\n", act_text(key, "retired_at"),
               until);
    else
        printf("signs since %s\n", act_text(key, "created_at"));
}

static void show_list(const json_t *keys)
{
    const json_t *items = json_object_get(keys, "items"), *key;
    size_t i;

    json_array_foreach(items, i, key) show_line(key);
}

static int list(const cli_args *args)
{
    return act_tell(args, "key.list", json_object(), show_list);
}

static int rotate(const cli_args *args)
{
    int code = act_tell(args, "key.rotate", json_object(), show_list);

    if (!code)
        out_note("The new key signs from now on; sessions go on.");
    return code;
}

/* ---- sign ------------------------------------------------------------------------------------ */

static int show_token(const cli_args *args, const cinema_signed_token *t)
{
    if (!t->expires)
        out_warning("there is no exp: who does not ask for one takes this token for ever");
    out_note("Signed by %s. It is believed by whoever believes this installation: keep it like a "
             "password.",
             t->key_id);
    if (args->json)
        return out_json(json_pack("{s:s,s:s}", "token", t->token, "key_id", t->key_id));
    puts(t->token);
    return CLI_EXIT_OK;
}

/* Straight to the library: there is no operation for it that a program could be talked into. */
static int sign_text(const cli_args *args, const char *claims)
{
    cinema *c = NULL;
    cinema_signed_token *t = NULL;
    cinema_error err = { 0 };
    int code = cli_open(args, &c);

    if (code)
        return code;
    cinema_status s = cinema_key_sign(c, claims, &t, &err);
    cinema_close(c);
    code = s ? cli_fail("key sign", s, &err) : show_token(args, t);
    cinema_signed_token_free(t);
    return code;
}

static int sign(const cli_args *args)
{
    char *claims = NULL;
    int code;

    if (!args->claims)
        return cli_usage(args->command, "'key sign' needs --claims FILE, or - for stdin");
    if (!(code = read_file(args->claims, &claims)))
        code = sign_text(args, claims);
    free(claims);
    return code;
}

static const cli_act acts[] = {
    { "list", 0, 0, NULL, list },
    { "rotate", 0, 0, NULL, rotate },
    { "sign", 0, 0, NULL, sign },
};

static int run(const cli_args *args)
{
    return act_run(args, acts, sizeof acts / sizeof *acts);
}

static const cli_option options[] = {
    { .name = "claims",
      CLI_TEXT_AT(claims),
      .value = "FILE",
      .help = "sign: the claims, a JSON object; - is stdin" },
    CLI_JSON_OPTION(
        "the answer as JSON: {\"items\": [{\"id\", \"algorithm\", \"public_key\", ...}]};\n"
        "sign: {\"token\", \"key_id\"}"),
    { 0 },
};

const cli_command cli_key = {
    .name = "key",
    .summary = "show and rotate the keys that sign access tokens",
    .usage = "list | rotate | sign --claims FILE [OPTION]...",
    .about =
        "'rotate' makes a new key, which signs from now on. The one before signs no more; what\n"
        "it has signed is good while its tokens live, and servers that run take the new one\n"
        "within a minute. Nobody is signed out.\n"
        "'sign' is for tests and drills: it prints a token with any claims, signed as access\n"
        "tokens are. The claims are signed as they stand; exp, iat, nbf and auth_time have to\n"
        "be numbers, iss, sub, jti, sid, client_id and acr strings, aud one or a list of them.\n"
        "Nothing is added, and nothing needed: a server takes the token only if it says all\n"
        "that its own do, of a session that is there. The audit log has it.\n"
        "Secret keys are never shown.",
    .examples = "cinema key list\n"
                "cinema key rotate --json\n"
                "echo '{\"sub\": \"nobody\", \"exp\": 1}' | cinema key sign --claims -",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand = "list rotate sign",
    .run = run,
};
