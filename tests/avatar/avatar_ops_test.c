/* avatar_ops_test.c - mirrors lib/avatar/avatar_ops.c: avatars through the HTTP door, as one who
 * has signed in and as one who has not.
 */
#include "avatar/images.h"
#include "call/op.h"
#include "user/user.h"

#include <cinema/cinema.h>

#include <stdio.h>
#include <strings.h>

static cinema *c;
static cinema_error err;
static arena *a;
static account anna;
static cinema_http_response *got;

/* The token "anna" is Anna's. */
static cinema_status who_it_is(cinema *handle, const cinema_caller *caller, arena *room,
                               identity *ret, cinema_error *e)
{
    (void)handle, (void)room, (void)e;
    *ret = (identity){ .system = caller->system };
    if (caller->token && !strcmp(caller->token, "anna"))
        *ret = (identity){ .known = true,
                           .name = "anna",
                           .permissions = "",
                           .account_nr = anna.nr,
                           .account_id = anna.id };
    return CINEMA_OK;
}

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

static void add_anna(void)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    const account in = { .email = "anna@films.example",
                         .email_verified_at = CINEMA_ABSENT,
                         .password_changed_at = CINEMA_ABSENT };
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &in, a, &anna, &err));
    OK(db_commit(&tx, &err));
}

static void start(void)
{
    char url[512], folder[300], database[600], data[400];
    const char *settings[] = { database, data, "CINEMA_DEADLINE_MS=60000" };
    test_database_from(migrate, url, sizeof url);
    test_folder(folder, sizeof folder);
    snprintf(database, sizeof database, "CINEMA_DATABASE_URL=%s", url);
    snprintf(data, sizeof data, "CINEMA_BLOB_URL=file:%s/blobs", folder);
    OK(cinema_open_with(&(cinema_options){ settings, 3 }, &c, &err));
    a = arena_new(0, 0);
    add_anna();
    c->identify = who_it_is;
}

static void stop(void)
{
    cinema_http_response_free(got);
    arena_free(a);
    cinema_close(c);
}
FIXTURE(start, stop)

static int ask(const char *method, const char *target, const file *body, const char *type,
               const char *token)
{
    char bearer[64];
    cinema_http_header headers[2];
    size_t n = 0;
    snprintf(bearer, sizeof bearer, "Bearer %s", token ? token : "");
    if (token)
        headers[n++] = (cinema_http_header){ "Authorization", bearer };
    if (type)
        headers[n++] = (cinema_http_header){ "Content-Type", type };
    const cinema_http_request q = { .method = method,
                                    .target = target,
                                    .headers = headers,
                                    .header_count = n,
                                    .body = body ? body->bytes : NULL,
                                    .body_length = body ? body->length : 0,
                                    .address = "127.0.0.1" };
    cinema_http_response_free(got);
    got = NULL;
    OK(cinema_http(c, &q, &got, &err));
    return got->status;
}

static const char *header(const char *name)
{
    for (size_t i = 0; i < got->header_count; i++)
        if (!strcasecmp(got->headers[i].name, name))
            return got->headers[i].value;
    return NULL;
}

static bool said(const char *text)
{
    return got->body && memmem(got->body, got->body_length, text, strlen(text));
}

/* The path of the avatar that was just told. */
static void path_told(char path[100])
{
    const char *at = memmem(got->body, got->body_length, "/v1/avatars/", 12);
    ck_assert_ptr_nonnull(at);
    snprintf(path, 100, "%.*s", (int)strcspn(at, "\""), at);
}

