/* sqlite_statement.c - statements on a connection: prepared once, bound by name, read into rows.
 */
#include "port/db/sqlite_driver.h"

#include <ctype.h>

struct lite_prepared {
    lite_prepared *next; /* in its bucket */
    sqlite3_stmt *handle;
    const char *constant; /* its address is its name; NULL: hash and text are */
    uint64_t hash;
    size_t length;
    uint64_t used; /* the connection's count of uses then */
    bool reads;
    uint8_t count;                 /* the highest n of its $n */
    uint8_t places[DB_VALUES_MAX]; /* SQLite's number of $n, by n - 1; 0: not there */
};

_Static_assert(DB_VALUES_MAX <= UINT8_MAX, "places are kept in bytes");

/* ---- the cache ------------------------------------------------------------------------------- */

static lite_prepared **bucket_of(lite_connection *k, const db_statement *s)
{
    uint64_t name = s->constant ? (uint64_t)(uintptr_t)s->text : s->hash;
    return &k->buckets[(name * UINT64_C(0x9E3779B97F4A7C15)) >> 56];
}

/* SQLite's copy of the text ends where the statement does: only blanks come after. */
static bool same_text(const lite_prepared *p, const db_statement *s)
{
    const char *text = sqlite3_sql(p->handle);
    size_t n = strlen(text);
    return n <= s->length && !memcmp(text, s->text, n);
}

static bool is_it(const lite_prepared *p, const db_statement *s)
{
    if (s->constant)
        return p->constant == s->text && p->length == s->length;
    return !p->constant && p->hash == s->hash && p->length == s->length && same_text(p, s);
}

static lite_prepared *find(lite_prepared *p, const db_statement *s)
{
    while (p && !is_it(p, s))
        p = p->next;
    return p;
}

static void forget(lite_connection *k, lite_prepared **at)
{
    lite_prepared *p = *at;
    *at = p->next;
    sqlite3_finalize(p->handle);
    free(p);
    k->cached--;
}

static void forget_oldest(lite_connection *k)
{
    lite_prepared **oldest = NULL;
    for (size_t i = 0; i < LITE_BUCKETS; i++)
        for (lite_prepared **at = &k->buckets[i]; *at; at = &(*at)->next)
            if (!oldest || (*at)->used < (*oldest)->used)
                oldest = at;
    if (oldest)
        forget(k, oldest);
}

bool lite_reads(const lite_connection *k, const char *text)
{
    sqlite3_stmt *h = NULL;
    bool reads = !sqlite3_prepare_v2(k->handle, text, -1, &h, NULL) && sqlite3_stmt_readonly(h);
    sqlite3_finalize(h);
    return reads;
}

void lite_forget_statements(lite_connection *k)
{
    for (size_t i = 0; i < LITE_BUCKETS; i++)
        while (k->buckets[i])
            forget(k, &k->buckets[i]);
    for (size_t i = 0; i < LITE_CONTROLS; i++) {
        sqlite3_finalize(k->controls[i]);
        k->controls[i] = NULL;
    }
}

/* ---- preparing ------------------------------------------------------------------------------- */

/* $n: n, or 0 when it is none. */
static size_t number_of(const char *name)
{
    size_t n = 0;
    if (!name || *name++ != '$')
        return 0;
    for (; isdigit((unsigned char)*name) && n <= DB_VALUES_MAX; name++)
        n = n * 10 + (size_t)(*name - '0');
    return *name || n > DB_VALUES_MAX ? 0 : n;
}

/* SQLite numbers names as they first appear, so $2 may well be its first. */
static bool find_places(lite_prepared *p)
{
    int count = sqlite3_bind_parameter_count(p->handle);
    for (int i = 1; i <= count; i++) {
        size_t n = number_of(sqlite3_bind_parameter_name(p->handle, i));
        if (!n)
            return false;
        p->places[n - 1] = (uint8_t)i;
        if (n > p->count)
            p->count = (uint8_t)n;
    }
    return true;
}

static bool blank(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return !*text;
}

