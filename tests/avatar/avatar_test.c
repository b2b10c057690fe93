/* avatar_test.c - mirrors lib/avatar/avatar.c: what is taken, where it is kept, what is left over.
 */
#include "avatar/avatar.h"

#include "avatar/images.h"
#include "base/handle.h"
#include "user/user.h"

#include <cinema/cinema.h>

#include <stdio.h>

static cinema *c;
static cinema_error err;
static arena *a;
static account anna;
static cinema_avatar *got;
static int64_t later_ms;

static int64_t clock_of_test(void *user)
{
    (void)user;
    return clock_wall_ms() + later_ms;
}

static account add_account(const char *email)
{
    CLEANUP(db_rollback) db_tx *tx = NULL;
    account who;
    const account in = { .email = email,
                         .name = "Anna",
                         .email_verified_at = CINEMA_ABSENT,
                         .password_changed_at = CINEMA_ABSENT };
    OK(db_begin(c, &tx, &err));
    OK(account__insert(c, tx, &in, a, &who, &err));
    OK(db_commit(&tx, &err));
    return who;
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

static void start(void)
{
    char url[512], folder[300], database[600], data[400];
    const char *settings[] = { database, data, "CINEMA_PUBLIC_URL=https://films.example/",
                               "CINEMA_DEADLINE_MS=60000" };
    test_database_from(migrate, url, sizeof url);
    test_folder(folder, sizeof folder);
    snprintf(database, sizeof database, "CINEMA_DATABASE_URL=%s", url);
    snprintf(data, sizeof data, "CINEMA_BLOB_URL=file:%s/blobs", folder);
    OK(cinema_open_with(&(cinema_options){ settings, 4 }, &c, &err));
    c->wall_ms = clock_of_test;
    a = arena_new(0, 0);
    anna = add_account("anna@films.example");
}

static void stop(void)
{
    cinema_avatar_free(got);
    arena_free(a);
    cinema_close(c);
}
FIXTURE(start, stop)

static cinema_status set(const char *id, const file *f)
{
    const cinema_avatar_input in = { f->bytes, f->length };
    cinema_avatar_free(got);
    got = NULL;
    return cinema_avatar_set(c, id, &in, &got, &err);
}

static void refused(const file *f, cinema_status want, const char *rule)
{
    GIVES(want, set(anna.id, f));
    ck_assert_str_eq(err.field, "image");
    ck_assert_str_eq(err.reason, rule);
    ck_assert_ptr_null(got);
}

static const char *avatar_of(const account *who)
{
    account now;
    OK(account__by_id(c, NULL, who->id, a, &now, &err));
    return now.avatar;
}

static bool is_there(const char *name)
{
    blob_reader *r = NULL;
    cinema_status s = avatar__get(c, name, &r, &err);
    if (s)
        GIVES(CINEMA_NOT_FOUND, s);
    blob_close(r);
    return !s;
}

static cinema_status count_one(const char *name, const blob_info *info, void *user)
{
    (void)name, (void)info;
    ++*(int *)user;
    return CINEMA_OK;
}

static int blobs(void)
{
    int n = 0;
    OK(blob_list(c, "", NULL, count_one, &n, &err));
    return n;
}

static file small_png(void)
{
    return make_png(64, 64, 2, 8, false);
}

/* ---- setting, removing ----------------------------------------------------------------------- */

TEST(an_image_becomes_the_avatar_of_the_account)
{
    FILE_HERE f = make_jpeg(900, 700, 3, false);
    unsigned char bytes[100000];
    char url[200];
    unsigned side;
    blob_reader *r = NULL;
    OK(set(anna.id, &f));
    ck_assert_str_eq(avatar_of(&anna), got->name);
    snprintf(url, sizeof url, "https://films.example/v1/avatars/%s", got->name);
    ck_assert_str_eq(got->avatar_url, url);
    OK(avatar__get(c, got->name, &r, &err));
    ck_assert_int_eq((int64_t)r->length, got->length);
    int64_t n = r->stream.read(bytes, sizeof bytes, r->stream.user);
    ck_assert_int_eq(n, got->length);
    ck_assert_str_eq(colours_of(bytes, (size_t)n, &side), "rgbw");
    blob_close(r);
}

TEST(the_profile_tells_its_address)
{
    FILE_HERE f = small_png();
    cinema_user *u = NULL;
    cinema_user_page *p = NULL;
    OK(cinema_user_get(c, anna.id, NULL, &u, &err));
    ck_assert_ptr_null(u->avatar_url);
    cinema_user_free(u);
    OK(set(anna.id, &f));
    OK(cinema_user_get(c, anna.id, NULL, &u, &err));
    ck_assert_str_eq(u->avatar_url, got->avatar_url);
    cinema_user_free(u);
    OK(cinema_user_list(c, NULL, &p, &err));
    ck_assert_str_eq(p->items[0]->avatar_url, got->avatar_url);
    cinema_user_page_free(p);
}

TEST(the_account_is_changed_with_it)
{
    FILE_HERE f = small_png();
    account now;
    OK(set(anna.id, &f));
    OK(account__by_id(c, NULL, anna.id, a, &now, &err));
    ck_assert_int_eq(now.revision, anna.revision + 1);
}

TEST(a_new_avatar_takes_the_place_of_the_old_one)
{
    FILE_HERE f = small_png();
    char first[40];
    OK(set(anna.id, &f));
    snprintf(first, sizeof first, "%s", got->name);
    OK(set(anna.id, &f));
    ck_assert_str_ne(got->name, first); /* what a name stands for never changes */
    ck_assert(!is_there(first) && is_there(got->name));
    ck_assert_int_eq(blobs(), 1);
}

TEST(two_accounts_with_one_image_do_not_share_it)
{
    FILE_HERE f = small_png();
    account berta = add_account("berta@films.example");
    OK(set(anna.id, &f));
    OK(set(berta.id, &f));
    OK(cinema_avatar_remove(c, anna.id, &err));
    ck_assert_ptr_null(avatar_of(&anna));
    ck_assert(is_there(avatar_of(&berta)));
}

TEST(an_avatar_that_is_removed_is_gone)
{
    FILE_HERE f = small_png();
    OK(set(anna.id, &f));
    OK(cinema_avatar_remove(c, anna.id, &err));
    ck_assert_ptr_null(avatar_of(&anna));
    ck_assert_int_eq(blobs(), 0);
    OK(cinema_avatar_remove(c, anna.id, &err));
}

TEST(without_an_account_there_is_no_avatar)
{
    static const char *const nobody[] = { "0197f000-0000-7000-8000-000000000000", "anna", "" };
    FILE_HERE f = small_png();
    for (size_t i = 0; i < COUNT_OF(nobody); i++) {
        GIVES(CINEMA_NOT_FOUND, set(nobody[i], &f));
        GIVES(CINEMA_NOT_FOUND, cinema_avatar_remove(c, nobody[i], &err));
    }
    ck_assert_int_eq(blobs(), 0);
}

TEST(names_that_could_lead_elsewhere_are_no_avatars)
{
    static const char *const names[] = { "",
                                         "..",
                                         "../../key",
                                         "0123456789abcdef0123456789abcdeF",
                                         "0123456789abcdef0123456789abcdef0",
                                         "%2e%2e%2fkey" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        ck_assert(!is_there(names[i]));
}

/* ---- what is refused ------------------------------------------------------------------------- */

TEST(each_limit_has_its_field_and_rule)
{
    file none = { 0 };
    refused(&none, CINEMA_INVALID, "required");
    file text = { (unsigned char *)(uintptr_t) "GIF89a and so on", 16 };
    refused(&text, CINEMA_INVALID, "type");
    FILE_HERE cut = make_jpeg(300, 300, 3, false);
    cut.length = 400;
    refused(&cut, CINEMA_INVALID, "image");
    FILE_HERE shorter = make_jpeg(300, 300, 3, false);
    shorter.length -= 300; /* its head is good */
    refused(&shorter, CINEMA_INVALID, "image");
    FILE_HERE huge = { 0 };
    png_begin(&huge, 7072, 7072);
    png_chunk(&huge, "IDAT", "x", 1);
    refused(&huge, CINEMA_INVALID, "pixels");
    FILE_HERE moving = { 0 };
    png_begin(&moving, 4, 4);
    png_chunk(&moving, "acTL", "\0\0\0\2\0\0\0\0", 8);
    png_chunk(&moving, "IDAT", "x", 1);
    refused(&moving, CINEMA_INVALID, "frames");
    ck_assert_ptr_null(avatar_of(&anna));
    ck_assert_int_eq(blobs(), 0);
}

TEST(five_mebibytes_are_taken_and_one_byte_more_is_not)
{
    FILE_HERE f = small_png();
    unsigned char *rest = calloc(1, 5 << 20);
    file_add(&f, rest, (5 << 20) - f.length);
    free(rest);
    OK(set(anna.id, &f));
    file_add(&f, "", 1);
    refused(&f, CINEMA_TOO_LARGE, "too_large");
}

TEST(hostile_files_change_nothing)
{
    static const char *const names[] = {
        "malformed/cut1of4_jpg.jpg",   "malformed/jpg_65535.jpg",
        "malformed/cut3of4_png.png",   "malformed/png_60000x60000.png",
        "malformed/png_bad_crc.png",   "malformed/png_max_dim.png",
        "malformed/png_zero_dim.png",  "malformed/svg_xxe.svg",
        "malformed/cut3of4_webp.webp", "malformed/concat_list.mp4",
        "malformed/hls_file_read.m3u8"
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        FILE_HERE f = shared_image(names[i]);
        if (!f.bytes)
            SKIP("no ../shared/vectors/media");
        ck_assert_msg(set(anna.id, &f) == CINEMA_INVALID, "%s", names[i]);
        ck_assert_str_eq(err.field, "image");
    }
    ck_assert_int_eq(blobs(), 0);
}

/* ---- what is left over ----------------------------------------------------------------------- */

static void sweep_all(void)
{
    bool more;
    for (int i = 0; i < 256; i++)
        OK(avatar__sweep(c, &more, &err));
}

TEST(a_sweep_removes_what_no_account_has_after_an_hour)
{
    FILE_HERE f = small_png();
    static const char orphan[] = "avatars/0f/0f23456789abcdef0123456789abcdef";
    OK(set(anna.id, &f));
    OK(blob_put_bytes(c, orphan, "left", 4, &err));
    OK(blob_put_bytes(c, "uploads/1", "other", 5, &err));
    sweep_all();
    ck_assert_int_eq(blobs(), 3); /* somebody may be about to name it */
    later_ms = 2 * 3600 * 1000;
    sweep_all();
    ck_assert_int_eq(blobs(), 2);
    ck_assert(!is_there(strrchr(orphan, '/') + 1) && is_there(got->name));
}