TEST(an_avatar_is_sent_and_served)
{
    FILE_HERE f = make_jpeg(300, 200, 3, false);
    unsigned char bytes[65536];
    char path[100];
    unsigned side;
    ck_assert_int_eq(ask("PUT", "/v1/me/avatar", &f, "image/jpeg", "anna"), 200);
    path_told(path);
    ck_assert_int_eq(ask("GET", path, NULL, NULL, NULL), 200);
    ck_assert_str_eq(header("Content-Type"), "image/webp");
    ck_assert_str_eq(header("Cache-Control"), "public, max-age=31536000, immutable");
    ck_assert_str_eq(header("X-Content-Type-Options"), "nosniff");
    int64_t n = got->stream->read(bytes, sizeof bytes, got->stream->user);
    ck_assert_int_eq(n, got->stream_length);
    ck_assert_str_eq(colours_of(bytes, (size_t)n, &side), "rgbw");
    ck_assert_int_eq(ask("HEAD", path, NULL, NULL, NULL), 200);
    ck_assert_int_eq(got->stream_length, n);
}

TEST(an_avatar_that_is_removed_is_not_served)
{
    FILE_HERE f = make_png(30, 20, 6, 8, false);
    char path[100];
    ck_assert_int_eq(ask("PUT", "/v1/me/avatar", &f, "image/png", "anna"), 200);
    path_told(path);
    ck_assert_int_eq(ask("DELETE", "/v1/me/avatar", NULL, NULL, "anna"), 204);
    ck_assert_int_eq(ask("GET", path, NULL, NULL, NULL), 404);
    ck_assert_str_eq(header("Cache-Control"), "no-store");
    ck_assert_int_eq(ask("DELETE", "/v1/me/avatar", NULL, NULL, "anna"), 204);
}

TEST(only_who_has_signed_in_has_an_avatar)
{
    FILE_HERE f = make_png(30, 20, 2, 8, false);
    ck_assert_int_eq(ask("PUT", "/v1/me/avatar", &f, "image/png", NULL), 401);
    ck_assert_int_eq(ask("PUT", "/v1/me/avatar", &f, "image/png", "berta"), 401);
    ck_assert_int_eq(ask("DELETE", "/v1/me/avatar", NULL, NULL, NULL), 401);
    char *json = NULL;
    GIVES(CINEMA_UNAUTHENTICATED,
          cinema_call(c, &(cinema_caller){ .system = true }, "avatar.remove", "{}", &json, &err));
    cinema_text_free(json);
}

static const struct refusal {
    const char *type;
    int http;
    const char *word;
} refusals[] = {
    { "image/png", 400, "\"rule\":\"type\"" }, { "image/gif", 415, "unsupported_media_type" },
    { NULL, 415, "unsupported_media_type" },   { "application/json", 415, "unsupported" },
    { "image/svg+xml", 415, "unsupported" },
};

TEST_EACH(what_is_no_image_is_refused, (int)(sizeof refusals / sizeof *refusals))
{
    file f = { (unsigned char *)(uintptr_t) "<svg xmlns='http://www.w3.org/2000/svg'/>", 41 };
    ck_assert_int_eq(ask("PUT", "/v1/me/avatar", &f, refusals[_i].type, "anna"), refusals[_i].http);
    ck_assert(said(refusals[_i].word));
    ck_assert(refusals[_i].http != 400 || said("\"field\":\"image\""));
}

TEST(a_body_over_five_mebibytes_is_too_large)
{
    file f = { calloc(1, (5 << 20) + 1), (5 << 20) + 1 };
    ck_assert_int_eq(ask("PUT", "/v1/me/avatar", &f, "image/png", "anna"), 413);
    free(f.bytes);
    ck_assert_int_eq(ask("PUT", "/v1/me/avatar", NULL, "image/png", "anna"), 400);
    ck_assert(said("\"rule\":\"required\""));
}

static const char *const paths[] = {
    "/v1/avatars/..%2f..%2fkey",
    "/v1/avatars/....",
    "/v1/avatars/%00",
    "/v1/avatars/0123456789abcdef0123456789abcdef",
    "/v1/avatars/0123456789ABCDEF0123456789ABCDEF",
};

TEST_EACH(a_path_leads_nowhere_else, (int)(sizeof paths / sizeof *paths))
{
    int status = ask("GET", paths[_i], NULL, NULL, NULL);
    ck_assert_msg(status == 404 || status == 400, "%d", status);
    ck_assert(!said("blobs") && !said("/tmp"));
}
