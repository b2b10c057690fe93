/* oauth_calls.c - sign-ins elsewhere, by a provider that is asked nothing here.
 */
#include "faults/oauth_calls.h"

#include "base/handle.h"
#include "faults/torture.h"
#include "onetime/onetime.h"
#include "user/user.h"

#include <stdio.h>

TORTURE_CALL(call_oauth_start, cinema_oauth_step, cinema_oauth_step_free,
             cinema_oauth_start(c, "github", &(cinema_oauth_start_input){ 0 }, &ret, &err))

/* There, and back with a refusal: that needs no provider. */
static cinema_status there_and_back(cinema_oauth_step **ret)
{
    cinema_oauth_step *out = NULL;
    char state[64], cookie[4096];
    cinema_status s = cinema_oauth_start(c, "github", &(cinema_oauth_start_input){ 0 }, &out, &err);
    if (s)
        return s;
    const char *at = strstr(out->location, "state=");
    snprintf(state, sizeof state, "%.43s", at + 6);
    snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(out->cookie, ";"), out->cookie);
    cinema_oauth_step_free(out);
    return cinema_oauth_callback(c, "github",
                                 &(cinema_oauth_callback_input){
                                     .cookies = cookie, .state = state, .error = "access_denied" },
                                 ret, &err);
}

TORTURE_CALL(call_oauth_callback, cinema_oauth_step, cinema_oauth_step_free, there_and_back(&ret))

/* A code as a callback issues it. */
static cinema_status exchanged(cinema_sign_in **ret)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    char code[ONETIME_TEXT];
    account who;
    cinema_status s =
        a ? account__by_id(c, NULL, TORTURE_ACCOUNT, a, &who, &err) : fail_memory(&err);
    onetime_new n = { .purpose = "oauth code", .data = "github", .ttl_ms = 60000 };
    if (s || (s = db_begin(c, &tx, &err)))
        return s;
    n.account_nr = who.nr;
    if ((s = onetime__issue(c, tx, &n, a, code, &err)) || (s = db_commit(&tx, &err)))
        return s;
    s = cinema_oauth_exchange(c, &(cinema_oauth_exchange_input){ .code = code }, ret, &err);
    torture_done = s != CINEMA_OK; /* a session whose tokens were lost is nobody's */
    return s;
}

TORTURE_CALL(call_oauth_exchange, cinema_sign_in, cinema_sign_in_free, exchanged(&ret))

TORTURE_CALL(call_identity_list, cinema_identity_page, cinema_identity_page_free,
             cinema_identity_list(c, TORTURE_ACCOUNT, NULL, &ret, &err))
TORTURE_CALL(call_identity_link, cinema_identity_link_step, cinema_identity_link_step_free,
             cinema_identity_link(c, TORTURE_ACCOUNT,
                                  &(cinema_identity_link_input){ .provider = "github" }, &ret,
                                  &err))

/* Two are linked, so that one may go. */
cinema_status call_identity_remove(void)
{
    db_tx *tx = NULL;
    cinema_status s = db_begin(c, &tx, &err);
    if (!s)
        s = db_script(tx,
                      "INSERT INTO linked_identity (account_nr, issuer, subject, created_at, "
                      "used_at) SELECT nr, 'github', 'tortured', 0, 0 FROM account WHERE "
                      "email = 'a@example.org' ON CONFLICT DO NOTHING;"
                      "INSERT INTO linked_identity (account_nr, issuer, subject, created_at, "
                      "used_at) SELECT nr, 'google', 'tortured', 0, 0 FROM account WHERE "
                      "email = 'a@example.org' ON CONFLICT DO NOTHING",
                      &err);
    s = s ? s : db_commit(&tx, &err);
    db_rollback(&tx);
    return s ? s
             : cinema_identity_remove(c, TORTURE_ACCOUNT,
                                      &(cinema_identity_remove_input){ .provider = "github" },
                                      &err);
}
