/* oauth_test.c - signing in elsewhere: there and back, and all who come back without having left.
 * Mirrors lib/oauth/.
 */
/* Their inline functions have arguments by the names of our globals. */
#include <cinema/auth.h>
#include <cinema/oauth.h>

#include "oauth/oauth_help.h"

#include "support/support.h"

#include <stdio.h>

FIXTURE(oauth_start, oauth_stop)

static browser b;
static const reply *r;

static const reply *exchange(const char *code)
{
    char json[300];
    test__print(json, sizeof json, "{\"code\":\"%s\"}", code);
    return ask("POST", "/v1/auth/oauth/exchange", NULL, NULL, json);
}

#define ENDS_WITH_ERROR(word)                                                                      \
    do {                                                                                           \
        ck_assert_msg(r->status == 302, "%d %s", r->status, r->body);                              \
        ck_assert_str_eq(value_of(r->location, "error"), word);                                    \
        ck_assert(*value_of(r->location, "error_description"));                                    \
        ck_assert_str_eq(value_of(r->location, "code"), "");                                       \
    } while (0)

#define REFUSED(http, word)                                                                        \
    do {                                                                                           \
        ck_assert_msg(r->status == (http), "%d %s", r->status, r->body);                           \
        ck_assert_str_eq(member_of(r->body, "code"), word);                                        \
        ck_assert_str_eq(r->location, "");                                                         \
    } while (0)

/* ---- there ----------------------------------------------------------------------------------- */

TEST(a_browser_is_sent_with_all_that_binds_it)
{
    leave(&b, "github", "?return_to=https://app.example/done%3Fx=1");
    ck_assert(!strncmp(b.location, canary_origin(bird), strlen(canary_origin(bird))));
    ck_assert_str_eq(value_of(b.location, "response_type"), "code");
    ck_assert_str_eq(value_of(b.location, "code_challenge_method"), "S256");
    ck_assert_uint_eq(strlen(value_of(b.location, "code_challenge")), 43);
    ck_assert_uint_eq(strlen(b.state), 43);
    ck_assert_str_eq(value_of(b.location, "redirect_uri"),
                     "https://films.example/v1/auth/oauth/github/callback");
    ck_assert_str_eq(value_of(b.location, "scope"), "read:user user:email");
    leave(&b, "google", "");
    ck_assert_uint_eq(strlen(value_of(b.location, "nonce")), 43);
    ck_assert_str_eq(value_of(b.location, "scope"), "openid email profile");
}

TEST(the_cookie_is_for_this_way_alone)
{
    r = ask("GET", "/v1/auth/oauth/github/start", NULL, NULL, NULL);
    ck_assert_int_eq(r->status, 302);
    ck_assert(!strncmp(r->cookie, "__Secure-cinema_oauth=", 22));
    ck_assert(
        strstr(r->cookie, "; Path=/v1/auth/oauth; Max-Age=600; HttpOnly; SameSite=Lax; Secure"));
    ck_assert_ptr_null(strstr(r->cookie, value_of(r->location, "state"))); /* sealed */
}

TEST(nobody_is_sent_on_to_strangers)
{
    static const char *const evil[] = {
        "https://evil.example/",
        "https://films.example.evil.example/",
        "https://films.example@evil.example/",
        "//evil.example/",
        "/done",
        "http://films.example/",
        "https://films.example:444/",
        "javascript:alert(1)",
        "https://evil.example%5C@films.example/",
        "https://evil.example%23@films.example/",
        "https://films.example/%23code",
        "https://films.example%00.evil.example/",
        "https://app.example%0d%0aSet-Cookie:x",
    };
    char target[600];
    for (size_t i = 0; i < COUNT_OF(evil); i++) {
        snprintf(target, sizeof target, "/v1/auth/oauth/github/start?return_to=%s", evil[i]);
        r = ask("GET", target, NULL, NULL, NULL);
        ck_assert_msg(r->status == 400 && !*r->location && !*r->cookie, "%s: %d", evil[i],
                      r->status);
    }
}

TEST(a_provider_that_is_not_set_is_not_there)
{
    static const char *const names[] = { "gitlab", "GITHUB", "..", "return", "github%2f" };
    char target[200];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(target, sizeof target, "/v1/auth/oauth/%s/start", names[i]);
        r = ask("GET", target, NULL, NULL, NULL);
        ck_assert_msg(r->status == 404 || r->status == 400, "%s: %d", names[i], r->status);
    }
}

/* ---- and back -------------------------------------------------------------------------------- */

