/* source_test.c - how an issuer's keys are had, and kept while it is down. Mirrors
 * lib/issuer/source.c and setting.c.
 */
#include "issuer/issuer_help.h"

#include <stdio.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

FIXTURE(issuer_start, issuer_stop)

static void turn_key(unsigned char number, const char *name)
{
    static char keys[400];
    token_key_new(&key, number);
    token_jwk(&key, name, keys, sizeof keys);
    mood.keys = keys;
}

static cinema_status check_named(const char *name)
{
    char head[100], payload[600];
    snprintf(head, sizeof head, "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", name);
    snprintf(payload, sizeof payload,
             "{\"iss\":\"%s\",\"sub\":\"x\",\"aud\":\"films\",\"exp\":%lld,\"iat\":%lld}",
             canary_origin(bird), (long long)(now / 1000 + 600), (long long)(now / 1000));
    token_eddsa(&key, head, payload, token, sizeof token);
    return issuer_check();
}

TEST(keys_are_asked_for_once)
{
    for (int i = 0; i < 20; i++)
        OK(issuer_check_with(""));
    ck_assert_int_eq(issuer_asked(), 1);
    ck_assert_int_eq(canary_visits(bird), 2); /* the description before */
}

TEST(a_new_key_is_found_by_its_name)
{
    OK(check_named("one"));
    turn_key(2, "two");
    now += MINUTE;
    OK(check_named("two"));
    ck_assert_int_eq(issuer_asked(), 2);
}

TEST(names_that_are_not_known_are_looked_for_once_a_minute)
{
    char name[20];
    OK(check_named("one"));
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "guess-%d", i);
        GIVES(CINEMA_UNAUTHENTICATED, check_named(name));
    }
    ck_assert_int_eq(issuer_asked(), 1); /* asked a moment ago */
    now += MINUTE;
    for (int i = 0; i < 50; i++)
        GIVES(CINEMA_UNAUTHENTICATED, check_named("guess"));
    ck_assert_int_eq(issuer_asked(), 2);
    OK(check_named("one"));
}

TEST(keys_are_renewed_and_a_withdrawn_one_is_refused)
{
    OK(check_named("one"));
    turn_key(2, "two");
    now += 11 * MINUTE;
    token_key_new(&key, 1);
    GIVES(CINEMA_UNAUTHENTICATED, check_named("one"));
    ck_assert_int_eq(issuer_asked(), 2);
}

TEST(keys_are_good_for_a_day_while_the_issuer_is_down)
{
    OK(check_named("one"));
    mood.status = "503 Service Unavailable";
    now += 11 * MINUTE;
    OK(check_named("one"));
    now += 23 * HOUR;
    OK(check_named("one"));
    now += HOUR;
    GIVES(CINEMA_UNAVAILABLE, check_named("one"));
    ck_assert_str_eq(err.reason, "issuer_unavailable");
    mood.status = NULL;
    now += 6 * SECOND;
    OK(check_named("one"));
}

TEST(an_issuer_that_is_down_is_asked_again_after_a_while)
{
    mood.status = "500 Oops";
    GIVES(CINEMA_UNAVAILABLE, check_named("one"));
    mood.status = NULL;
    int visits = canary_visits(bird);
    for (int i = 0; i < 20; i++)
        GIVES(CINEMA_UNAVAILABLE, check_named("one"));
    ck_assert_int_eq(canary_visits(bird), visits);
    now += 6 * SECOND;
    OK(check_named("one"));
}

TEST(an_issuer_that_hangs_takes_no_more_than_the_calls_time)
{
    mood.hangs = true;
    int64_t before = call_deadline_set(clock_monotonic_ms() + 200);
    GIVES(CINEMA_UNAVAILABLE, check_named("one"));
    call_deadline_set(before);
}

static void *check_in_a_thread(void *user)
{
    arena *own = arena_new(0, 0);
    issuer_claims k;
    *(cinema_status *)user = issuer__verify(c, token, own, &k, NULL);
    arena_free(own);
    return NULL;
}

