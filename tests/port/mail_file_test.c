/* mail_file_test.c - mails as files: whose they are, and a folder that is no good.
 */
#include "port/mail_help.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void start(void)
{
    mail_open_with(NULL);
}

FIXTURE(start, mail_stop)

#define err mail_err

static mode_t mode_of(const char *path)
{
    struct stat st;
    ck_assert_msg(!stat(path, &st), "%s", path);
    return st.st_mode & 07777;
}

TEST(what_a_mail_says_is_for_its_owner_alone)
{
    char path[600];
    mail_message m = mail_new("anna@home.example");
    OK(mail_send(mail_c, &m, &err));
    snprintf(path, sizeof path, "%s/mail", mail_folder());
    ck_assert_int_eq(mode_of(path), 0700);
    snprintf(path, sizeof path, "%s/mail/%lld-%s.eml", mail_folder(), (long long)m.at, m.id);
    ck_assert_int_eq(mode_of(path), 0600);
}

TEST(nothing_half_written_stays)
{
    char path[600];
    mail_message m = mail_new("anna@home.example");
    OK(mail_send(mail_c, &m, &err));
    snprintf(path, sizeof path, "%s/mail", mail_folder());
    DIR *dir = opendir(path);
    int files = 0;
    for (struct dirent *e; (e = readdir(dir));)
        files += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
    closedir(dir);
    ck_assert_int_eq(files, 1);
}

TEST(a_folder_that_cannot_be_is_told_and_may_come_back)
{
    char path[600], url[700];
    mail_message m = mail_new("anna@home.example");
    snprintf(path, sizeof path, "%s/file", mail_folder());
    snprintf(url, sizeof url, "file:%s/file/mail", mail_folder());
    FILE *f = fopen(path, "we");
    fclose(f);
    mail_open_with(url);
    GIVES(CINEMA_UNAVAILABLE, mail_send(mail_c, &m, &err));
    ck_assert_str_eq(err.reason, "mail_folder");
    ck_assert(!remove(path));
    OK(mail_send(mail_c, &m, &err));
}
