/* identify.c - who is behind the token of a call: a session, the set-up token, another issuer.
 */
#include "auth/part.h"
#include "auth/setup_token.h"

cinema_status auth__identify(cinema *c, const cinema_caller *caller, arena *a, identity *ret,
                             cinema_error *err)
{
    bool ours;
    if (caller->system) {
        *ret = (identity){ .known = true, .system = true, .name = "system", .permissions = "*" };
        return CINEMA_OK;
    }
    if (!caller->token)
        return CINEMA_OK;
    if (!strchr(caller->token, '.'))
        return setup_identify(c, caller->token, a, ret, err);
    cinema_status s = session__identify(c, caller->token, a, ret, &ours, err);
    return s || ours ? s : c->identify_other(c, caller, a, ret, err);
}