static void comes_in_by(const char *provider)
{
    leave(&b, provider, "?return_to=https://app.example/done%3Fx=1");
    r = come_back(&b, provider, "&code=good&scope=email&authuser=0");
    ck_assert_msg(!strncmp(r->location, "https://app.example/done?x=1&code=", 34), "%s %s",
                  r->location, r->body);
    ck_assert(strstr(r->cookie, "Max-Age=0"));
    r = exchange(value_of(r->location, "code"));
    ck_assert_int_eq(r->status, 200);
    ck_assert(*member_of(r->body, "refresh_token"));
}

TEST(who_comes_by_github_has_an_account_then)
{
    comes_in_by("github");
    ck_assert_int_eq(count_of("SELECT count(*) FROM account WHERE email = 'ann@films.test' AND "
                              "email_verified_at IS NOT NULL AND name = 'Octo Cat'"),
                     1);
    comes_in_by("github");
    ck_assert_int_eq(count_of("SELECT count(*) FROM account"), 1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM linked_identity WHERE issuer = 'github' AND "
                              "subject = '7' AND email = 'ann@films.test'"),
                     1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM audit WHERE action = 'identity.link'"), 1);
}

/* With a control character in a name no mail could be written to its owner. */
TEST(what_a_provider_calls_somebody_is_a_name_that_mails_can_have)
{
    mood.name = "Octo\\u0085\\u009f\\u007f\\u00a0\\u00c2Cat";
    comes_in_by("github");
    ck_assert_int_eq(count_of("SELECT count(*) FROM account WHERE name = 'Octo   \xc2\xa0\xc3\x82"
                              "Cat'"),
                     1);
}

