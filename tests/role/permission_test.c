/* permission_test.c - the list of permissions. Mirrors lib/role/permission.c.
 */
#include "role/role_help.h"

#include "base/text.h"
#include "call/op.h"

FIXTURE(role_start, role_stop)

static bool listed(const char *name)
{
    for (const role_permission *p = cinema__permissions; p->name; p++)
        if (!strcmp(p->name, name))
            return true;
    return false;
}

TEST(every_permission_that_an_operation_asks_for_is_listed)
{
    for (const op *o = op_next(NULL); o; o = op_next(o))
        ck_assert_msg(text_listed(SIGNED_IN " " SYSTEM, o->permission) || !*o->permission ||
                          listed(o->permission),
                      "%s asks for %s: add it to lib/role/permission.c", o->name, o->permission);
}

TEST(permissions_are_listed_by_name_with_their_operations)
{
    cinema_permission_page *p = NULL;
    OK(cinema_permission_list(c, NULL, &p, &err));
    ck_assert_str_eq(p->items[0]->name, "*");
    for (size_t i = 1; i < p->count; i++) {
        const cinema_permission *one = p->items[i];
        ck_assert_int_lt(strcmp(p->items[i - 1]->name, one->name), 0);
        for (size_t k = 0; k < one->operations.count; k++)
            ck_assert_str_eq(op_named(one->operations.items[k])->permission, one->name);
        if (!strcmp(one->name, "role.write"))
            ck_assert_uint_ge(one->operations.count, 3);
    }
    cinema_permission_page_free(p);
}

TEST(they_come_in_pages)
{
    char after[2000];
    cinema_role_query q = { .limit = 4 };
    cinema_permission_page *p = NULL;
    size_t count = 0, all = 0;
    while (cinema__permissions[all].name)
        all++;
    for (;;) {
        OK(cinema_permission_list(c, &q, &p, &err));
        count += p->count;
        if (!p->next)
            break;
        snprintf(after, sizeof after, "%s", p->next);
        q.after = after;
        cinema_permission_page_free(p);
    }
    cinema_permission_page_free(p);
    ck_assert_uint_eq(count, all);
    q.after = "nonsense";
    GIVES(CINEMA_INVALID, cinema_permission_list(c, &q, &p, &err));
    ck_assert_str_eq(err.field, "after");
}
