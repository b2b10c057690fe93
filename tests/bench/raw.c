/* raw.c - the floor: what SQLite alone takes for what the server's operations read and write.
 *   raw get DATABASE SECONDS SLUGS     one title with its external ids and credits, in one snapshot
 *   raw version DATABASE SECONDS SLUGS revision and votes of one title, which is what a 304 reads
 *   raw list DATABASE SECONDS          the first 20 by title; `raw total`: and how many there are
 *   raw insert DATABASE SECONDS GROUP  new titles, GROUP of them a transaction, synchronous=FULL
 * Statements are prepared once, their columns are looked at, nothing is made of them.
 */
#include "measure.h"

static const char get_title[] =
    "SELECT t.nr, t.id, t.revision, t.kind, t.slug, t.title, t.original_title, t.year,"
    " t.released_on, t.runtime_minutes, t.overview, t.language, t.status, t.genres, t.popularity,"
    " t.rating, t.votes, t.poster_url, t.created_at, t.updated_at"
    " FROM title t WHERE t.kind = 'movie' AND t.slug = ?1 AND t.status = 'published'";
static const char get_version[] = "SELECT t.revision, t.votes FROM title t WHERE t.kind = 'movie'"
                                  " AND t.slug = ?1 AND t.status = 'published'";
static const char get_external_ids[] =
    "SELECT x.source, x.value FROM title t JOIN title_external_id x ON x.title_nr = t.nr"
    " WHERE t.nr > 0 AND t.slug = ?1 ORDER BY x.source";
static const char get_credits[] =
    "SELECT c.part, c.role, c.department, p.id, p.slug, p.name FROM title t"
    " JOIN credit c ON c.title_nr = t.nr JOIN person p ON p.nr = c.person_nr"
    " WHERE c.ordinal < 20 AND t.slug = ?1 ORDER BY c.part, c.ordinal";
static const char list[] =
    "SELECT t.sort_key AS k, t.nr, t.id, t.slug, t.kind, t.title, t.year, t.genres, t.rating,"
    " t.poster_url FROM title t WHERE t.kind = 'movie' AND t.status = 'published'"
    " ORDER BY t.sort_key, t.nr LIMIT 21";
static const char total[] =
    "SELECT sum(total) FROM title_total WHERE kind = 'movie' AND status = 'published'";

/* So that nothing of it can be left out. */
static volatile uint64_t seen;

static void look_at(sqlite3_stmt *s, int i)
{
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
        seen += (uint64_t)sqlite3_column_int64(s, i);
        break;
    case SQLITE_FLOAT:
        seen += (uint64_t)sqlite3_column_double(s, i);
        break;
    case SQLITE_NULL:
        break;
    default:
        seen += (uint64_t)(uintptr_t)sqlite3_column_blob(s, i);
        seen += (uint64_t)sqlite3_column_bytes(s, i);
    }
}

static int64_t look(sqlite3 *db, sqlite3_stmt *s)
{
    int64_t rows = 0;
    int code, columns = sqlite3_column_count(s);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++)
            look_at(s, i);
        rows++;
    }
    check(code, db, sqlite3_sql(s));
    sqlite3_reset(s);
    return rows;
}

static void run(sqlite3 *db, sqlite3_stmt *s)
{
    look(db, s);
}

static int64_t deadline(const char *seconds)
{
    return measure_now().wall_us + (int64_t)(strtod(seconds, NULL) * 1e6);
}

static void get(const char *path, const char *seconds, const char *file)
{
    sqlite3 *db = open_database(path, 0, READER_SETTINGS);
    sqlite3_stmt *begin = prepare(db, "BEGIN"), *commit = prepare(db, "COMMIT");
    sqlite3_stmt *parts[] = { prepare(db, get_title), prepare(db, get_external_ids),
                              prepare(db, get_credits) };
    lines slugs = lines_read(file);
    int64_t n = 0, until = deadline(seconds);
    measure from = measure_now();
    do {
        const char *slug = slugs.items[(size_t)n % slugs.count];
        run(db, begin);
        for (int i = 0; i < 3; i++) {
            sqlite3_bind_text(parts[i], 1, slug, -1, SQLITE_STATIC);
            if (!look(db, parts[i]) && !i)
                give_up(slug, "is not there");
        }
        run(db, commit);
    } while (++n % 256 || measure_now().wall_us < until);
    measure_print(n, from);
}

static void version(const char *path, const char *seconds, const char *file)
{
    sqlite3 *db = open_database(path, 0, READER_SETTINGS);
    sqlite3_stmt *s = prepare(db, get_version);
    lines slugs = lines_read(file);
    int64_t n = 0, until = deadline(seconds);
    measure from = measure_now();
    do {
        sqlite3_bind_text(s, 1, slugs.items[(size_t)n % slugs.count], -1, SQLITE_STATIC);
        if (!look(db, s))
            give_up(path, "has not all of the slugs");
    } while (++n % 256 || measure_now().wall_us < until);
    measure_print(n, from);
}

