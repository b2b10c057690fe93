/* search_help.c - what the search's tests start from.
 */
#include "search/search_help.h"

#include "base/handle.h"
#include "port/db/db.h"

#include <stdlib.h>

cinema *c;
cinema_error err;

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

void search_start(void)
{
    char url[512];
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

void search_stop(void)
{
    cinema_close(c);
    c = NULL;
}

static int64_t read_text(void *bytes, size_t room, void *user)
{
    const char **text = user;
    size_t n = strlen(*text);
    n = n < room ? n : room;
    memcpy(bytes, *text, n);
    *text += n;
    return (int64_t)n;
}

void add(const char *lines)
{
    cinema_import_counts counts;
    cinema_import_input in = { .read = read_text, .user = &lines };
    OK(cinema_import(c, &in, &counts, &err));
    ck_assert_int_eq(counts.refused, 0);
}

const char films[] =
    "{\"kind\":\"movie\",\"title\":\"Am\xC3\xA9lie\",\"year\":2001,\"language\":\"fr\","
    "\"popularity\":"
    "900,\"original_title\":\"Le Fabuleux Destin d'Am\xC3\xA9lie Poulain\",\"genres\":[\"Comedy\"],"
    "\"cast\":[{\"name\":\"Audrey Tautou\"}],\"overview\":\"A waitress in Montmartre.\"}\n"
    "{\"kind\":\"movie\",\"title\":\"The Third "
    "Man\",\"year\":1949,\"language\":\"en\",\"popularity\":"
    "800,\"genres\":[\"Film noir\"],\"cast\":[{\"name\":\"Joseph Cotten\"},{\"name\":\"Orson "
    "Welles\",\"character\":\"Harry Lime\"}],\"crew\":[{\"name\":\"Carol "
    "Reed\",\"job\":\"Director\"}],"
    "\"overview\":\"A writer comes to Vienna.\"}\n"
    "{\"kind\":\"movie\",\"title\":\"Spider-Man\",\"year\":2002,\"popularity\":5000}\n"
    "{\"kind\":\"movie\",\"title\":\"Man of Steel\",\"year\":2013,\"popularity\":7000}\n"
    "{\"kind\":\"movie\",\"title\":\"Man\",\"popularity\":1}\n"
    "{\"kind\":\"movie\",\"title\":\"In the Mood for Love\",\"year\":2000,\"original_title\":"
    "\"\xE8\x8A\xB1\xE6\xA8\xA3\xE5\xB9\xB4\xE8\x8F\xAF\"}\n"
    "{\"kind\":\"movie\",\"title\":\"A Man Nobody "
    "Knows\",\"status\":\"draft\",\"popularity\":9000}\n"
    "{\"kind\":\"series\",\"title\":\"Mad Men\",\"year\":2007,\"popularity\":600}\n"
    "{\"kind\":\"season\",\"series\":\"mad-men-2007\",\"season_number\":1}\n"
    "{\"kind\":\"episode\",\"series\":\"mad-men-2007\",\"season_number\":1,\"episode_number\":1,"
    "\"title\":\"Smoke Gets in Your Eyes\",\"released_on\":\"2007-07-19\"}\n";

const char *found(cinema_search_query q)
{
    static char list[4000];
    cinema_title_page *p = NULL;
    OK(cinema_search(c, &q, &p, &err));
    *list = '\0';
    for (size_t i = 0; i < p->count; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
                 p->items[i]->title);
    cinema_search_page_free(p);
    return list;
}

cinema_title_page *page(cinema_search_query q)
{
    cinema_title_page *p = NULL;
    OK(cinema_search(c, &q, &p, &err));
    return p;
}

void add_common(int n)
{
    char *lines = malloc((size_t)n * 160 + 1), *to = lines;
    ck_assert_ptr_nonnull(lines);
    for (int i = 0; i < n; i++)
        to += snprintf(to, 160,
                       "{\"kind\":\"movie\",\"title\":\"%sFilm %04d\",\"year\":2000,"
                       "\"popularity\":%d,\"overview\":\"something common\"}\n",
                       i % 10 ? "" : "Common ", i, i % 7);
    add(lines);
    free(lines);
}

int64_t number(const char *text)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    db_sql sql;
    db_rows rows;
    db_sql_for(&sql, c);
    db_add(&sql, (db_text){ text, text, text }, "");
    OK(db_read(c, &sql, a, &rows, &err));
    return rows.first->cells[0].number;
}
