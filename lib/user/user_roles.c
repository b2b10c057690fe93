/* user_roles.c - the roles of an account, and what they come to.
 */
#include "base/text.h"
#include "user/user_door.h"

#include "user.sql.h"

#include <stdio.h>

/* Names and permissions, each once, with spaces between. */
typedef struct words {
    const char *names, *permissions;
} words;

static const char *joined(const char *all, const char *more, arena *a)
{
    for (size_t n; all && *more; more += n + (more[n] == ' ')) {
        n = strcspn(more, " ");
        char *word = arena_copy(a, more, n);
        if (!word || (n && !text_listed(all, word)))
            all = word ? arena_format(a, "%s%s%s", all, *all ? " " : "", word) : NULL;
    }
    return all;
}

static cinema_status add_role(db_tx *tx, int64_t nr, const char *name, size_t i, words *w, arena *a,
                              cinema_error *err)
{
    char path[32];
    db_rows rows;
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_user_role_find, "t", name);
    cinema_status s = db_run(tx, &sql, a, &rows, err);
    snprintf(path, sizeof path, "roles[%zu]", i);
    if (s || !rows.count)
        return s ? s
                 : fail(err, CINEMA_INVALID, "unknown_role", path, "%s: there is no such role",
                        path);
    w->names = joined(w->names, name, a);
    w->permissions = joined(w->permissions, rows.first->cells[1].text, a);
    if (!w->names || !w->permissions)
        return fail_memory(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_user_role_add, "ii", nr, rows.first->cells[0].number);
    return db_run(tx, &sql, NULL, NULL, err);
}

cinema_status user_set_roles(db_tx *tx, int64_t nr, const cinema_texts *names, arena *a,
                             cinema_error *err)
{
    words w = { "", "" };
    db_sql sql;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_user_role_clear, "i", nr);
    cinema_status s = db_run(tx, &sql, NULL, NULL, err);
    for (size_t i = 0; !s && i < names->count; i++)
        s = add_role(tx, nr, names->items[i], i, &w, a, err);
    if (s)
        return s;
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_user_role_note, "itt", nr, w.names, w.permissions);
    return db_run(tx, &sql, NULL, NULL, err);
}