static void page(const char *path, const char *seconds, int with_total)
{
    sqlite3 *db = open_database(path, 0, READER_SETTINGS);
    sqlite3_stmt *begin = prepare(db, "BEGIN"), *commit = prepare(db, "COMMIT");
    sqlite3_stmt *rows = prepare(db, list), *count = prepare(db, total);
    int64_t n = 0, until = deadline(seconds);
    measure from = measure_now();
    do {
        if (with_total)
            run(db, begin);
        if (look(db, rows) != 21)
            give_up(path, "has no 21 films");
        if (with_total) {
            look(db, count);
            run(db, commit);
        }
    } while (++n % 256 || measure_now().wall_us < until);
    measure_print(n, from);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The same rows as one POST of insert.lua leaves behind. */
static const char words[] =
    " a retired projectionist returns to the harbour town where his cinema burned down and finds"
    " the last reel of a film that was never shown over one winter he and the daughter of the"
    " owner look for the people in it and learn why none of them wanted to be found";

typedef struct writer {
    sqlite3 *db;
    sqlite3_stmt *title, *genre, *of_genre, *total, *search;
    int64_t started;
} writer;

static writer writer_open(const char *path)
{
    sqlite3 *db = open_database(path, 0, WRITER_SETTINGS);
    return (writer){
        .db = db,
        .title =
            prepare(db, "INSERT INTO title (id, kind, status, slug, revision, title, sort_key,"
                        " year, popularity, rating, votes, genres, created_at, updated_at,"
                        " overview) VALUES (?1, 'movie', 'published', ?2, 1, ?3, ?4, 1975, 0, 0,"
                        " 0, 'drama', ?5, ?5, ?6) ON CONFLICT (slug) DO NOTHING RETURNING nr"),
        .genre = prepare(db, "SELECT nr FROM genre WHERE slug = 'drama'"),
        .of_genre = prepare(db, "INSERT INTO title_genre (genre_nr, title_nr) VALUES (?1, ?2)"),
        .total = prepare(db, "UPDATE title_total SET total = total + 1"
                             " WHERE kind = 'movie' AND status = 'published'"),
        .search = prepare(db, "INSERT INTO title_search (rowid, words) VALUES (?1, ?2)"),
        .started = measure_now().wall_us / 1000,
    };
}

static int64_t only_number(writer *w, sqlite3_stmt *s)
{
    if (sqlite3_step(s) != SQLITE_ROW)
        give_up(sqlite3_sql(s), sqlite3_errmsg(w->db));
    int64_t n = sqlite3_column_int64(s, 0);
    check(sqlite3_step(s), w->db, sqlite3_sql(s));
    sqlite3_reset(s);
    return n;
}

static void insert_one(writer *w, int64_t n)
{
    uint64_t id[2] = { __builtin_bswap64((uint64_t)(w->started + n) << 16 | 0x7000),
                       (uint64_t)n * 0x9E3779B97F4A7C15u };
    char slug[80], title[80], key[80], text[512];
    snprintf(title, sizeof title, "Raw Winter Reel %" PRId64, n);
    snprintf(key, sizeof key, "raw winter reel %" PRId64, n);
    snprintf(slug, sizeof slug, "raw-winter-reel-%" PRId64 "-1975", n);
    snprintf(text, sizeof text, "%s%s", key, words);
    sqlite3_bind_blob(w->title, 1, id, sizeof id, SQLITE_STATIC);
    sqlite3_bind_text(w->title, 2, slug, -1, SQLITE_STATIC);
    sqlite3_bind_text(w->title, 3, title, -1, SQLITE_STATIC);
    sqlite3_bind_text(w->title, 4, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(w->title, 5, w->started + n);
    sqlite3_bind_text(w->title, 6, words + 1, -1, SQLITE_STATIC);
    int64_t nr = only_number(w, w->title);
    sqlite3_bind_int64(w->of_genre, 1, only_number(w, w->genre));
    sqlite3_bind_int64(w->of_genre, 2, nr);
    run(w->db, w->of_genre);
    run(w->db, w->total);
    sqlite3_bind_int64(w->search, 1, nr);
    sqlite3_bind_text(w->search, 2, text, -1, SQLITE_STATIC);
    run(w->db, w->search);
}

static void insert(const char *path, const char *seconds, const char *size)
{
    writer w = writer_open(path);
    sqlite3_stmt *begin = prepare(w.db, "BEGIN IMMEDIATE"), *commit = prepare(w.db, "COMMIT");
    int64_t n = 0, group = strtoll(size, NULL, 10), until = deadline(seconds);
    measure from = measure_now();
    do {
        run(w.db, begin);
        for (int64_t i = 0; i < group; i++)
            insert_one(&w, n++);
        run(w.db, commit);
    } while (measure_now().wall_us < until);
    measure_print(n, from);
}

int main(int count, char **arguments)
{
    const char *what = count > 3 ? arguments[1] : "";
    if (!strcmp(what, "get") && count == 5)
        get(arguments[2], arguments[3], arguments[4]);
    else if (!strcmp(what, "version") && count == 5)
        version(arguments[2], arguments[3], arguments[4]);
    else if (!strcmp(what, "insert") && count == 5)
        insert(arguments[2], arguments[3], arguments[4]);
    else if ((!strcmp(what, "list") || !strcmp(what, "total")) && count == 4)
        page(arguments[2], arguments[3], !strcmp(what, "total"));
    else
        give_up("raw", "get|version|list|total|insert DATABASE SECONDS [SLUGS|GROUP]");
    return 0;
}