TEST(who_comes_by_google_has_an_account_then)
{
    comes_in_by("google");
    comes_in_by("google");
    ck_assert_int_eq(count_of("SELECT count(*) FROM account"), 1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM linked_identity WHERE issuer = 'google'"), 1);
}

TEST(another_address_there_is_still_the_same_person)
{
    comes_in_by("github");
    mood.email = "new@films.test";
    comes_in_by("github");
    mood.email = NULL;
    comes_in_by("github");
    ck_assert_int_eq(count_of("SELECT count(*) FROM account"), 1);
    mood.id = 8;
    mood.email = "bob@films.test";
    comes_in_by("github");
    ck_assert_int_eq(count_of("SELECT count(*) FROM account"), 2);
}

TEST(accounts_are_joined_when_both_sides_have_verified_the_address)
{
    int64_t nr = add_account("Ann@Films.test", true, true);
    char sql[200];
    comes_in_by("google");
    ck_assert_int_eq(count_of("SELECT count(*) FROM account"), 1);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM linked_identity WHERE account_nr = %lld",
             (long long)nr);
    ck_assert_int_eq(count_of(sql), 1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM outbox"), 1); /* its owner is told */
}

TEST(nothing_is_joined_when_either_side_has_not)
{
    add_account("ann@films.test", false, true);
    leave(&b, "github", "");
    r = come_back(&b, "github", "&code=good");
    ENDS_WITH_ERROR("email_in_use");
    mood.unverified = true;
    static const char *const providers[] = { "github", "google" };
    for (size_t i = 0; i < COUNT_OF(providers); i++) {
        leave(&b, providers[i], "");
        r = come_back(&b, providers[i], "&code=good");
        ENDS_WITH_ERROR("email_unverified");
    }
    ck_assert_int_eq(count_of("SELECT count(*) FROM linked_identity"), 0);
    ck_assert_int_eq(count_of("SELECT count(*) FROM account"), 1);
}

/* ---- refusals of the provider ---------------------------------------------------------------- */

TEST(who_changes_their_mind_is_told_so)
{
    leave(&b, "github", "?return_to=https://app.example/");
    r = come_back(&b, "github", "&error=access_denied&error_description=no%20no");
    ENDS_WITH_ERROR("access_denied");
    ck_assert(!strncmp(r->location, "https://app.example/?error=", 27));
    leave(&b, "github", "");
    r = come_back(&b, "github", "&error=%3Cscript%3E");
    ENDS_WITH_ERROR("provider_error");
    ck_assert_ptr_null(strstr(r->location, "3Cscript"));
    leave(&b, "github", "");
    r = come_back(&b, "github", "");
    ENDS_WITH_ERROR("provider_error");
}

TEST(a_provider_in_trouble_is_no_fault_of_ours)
{
    leave(&b, "github", "");
    mood.broken = true;
    r = come_back(&b, "github", "&code=good");
    ENDS_WITH_ERROR("provider_unavailable");
    r = ask("GET", "/v1/auth/oauth/google/start", NULL, NULL, NULL);
    ck_assert_int_eq(r->status, 503);
}

TEST(a_provider_that_hangs_is_given_up)
{
    leave(&b, "github", "");
    mood.hangs = true;
    c->deadline_ms = 300;
    r = come_back(&b, "github", "&code=good");
    ENDS_WITH_ERROR("provider_unavailable");
}

TEST(an_id_token_of_another_sign_in_is_refused)
{
    mood.nonce = "of-another";
    leave(&b, "google", "");
    r = come_back(&b, "google", "&code=good");
    ENDS_WITH_ERROR("provider_error");
}

TEST(an_answer_of_another_issuer_is_refused)
{
    leave(&b, "google", "");
    r = come_back(&b, "google", "&code=good&iss=https://evil.example");
    ENDS_WITH_ERROR("provider_error");
}

/* ---- attacks --------------------------------------------------------------------------------- */

TEST(a_state_is_of_this_browser_and_of_this_time)
{
    browser other;
    leave(&b, "github", "");
    leave(&other, "github", "");
    r = ask("GET", "/v1/auth/oauth/github/callback?code=good", b.cookie, NULL, NULL);
    REFUSED(400, "invalid_state"); /* none */
    browser foreign = b;
    memcpy(foreign.state, other.state, sizeof foreign.state);
    r = come_back(&foreign, "github", "&code=good");
    REFUSED(400, "invalid_state");
    *foreign.cookie = '\0'; /* another browser */
    memcpy(foreign.state, b.state, sizeof foreign.state);
    r = come_back(&foreign, "github", "&code=good");
    REFUSED(400, "invalid_state");
    ck_assert(strstr(r->cookie, "Max-Age=0"));
    r = come_back(&b, "google", "&code=good"); /* of another provider */
    REFUSED(400, "invalid_state");
    ck_assert_int_eq(canary_requests(bird), 0);
}

TEST(a_state_is_good_once)
{
    leave(&b, "github", "");
    r = come_back(&b, "github", "&code=good");
    ck_assert(*value_of(r->location, "code"));
    r = come_back(&b, "github", "&code=good");
    REFUSED(400, "invalid_state");
    leave(&b, "github", "");
    r = come_back(&b, "github", "&error=access_denied");
    r = come_back(&b, "github", "&code=good");
    REFUSED(400, "invalid_state");
}

static int64_t later(void *user)
{
    (void)user;
    return clock_wall_ms() + 11 * 60000;
}

TEST(a_state_does_not_keep)
{
    leave(&b, "github", "");
    c->wall_ms = later;
    r = come_back(&b, "github", "&code=good");
    REFUSED(400, "invalid_state");
}

TEST(a_cookie_cannot_be_made_or_changed)
{
    browser forged = { "x", "__Secure-cinema_oauth=", "" };
    leave(&b, "github", "");
    for (size_t at = 22; at < strlen(b.cookie); at += 7) {
        forged = b;
        forged.cookie[at] = forged.cookie[at] == 'A' ? 'B' : 'A';
        r = come_back(&forged, "github", "&code=good");
        REFUSED(400, "invalid_state");
    }
    static const char *const others[] = { "", "=", "e30", "%%%" };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        snprintf(forged.cookie, sizeof forged.cookie, "__Secure-cinema_oauth=%s", others[i]);
        r = come_back(&forged, "github", "&code=good");
        REFUSED(400, "invalid_state");
    }
    snprintf(forged.cookie, sizeof forged.cookie, "a=b; %.2000s; %.2000s", b.cookie, b.cookie);
    r = come_back(&forged, "github", "&code=good");
    REFUSED(400, "invalid_state");
    snprintf(forged.cookie, sizeof forged.cookie, "a=b; %.2000s; c=d", b.cookie);
    r = come_back(&forged, "github", "&code=good");
    ck_assert_int_eq(r->status, 302);
}

TEST(a_code_of_the_provider_needs_the_verifier_of_this_journey)
{
    browser second;
    leave(&b, "github", "");
    leave(&second, "github", ""); /* the provider has its challenge now */
    r = come_back(&b, "github", "&code=good");
    ENDS_WITH_ERROR("provider_error");
    r = come_back(&second, "github", "&code=stolen");
    ENDS_WITH_ERROR("provider_error");
}