static cinema_status compile(lite_connection *k, const db_statement *s, lite_prepared *p,
                             cinema_error *err)
{
    const char *rest = NULL;
    if (s->length >= INT32_MAX)
        return lite_fail(k, SQLITE_TOOBIG, NULL, err);
    int code = sqlite3_prepare_v3(k->handle, s->text, (int)s->length + 1, SQLITE_PREPARE_PERSISTENT,
                                  &p->handle, &rest);
    if (code)
        return lite_fail(k, code, s->text, err);
    if (!p->handle || !blank(rest))
        return lite_fail_statement(k, "not one statement", s->text, err);
    if (!find_places(p))
        return lite_fail_statement(k, "a parameter is no $n, or beyond DB_VALUES_MAX", s->text,
                                   err);
    p->reads = sqlite3_stmt_readonly(p->handle) || sqlite3_stmt_isexplain(p->handle);
    return CINEMA_OK;
}

static cinema_status prepare(lite_connection *k, const db_statement *s, lite_prepared **ret,
                             cinema_error *err)
{
    lite_prepared *p = calloc(1, sizeof *p);
    if (!p)
        return fail_memory(err);
    p->constant = s->constant ? s->text : NULL;
    p->hash = s->hash;
    p->length = s->length;
    cinema_status status = compile(k, s, p, err);
    if (status) {
        sqlite3_finalize(p->handle);
        free(p);
        return status;
    }
    if (k->cached >= LITE_CACHED_MAX)
        forget_oldest(k);
    lite_prepared **bucket = bucket_of(k, s);
    p->next = *bucket;
    *bucket = p;
    k->cached++;
    *ret = p;
    return CINEMA_OK;
}

/* ---- binding --------------------------------------------------------------------------------- */