TEST(of_many_at_once_one_asks)
{
    pthread_t threads[16];
    cinema_status outcomes[COUNT_OF(threads)];
    issuer_token("");
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        ck_assert(!pthread_create(&threads[i], NULL, check_in_a_thread, &outcomes[i]));
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(outcomes[i], CINEMA_OK);
    }
    ck_assert_int_eq(issuer_asked(), 1);
}

TEST(a_description_has_to_be_of_the_issuer_and_lead_nowhere_else)
{
    static char texts[10][600]; /* one may be on its way still when the next is written */
    static const char *const forms[] = {
        "{\"issuer\":\"https://evil.example\",\"jwks_uri\":\"%s/keys\"}",
        "{\"jwks_uri\":\"%s/keys\"}",
        "{\"issuer\":\"%s\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"http://films.example/keys\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"file:///etc/passwd\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"/keys\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":7}",
        "[\"%s\"]",
        "%s",
        "",
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
        snprintf(texts[i], sizeof texts[i], forms[i], canary_origin(bird));
#pragma GCC diagnostic pop
        mood.description = texts[i];
        now += MINUTE;
        GIVES(CINEMA_UNAVAILABLE, check_named("one"));
    }
    ck_assert_int_eq(issuer_asked(), 0);
}

TEST(keys_that_are_none_are_an_issuer_in_trouble)
{
    static const char *const sets[] = { "", "[]", "<html>", "{\"keys\":7}" };
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        mood.keys = sets[i];
        now += MINUTE;
        GIVES(CINEMA_UNAVAILABLE, check_named("one"));
    }
    mood.keys = "{\"keys\":[]}"; /* a set, but nothing in it */
    now += MINUTE;
    GIVES(CINEMA_UNAUTHENTICATED, check_named("one"));
}

TEST(an_issuer_without_a_description_has_its_keys_named)
{
    char text[200];
    snprintf(text, sizeof text, "issuer=@;audience=films;jwks=@/keys");
    OK(issuer_open(text));
    OK(issuer_check_with(""));
    ck_assert_int_eq(canary_visits(bird), 1);
}

TEST(endpoints_are_those_of_the_description)
{
    issuer_endpoints e;
    char want[200];
    OK(issuer__endpoints(c, canary_origin(bird), a, &e, &err));
    snprintf(want, sizeof want, "%s/authorize", canary_origin(bird));
    ck_assert_str_eq(e.authorize, want);
    snprintf(want, sizeof want, "%s/token", canary_origin(bird));
    ck_assert_str_eq(e.token, want);
    mood.status = "500 Oops";
    now += 2 * HOUR;
    OK(issuer__endpoints(c, canary_origin(bird), a, &e, &err));
}

/* ---- the setting ----------------------------------------------------------------------------- */

TEST(a_setting_that_is_no_good_is_told_at_once)
{
    static const char *const wrong[] = {
        "https://films.example",
        "issuer=https://films.example",
        "issuer=https://films.example;audience=",
        "issuer=;audience=films",
        "audience=films;issuer=https://films.example",
        "issuer=https://films.example;audience=films;audience=others",
        "issuer=https://films.example;audience=films;color=red",
        "issuer=https://films.example;audience=films;secret=short",
        "issuer=http://films.example;audience=films",
        "issuer=ftp://films.example;audience=films",
        "issuer=https://films.example;audience=films;jwks=http://films.example/keys",
        "issuer=https://a.example;audience=films issuer=https://a.example;audience=b",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        cinema_status s = issuer_open(wrong[i]);
        ck_assert_msg(s == CINEMA_INVALID, "%s: %d", wrong[i], s);
        ck_assert_str_eq(err.field, "CINEMA_TRUSTED_ISSUERS");
    }
    OK(issuer_open("  issuer=https://a.example;audience=a   issuer=https://b.example;audience=b "));
    ck_assert(issuer__trusted(c, "https://a.example") && issuer__trusted(c, "https://b.example"));
}