TEST(our_code_is_good_once_and_not_for_long)
{
    char code[100];
    leave(&b, "github", "");
    r = come_back(&b, "github", "&code=good");
    snprintf(code, sizeof code, "%s", value_of(r->location, "code"));
    ck_assert_int_eq(exchange(code)->status, 200);
    r = exchange(code);
    REFUSED(400, "invalid_token");
    r = exchange("guess");
    REFUSED(400, "invalid_token");
    leave(&b, "github", "");
    r = come_back(&b, "github", "&code=good");
    c->wall_ms = later;
    r = exchange(value_of(r->location, "code"));
    REFUSED(400, "invalid_token");
}

TEST(a_disabled_account_does_not_come_in)
{
    db_tx *tx = NULL;
    comes_in_by("github");
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, "UPDATE account SET status = 'disabled'", &err));
    OK(db_commit(&tx, &err));
    leave(&b, "github", "");
    r = come_back(&b, "github", "&code=good");
    r = exchange(value_of(r->location, "code"));
    REFUSED(403, "account_disabled");
}

/* ---- linking --------------------------------------------------------------------------------- */

static const char *token;

static const reply *begin_link(const char *provider)
{
    char target[100];
    snprintf(target, sizeof target, "/v1/me/identities/%s", provider);
    return ask("POST", target, NULL, token, "{\"return_to\":\"https://app.example/me\"}");
}

static bool lists(const char *provider)
{
    char want[100];
    snprintf(want, sizeof want, "\"provider\":\"%s\"", provider);
    r = ask("GET", "/v1/me/identities", NULL, token, NULL);
    ck_assert_int_eq(r->status, 200);
    return strstr(r->body, want) != NULL;
}

TEST(a_second_sign_in_is_linked_and_taken_away_again)
{
    token = sign_in("github");
    mood.id = 99;
    mood.email = "other@films.test";
    visit(&b, member_of(begin_link("google")->body, "location"));
    ck_assert_str_eq(value_of(b.location, "prompt"), "select_account");
    r = come_back(&b, "google", "&code=good");
    ck_assert_str_eq(r->location, "https://app.example/me?linked=google");
    ck_assert(lists("github") && lists("google"));
    ck_assert_int_eq(count_of("SELECT count(*) FROM account"), 1);
    r = ask("DELETE", "/v1/me/identities/github", NULL, token, NULL);
    ck_assert_int_eq(r->status, 204);
    ck_assert(!lists("github"));
    r = ask("DELETE", "/v1/me/identities/github", NULL, token, NULL);
    REFUSED(404, "not_found");
}

TEST(the_last_way_in_stays)
{
    token = sign_in("github");
    r = ask("DELETE", "/v1/me/identities/github", NULL, token, NULL);
    REFUSED(409, "last_way_in");
    ck_assert(lists("github"));
}

TEST(with_a_password_it_is_not_the_last)
{
    add_account("ann@films.test", true, true);
    token = sign_in("github");
    ck_assert_int_eq(ask("DELETE", "/v1/me/identities/github", NULL, token, NULL)->status, 204);
}

TEST(what_belongs_to_another_account_is_not_linked)
{
    sign_in("google");
    mood.id = 8;
    mood.email = "bob@films.test";
    token = sign_in("github");
    mood.id = 7; /* the browser is signed in to Google as the first */
    visit(&b, member_of(begin_link("google")->body, "location"));
    r = come_back(&b, "google", "&code=good");
    ENDS_WITH_ERROR("identity_taken");
    mood.id = 9; /* and one of a provider is enough */
    visit(&b, member_of(begin_link("github")->body, "location"));
    r = come_back(&b, "github", "&code=good");
    ENDS_WITH_ERROR("already_linked");
}

TEST(a_ticket_is_good_once_for_its_provider)
{
    char location[600];
    token = sign_in("github");
    snprintf(location, sizeof location, "%s", member_of(begin_link("google")->body, "location"));
    visit(&b, location);
    r = ask("GET", location + strlen("https://films.example"), NULL, NULL, NULL);
    REFUSED(400, "invalid_token");
    snprintf(location, sizeof location, "/v1/auth/oauth/github/start?ticket=%s",
             value_of(member_of(begin_link("google")->body, "location"), "ticket"));
    r = ask("GET", location, NULL, NULL, NULL);
    REFUSED(400, "invalid_token");
}

