/* blob_front_test.c - mirrors lib/port/blob/blob.c: what rooms call, through a handle.
 */
#include "base/handle.h"
#include "port/blob_help.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static cinema *c;

static void start(void)
{
    char own[300];
    const char *settings[] = { own };
    test_folder(blob_home, sizeof blob_home);
    snprintf(own, sizeof own, "CINEMA_DATA_DIR=%s", blob_home);
    OK(cinema_open_with(&(cinema_options){ settings, 1 }, &c, &err));
}

static void stop(void)
{
    cinema_close(c);
}
FIXTURE(start, stop)

TEST(blobs_are_in_the_data_folder_unless_a_setting_says_otherwise)
{
    char path[400];
    struct stat st;
    OK(blob_put_bytes(c, "films/ran", "Kurosawa", 8, &err));
    snprintf(path, sizeof path, "%s/blobs/films/ran.blob", blob_home);
    ck_assert(!stat(path, &st));
    ck_assert(!strncmp(blob_folder(c), blob_home, strlen(blob_home)));
}

TEST(what_is_put_is_had_and_removed)
{
    blob_reader *r = NULL;
    blob_info info;
    char text[9] = "";
    OK(blob_put_bytes(c, "films/ran", "Kurosawa", 8, &err));
    OK(blob_stat(c, "films/ran", &info, &err));
    ck_assert_uint_eq(info.length, 8);
    OK(blob_get(c, "films/ran", 2, 100, &r, &err));
    ck_assert_int_eq(r->stream.read(text, 8, r->stream.user), 6);
    ck_assert_str_eq(text, "rosawa");
    blob_close(r);
    blob_close(NULL);
    OK(blob_remove(c, "films/ran", &err));
    GIVES(CINEMA_NOT_FOUND, blob_stat(c, "films/ran", &info, &err));
}

TEST(names_are_checked_before_the_driver_sees_them)
{
    blob_reader *r = NULL;
    blob_info info;
    GIVES(CINEMA_INVALID, blob_put_bytes(c, "../escape", "x", 1, &err));
    GIVES(CINEMA_INVALID, blob_get(c, "a/../../etc/passwd", 0, 1, &r, &err));
    GIVES(CINEMA_INVALID, blob_stat(c, "/etc/passwd", &info, &err));
    GIVES(CINEMA_INVALID, blob_remove(c, "", &err));
    GIVES(CINEMA_INVALID, blob_list(c, "../", NULL, NULL, NULL, &err));
    GIVES(CINEMA_INVALID, blob_list(c, "", "A", NULL, NULL, &err));
}

TEST(another_kind_of_store_is_refused_at_opening)
{
    const char *settings[] = { "CINEMA_BLOB_URL=s3://bucket" };
    cinema *other = NULL;
    GIVES(CINEMA_UNSUPPORTED, cinema_open_with(&(cinema_options){ settings, 1 }, &other, &err));
    ck_assert_str_eq(err.field, "CINEMA_BLOB_URL");
    ck_assert_ptr_null(other);
}
