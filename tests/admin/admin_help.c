/* admin_help.c - an open handle and its database.
 */
#include "admin/admin_help.h"

cinema *c;
cinema_error err;
char url[512];

void admin_start(void)
{
    test_database(url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

void admin_stop(void)
{
    cinema_close(c);
    c = NULL;
}

void admin_migrate(void)
{
    cinema_migrations *m = NULL;
    OK(cinema_migrate(c, &m, &err));
    cinema_migrations_free(m);
}

json_t *admin_call(const char *op, cinema_status want)
{
    char *text = NULL;
    GIVES(want, cinema_call(c, NULL, op, NULL, &text, &err));
    json_t *v = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(v != NULL, "%s", text);
    cinema_text_free(text);
    return v;
}