/* Somebody gets another to visit their ticket: the other's sign-in must not become theirs. */
TEST(a_link_begun_elsewhere_has_to_be_confirmed_by_its_account)
{
    char location[600], json[300], victim[4096];
    mood.id = 8;
    mood.email = "victim@films.test";
    snprintf(victim, sizeof victim, "%s", sign_in("github"));
    mood.id = 7;
    mood.email = "ann@films.test";
    token = sign_in("github");
    r = ask_from("198.51.100.1", "POST", "/v1/me/identities/google", NULL, token,
                 "{\"return_to\":\"https://app.example/me\"}");
    snprintf(location, sizeof location, "%s", member_of(r->body, "location"));
    mood.id = 55;
    visit(&b, location);
    r = come_back(&b, "google", "&code=good");
    ck_assert_str_eq(value_of(r->location, "link"), "google");
    ck_assert_int_eq(count_of("SELECT count(*) FROM linked_identity WHERE issuer = 'google'"), 0);
    snprintf(json, sizeof json, "{\"code\":\"%s\"}", value_of(r->location, "code"));
    r = exchange(value_of(r->location, "code"));
    REFUSED(400, "invalid_token"); /* it is no sign-in */
    r = ask("POST", "/v1/me/identities/google", NULL, victim, json);
    REFUSED(400, "invalid_token");
    ck_assert_int_eq(count_of("SELECT count(*) FROM linked_identity WHERE issuer = 'google'"), 0);
}

TEST(a_link_that_is_confirmed_is_made)
{
    char json[300];
    token = sign_in("github");
    r = ask_from("198.51.100.1", "POST", "/v1/me/identities/google", NULL, token,
                 "{\"return_to\":\"https://app.example/me\"}");
    visit(&b, member_of(r->body, "location"));
    r = come_back(&b, "google", "&code=good");
    snprintf(json, sizeof json, "{\"code\":\"%s\"}", value_of(r->location, "code"));
    r = ask("POST", "/v1/me/identities/google", NULL, token, json);
    ck_assert_msg(r->status == 200, "%s", r->body);
    ck_assert(lists("google"));
}

/* Who had the account for an hour must not keep a way in of their own. */
TEST(a_link_begun_before_a_new_password_is_not_made)
{
    token = sign_in("github");
    visit(&b, member_of(begin_link("google")->body, "location"));
    r = ask("PUT", "/v1/me/password", NULL, token,
            "{\"new_password\":\"seven samurai in the rain\"}");
    ck_assert_msg(r->status == 204, "%s", r->body);
    r = come_back(&b, "google", "&code=good");
    ENDS_WITH_ERROR("invalid_token");
    ck_assert_int_eq(count_of("SELECT count(*) FROM linked_identity WHERE issuer = 'google'"), 0);
}

TEST(a_link_begun_by_who_is_signed_out_meanwhile_is_not_made)
{
    token = sign_in("github");
    visit(&b, member_of(begin_link("google")->body, "location"));
    r = ask("DELETE", "/v1/me/sessions", NULL, token, NULL);
    ck_assert_msg(r->status == 204, "%s", r->body);
    r = come_back(&b, "google", "&code=good");
    ENDS_WITH_ERROR("session_ended");
    ck_assert_int_eq(count_of("SELECT count(*) FROM linked_identity WHERE issuer = 'google'"), 0);
}

/* As where another process has ended it, and this one does not know yet. */
TEST(a_link_is_not_begun_by_a_session_that_is_over)
{
    cinema_identity_link_step *step = NULL;
    char id[40], session[40];
    token = sign_in("github");
    snprintf(id, sizeof id, "%s", member_of(ask("GET", "/v1/me", NULL, token, NULL)->body, "id"));
    r = ask("GET", "/v1/me/sessions", NULL, token, NULL);
    snprintf(session, sizeof session, "%.36s", strstr(r->body, "\"id\":\"") + 6);
    cinema_identity_link_input in = { .provider = "google", .session_id = session };
    OK(cinema_identity_link(c, id, &in, &step, &err));
    cinema_identity_link_step_free(step);
    OK(cinema_session_end(c, id, session, &err));
    GIVES(CINEMA_UNAUTHENTICATED, cinema_identity_link(c, id, &in, &step, &err));
    ck_assert_str_eq(err.reason, "session_ended");
}

TEST(linking_needs_a_sign_in_and_a_fresh_one)
{
    token = sign_in("github");
    r = ask("POST", "/v1/me/identities/google", NULL, NULL, "{}");
    REFUSED(401, "not_signed_in");
    r = ask("POST", "/v1/me/identities/google", NULL, token,
            "{\"return_to\":\"https://evil.example\"}");
    REFUSED(400, "return_to");
}
