/* copy.c - the floor of an import: the rows of a database that was imported, written again.
 *   copy SOURCE TARGET [TITLES]
 * Reads all tables of SOURCE into memory, makes TARGET with the same tables and indices, and then,
 * on the clock, inserts the rows with one prepared statement a table, TITLES (500) and what belongs
 * to them in a transaction. A table added to the schema is picked up by itself: rows with a
 * title_nr (or series_nr) go with their title, people with the first title that names them, all
 * others come first.
 */
#include "measure.h"

enum { TABLES_MAX = 64, COLUMNS_MAX = 64, SQL_MAX = 4096 };

typedef struct cell {
    int type;
    int length;
    union {
        int64_t number;
        double real;
        const char *bytes;
    };
} cell;

typedef struct row {
    int64_t title; /* with which title it goes; 0: before them all */
    cell *cells;
} row;

typedef struct table {
    char name[64], columns[2048], key[256];
    int width;
    row *rows;
    size_t count, next; /* next: the first that is still to be written */
    sqlite3_stmt *insert;
} table;

static table tables[TABLES_MAX];
static size_t table_count;

static void *allocate(size_t n)
{
    static char *block;
    static size_t left;
    n = (n + 15) & ~(size_t)15;
    if (n > left) {
        left = n > 8u << 20 ? n : 8u << 20;
        if (!(block = malloc(left)))
            give_up("copy", "out of memory");
    }
    void *p = block;
    block += n;
    left -= n;
    return p;
}

/* ---- what there is --------------------------------------------------------------------------- */