/* A NULL pointer would be bound as NULL, so what is empty points at something. */
static int bind_one(sqlite3_stmt *h, int at, const db_value *v)
{
    switch ((db_type)v->type) {
    case DB_INT:
    case DB_BOOL:
        return sqlite3_bind_int64(h, at, v->number);
    case DB_REAL:
        return sqlite3_bind_double(h, at, v->real);
    case DB_TEXT:
        return sqlite3_bind_text(h, at, v->length ? v->text : "", (int)v->length, SQLITE_STATIC);
    case DB_UUID:
        return sqlite3_bind_blob(h, at, v->blob, 16, SQLITE_STATIC);
    case DB_BLOB:
        return sqlite3_bind_blob(h, at, v->length ? v->blob : "", (int)v->length, SQLITE_STATIC);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(h, at);
}

static cinema_status bind(lite_connection *k, const lite_prepared *p, const db_statement *s,
                          cinema_error *err)
{
    if (s->count != p->count)
        return lite_fail_statement(k, "it has another number of parameters than values", s->text,
                                   err);
    for (size_t i = 0; i < p->count; i++) {
        const db_value *v = &s->values[i];
        if (!p->places[i])
            continue;
        int code = v->length > INT32_MAX ? SQLITE_TOOBIG : bind_one(p->handle, p->places[i], v);
        if (code)
            return lite_fail(k, code, s->text, err);
    }
    return CINEMA_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool read_text(sqlite3_value *from, db_value *to, arena *a)
{
    const unsigned char *text = sqlite3_value_text(from); /* before the length: it may convert */
    if (!text)
        return false;
    to->length = (uint32_t)sqlite3_value_bytes(from);
    char *copy = arena_text(a, (size_t)to->length + 1);
    if (!copy)
        return false;
    memcpy(copy, text, to->length);
    copy[to->length] = '\0';
    to->text = copy;
    return true;
}

/* SQLite knows no uuids: whoever writes 16 bytes means one, or reads them as a blob as well. */
static bool read_blob(sqlite3_value *from, db_value *to, arena *a)
{
    to->length = (uint32_t)sqlite3_value_bytes(from);
    to->type = to->length == 16 ? DB_UUID : DB_BLOB;
    const void *bytes = sqlite3_value_blob(from); /* NULL where it is empty */
    char *copy = arena_text(a, (size_t)to->length + 1);
    if (!copy || (to->length && !bytes))
        return false;
    if (to->length)
        memcpy(copy, bytes, to->length);
    to->blob = copy;
    return true;
}

/* The cell is zeroed, which is NULL. */
static bool read_cell(sqlite3_value *from, db_value *to, arena *a)
{
    switch (sqlite3_value_type(from)) {
    case SQLITE_INTEGER:
        to->type = DB_INT;
        to->number = sqlite3_value_int64(from);
        return true;
    case SQLITE_FLOAT:
        to->type = DB_REAL;
        to->real = sqlite3_value_double(from);
        return true;
    case SQLITE_TEXT:
        to->type = DB_TEXT;
        return read_text(from, to, a);
    case SQLITE_BLOB:
        return read_blob(from, to, a);
    default:
        return true;
    }
}

static db_row *read_row(sqlite3_stmt *h, size_t columns, arena *a)
{
    db_row *row = arena_alloc(a, sizeof *row + columns * sizeof row->cells[0]);
    for (size_t i = 0; row && i < columns; i++)
        if (!read_cell(sqlite3_column_value(h, (int)i), &row->cells[i], a))
            return NULL;
    return row;
}

/* SQLITE_DONE, or why not; SQLITE_NOMEM also when the arena is full. */
static int step_through(sqlite3_stmt *h, arena *a, db_rows *rows)
{
    db_row **end = &rows->first;
    int code;
    while ((code = sqlite3_step(h)) == SQLITE_ROW) {
        rows->columns = (size_t)sqlite3_column_count(h);
        if (!(*end = read_row(h, rows->columns, a)))
            return SQLITE_NOMEM;
        end = &(*end)->next;
        rows->count++;
    }
    return code;
}

static int step_over(sqlite3_stmt *h)
{
    int code;
    do
        code = sqlite3_step(h);
    while (code == SQLITE_ROW);
    return code;
}

/* ---- running --------------------------------------------------------------------------------- */

/* Runs what is bound. A statement that changes no table leaves SQLite's own count as it was. */
static int execute(lite_connection *k, const lite_prepared *p, arena *a, db_rows *rows)
{
    db_rows none;
    db_rows *to = rows ? rows : &none;
    int64_t before = p->reads ? 0 : sqlite3_total_changes64(k->handle);
    *to = (db_rows){ 0 };
    int code = rows && a ? step_through(p->handle, a, to) : step_over(p->handle);
    if (code != SQLITE_DONE)
        return code;
    to->columns = (size_t)sqlite3_column_count(p->handle);
    if (!p->reads && sqlite3_total_changes64(k->handle) != before)
        to->changed = sqlite3_changes64(k->handle);
    return SQLITE_DONE;
}

cinema_status lite_run(lite_connection *k, const db_statement *s, lite_role role, arena *a,
                       db_rows *rows, cinema_error *err)
{
    cinema_status status;
    lite_prepared *p = find(*bucket_of(k, s), s);
    if (!p && (status = prepare(k, s, &p, err)))
        return status;
    p->used = ++k->uses;
    if (role == LITE_READER && !p->reads)
        return lite_fail_statement(k, "it writes, but is run as a reading one", s->text, err);
    if ((status = bind(k, p, s, err)))
        return status;
    k->steadfast = k->shared && !p->reads;
    int code = execute(k, p, a, rows);
    status = code == SQLITE_DONE ? CINEMA_OK : lite_fail(k, code, s->text, err);
    k->steps = sqlite3_stmt_status(p->handle, SQLITE_STMTSTATUS_VM_STEP, true);
    sqlite3_reset(p->handle);
    return status;
}

int lite_do(lite_connection *k, lite_control what)
{
    static const char *const texts[] = {
        [LITE_BEGIN] = "BEGIN",
        [LITE_BEGIN_IMMEDIATE] = "BEGIN IMMEDIATE",
        [LITE_COMMIT] = "COMMIT",
        [LITE_ROLLBACK] = "ROLLBACK",
        [LITE_SAVEPOINT] = "SAVEPOINT member",
        [LITE_RELEASE] = "RELEASE member",
        [LITE_ROLLBACK_TO] = "ROLLBACK TO member",
    };
    sqlite3_stmt **h = &k->controls[what];
    int code = SQLITE_OK;
    if (!*h)
        code = sqlite3_prepare_v3(k->handle, texts[what], -1, SQLITE_PREPARE_PERSISTENT, h, NULL);
    if (code)
        return code;
    k->steadfast = k->shared;
    code = step_over(*h);
    sqlite3_reset(*h);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}