static void add(char *text, size_t size, const char *more)
{
    size_t n = strlen(text);
    if ((size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", more) >= size - n)
        give_up("copy", "the schema is larger than this takes");
}

static void choose_key(table *t, const char *column)
{
    if (!strcmp(t->name, "title") && !strcmp(column, "nr"))
        snprintf(t->key, sizeof t->key, "nr");
    else if (!strcmp(column, "title_nr") || !strcmp(column, "series_nr"))
        snprintf(t->key, sizeof t->key, "%s", column);
}

static void describe(sqlite3 *db, table *t, int is_virtual)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s')", t->name);
    sqlite3_stmt *s = prepare(db, sql);
    if (is_virtual) {
        add(t->columns, sizeof t->columns, "rowid");
        snprintf(t->key, sizeof t->key, "rowid");
        t->width = 1;
    }
    for (; sqlite3_step(s) == SQLITE_ROW; t->width++) {
        const char *column = (const char *)sqlite3_column_text(s, 0);
        add(t->columns, sizeof t->columns, column);
        choose_key(t, column);
    }
    sqlite3_finalize(s);
    if (!strcmp(t->name, "person"))
        snprintf(t->key, sizeof t->key,
                 "coalesce((SELECT min(title_nr) FROM credit WHERE person_nr = nr), 0)");
    if (!*t->key)
        snprintf(t->key, sizeof t->key, "0");
    if (t->width > COLUMNS_MAX)
        give_up(t->name, "has more columns than this takes");
}

static void find_tables(sqlite3 *db)
{
    sqlite3_stmt *s =
        prepare(db, "SELECT l.name, l.type = 'virtual' FROM pragma_table_list l"
                    " JOIN sqlite_schema m ON m.name = l.name WHERE l.schema = 'main' AND"
                    " l.type IN ('table', 'virtual') AND l.name NOT LIKE 'sqlite_%'"
                    " ORDER BY m.rowid");
    while (sqlite3_step(s) == SQLITE_ROW) {
        if (table_count == TABLES_MAX)
            give_up("copy", "more tables than this takes");
        table *t = &tables[table_count++];
        snprintf(t->name, sizeof t->name, "%s", sqlite3_column_text(s, 0));
        describe(db, t, sqlite3_column_int(s, 1));
    }
    sqlite3_finalize(s);
}

/* ---- reading --------------------------------------------------------------------------------- */

static cell take(sqlite3_stmt *s, int i)
{
    cell c = { .type = sqlite3_column_type(s, i) };
    if (c.type == SQLITE_INTEGER)
        c.number = sqlite3_column_int64(s, i);
    else if (c.type == SQLITE_FLOAT)
        c.real = sqlite3_column_double(s, i);
    if (c.type != SQLITE_TEXT && c.type != SQLITE_BLOB)
        return c;
    const void *bytes = sqlite3_column_blob(s, i);
    c.length = sqlite3_column_bytes(s, i);
    char *own = allocate((size_t)c.length + 1);
    if (c.length)
        memcpy(own, bytes, (size_t)c.length);
    c.bytes = own;
    return c;
}

static void read_rows(sqlite3 *db, table *t)
{
    char sql[SQL_MAX];
    size_t room = 0;
    snprintf(sql, sizeof sql, "SELECT %s, %s AS goes_with FROM %s ORDER BY goes_with, rowid",
             t->columns, t->key, t->name);
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL)) { /* a table without rowid */
        *strstr(sql, ", rowid") = '\0';
        s = prepare(db, sql);
    }
    for (; sqlite3_step(s) == SQLITE_ROW; t->count++) {
        if (t->count == room)
            t->rows = realloc(t->rows, (room = room * 2 + 1024) * sizeof *t->rows);
        if (!t->rows)
            give_up(t->name, "out of memory");
        row *r = &t->rows[t->count];
        r->title = sqlite3_column_int64(s, t->width);
        r->cells = allocate((size_t)t->width * sizeof *r->cells);
        for (int i = 0; i < t->width; i++)
            r->cells[i] = take(s, i);
    }
    check(sqlite3_finalize(s), db, t->name);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void make_schema(sqlite3 *from, sqlite3 *to)
{
    sqlite3_stmt *s =
        prepare(from, "SELECT m.sql FROM sqlite_schema m WHERE m.sql IS NOT NULL AND m.name NOT IN"
                      " (SELECT name FROM pragma_table_list WHERE type = 'shadow')"
                      " AND m.name NOT LIKE 'sqlite_%' ORDER BY m.rowid");
    while (sqlite3_step(s) == SQLITE_ROW)
        run_sql(to, (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
}

static void prepare_insert(sqlite3 *db, table *t)
{
    char sql[SQL_MAX], marks[3 * COLUMNS_MAX] = "";
    for (int i = 0; i < t->width; i++)
        add(marks, sizeof marks, "?");
    snprintf(sql, sizeof sql, "INSERT INTO %s (%s) VALUES (%s)", t->name, t->columns, marks);
    t->insert = prepare(db, sql);
}

static void put(sqlite3 *db, table *t, const row *r)
{
    for (int i = 0; i < t->width; i++) {
        const cell *c = &r->cells[i];
        switch (c->type) {
        case SQLITE_INTEGER:
            sqlite3_bind_int64(t->insert, i + 1, c->number);
            break;
        case SQLITE_FLOAT:
            sqlite3_bind_double(t->insert, i + 1, c->real);
            break;
        case SQLITE_TEXT:
            sqlite3_bind_text(t->insert, i + 1, c->bytes, c->length, SQLITE_STATIC);
            break;
        case SQLITE_BLOB:
            sqlite3_bind_blob(t->insert, i + 1, c->bytes, c->length, SQLITE_STATIC);
            break;
        default:
            sqlite3_bind_null(t->insert, i + 1);
            break;
        }
    }
    check(sqlite3_step(t->insert), db, t->name);
    check(sqlite3_reset(t->insert), db, t->name);
}

/* All rows that go with titles up to this one. */
static int64_t put_up_to(sqlite3 *db, int64_t title)
{
    int64_t n = 0;
    run_sql(db, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < table_count; i++) {
        table *t = &tables[i];
        for (; t->next < t->count && t->rows[t->next].title <= title; n++)
            put(db, t, &t->rows[t->next++]);
    }
    run_sql(db, "COMMIT");
    return n;
}

static const table *titles(void)
{
    for (size_t i = 0; i < table_count; i++)
        if (!strcmp(tables[i].name, "title"))
            return &tables[i];
    give_up("copy", "there is no table title");
}

int main(int count, char **arguments)
{
    if (count < 3)
        give_up("copy", "SOURCE TARGET [TITLES]");
    size_t batch = count > 3 ? (size_t)strtoul(arguments[3], NULL, 10) : 500;
    sqlite3 *from = open_database(arguments[1], 0, READER_SETTINGS);
    sqlite3 *to = open_database(arguments[2], SQLITE_OPEN_CREATE, WRITER_SETTINGS);
    int64_t n = 0;
    find_tables(from);
    for (size_t i = 0; i < table_count; i++)
        read_rows(from, &tables[i]);
    make_schema(from, to);
    for (size_t i = 0; i < table_count; i++)
        prepare_insert(to, &tables[i]);
    const table *t = titles();
    measure started = measure_now();
    n += put_up_to(to, 0);
    for (size_t i = batch; t->next < t->count; i += batch)
        n += put_up_to(to, i < t->count ? t->rows[i - 1].title : INT64_MAX);
    n += put_up_to(to, INT64_MAX);
    measure_print(n, started);
    return 0;
}
