/* import_help.c - what the import's tests start from.
 */
#include "import/import_help.h"

#include "port/db/db.h"

cinema *c;
cinema_error err;
char import_url[512];

static void migrate(const char *url)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(url, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

void import_start(void)
{
    test_database_from(migrate, import_url, sizeof import_url);
    OK(cinema_open(import_url, &c, &err));
}

cinema *import_another(void)
{
    char url[512];
    cinema *other = NULL;
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &other, &err));
    return other;
}

void import_stop(void)
{
    cinema_close(c);
    c = NULL;
}

/* --- an import --- */

static int64_t read_text(void *bytes, size_t room, void *user)
{
    importing *m = user;
    size_t n = m->length - m->at;
    if (m->broken_at && m->at >= m->broken_at)
        return -1;
    if (m->broken_at && n > m->broken_at - m->at)
        n = m->broken_at - m->at;
    n = n < room ? n : room;
    n = m->piece && n > m->piece ? m->piece : n;
    memcpy(bytes, m->text + m->at, n);
    m->at += n;
    return (int64_t)n;
}

static cinema_status take_fault(const cinema_import_fault *fault, void *user)
{
    importing *m = user;
    if (m->faults_told < 64) {
        m->faults[m->faults_told].line = fault->line;
        m->faults[m->faults_told].warning = fault->warning;
        snprintf(m->faults[m->faults_told].field, 64, "%s", fault->field);
        snprintf(m->faults[m->faults_told].rule, 32, "%s", fault->rule);
        snprintf(m->faults[m->faults_told].message, 200, "%s", fault->message);
    }
    m->faults_told++;
    return m->stop_at_fault && m->faults_told >= m->stop_at_fault ? CINEMA_LIMITED : CINEMA_OK;
}

static cinema_status take_progress(const cinema_import_counts *counts, void *user)
{
    importing *m = user;
    m->last_progress = *counts;
    return ++m->batches == m->stop_after ? CINEMA_CANCELLED : CINEMA_OK;
}

cinema_status import_run(importing *m, int64_t batch, const char *status)
{
    cinema_import_input in = { .read = read_text,
                               .fault = take_fault,
                               .progress = take_progress,
                               .user = m,
                               .batch = batch,
                               .status = status,
                               .dry_run = m->dry };
    if (!m->length)
        m->length = strlen(m->text);
    memset(&m->counts, 0x55, sizeof m->counts); /* is set in every case */
    return cinema_import(c, &in, &m->counts, &err);
}

void import_show(const importing *m)
{
    for (int i = 0; i < m->faults_told && i < 10; i++)
        printf("line %lld: %s: %s: %s\n", (long long)m->faults[i].line, m->faults[i].field,
               m->faults[i].rule, m->faults[i].message);
}

cinema_import_counts import_text(const char *text)
{
    importing m = { .text = text };
    OK(import_run(&m, 0, NULL));
    if (m.faults_told)
        import_show(&m);
    ck_assert_int_eq(m.faults_told, 0);
    ck_assert_int_eq(m.counts.refused, 0);
    ck_assert_int_eq(m.counts.bytes, (int64_t)strlen(text));
    return m.counts;
}

void import_faulty(const char *text, int64_t line, const char *field, const char *rule)
{
    importing m = { .text = text };
    OK(import_run(&m, 0, NULL));
    if (m.faults_told != 1 || strcmp(m.faults[0].rule, rule) != 0)
        import_show(&m);
    ck_assert_int_eq(m.faults_told, 1);
    ck_assert_int_eq(m.faults[0].line, line);
    ck_assert_str_eq(m.faults[0].field, field);
    ck_assert_str_eq(m.faults[0].rule, rule);
    ck_assert(*m.faults[0].message && !m.faults[0].warning);
    ck_assert_int_eq(m.counts.refused, 1);
}

/* --- looking --- */

cinema_movie *movie(const char *name)
{
    cinema_movie *m = NULL;
    cinema_status s = cinema_movie_get(c, name, NULL, &m, &err);
    ck_assert_msg(!s, "%s: %s", name, err.message);
    return m;
}

int64_t total_of(const char *operation)
{
    cinema_caller us = { .system = true };
    char *text = NULL;
    long long n = -1;
    OK(cinema_call(c, &us, operation, "{\"total\":true,\"limit\":1}", &text, &err));
    const char *total = strstr(text, "\"total\":");
    ck_assert_ptr_nonnull(total);
    ck_assert_int_eq(sscanf(total, "\"total\":%lld", &n), 1);
    cinema_text_free(text);
    return n;
}

char *file_text(const char *path, size_t *length)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    fseek(f, 0, SEEK_END);
    *length = (size_t)ftell(f);
    rewind(f);
    char *text = malloc(*length + 1);
    ck_assert(text && fread(text, 1, *length, f) == *length);
    text[*length] = '\0';
    fclose(f);
    return text;
}

const char *sample_path(void)
{
    static char path[1024];
    const char *slash = strstr(__FILE__, "/tests/");
    int n = slash ? (int)(slash - __FILE__) : 1;
    snprintf(path, sizeof path, "%.*s/examples/data/sample.jsonl", n, slash ? __FILE__ : ".");
    return path;
}

void run_sql(const char *sqlite, const char *postgres)
{
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, test_on_postgres() ? postgres : sqlite, &err));
    OK(db_commit(&tx, &err));
}

/* --- an export --- */

typedef struct exported {
    char *text;
    size_t length;
} exported;

static cinema_status take_lines(const void *bytes, size_t length, void *user)
{
    exported *e = user;
    const char *end = bytes;
    ck_assert(length && end[length - 1] == '\n'); /* whole lines */
    e->text = realloc(e->text, e->length + length + 1);
    ck_assert_ptr_nonnull(e->text);
    memcpy(e->text + e->length, bytes, length);
    e->length += length;
    e->text[e->length] = '\0';
    return CINEMA_OK;
}

char *export_text(cinema *from, const char *kinds, int64_t page)
{
    exported e = { calloc(1, 1), 0 };
    char words[100], *at = words, *word;
    const char *items[8];
    cinema_export_counts n;
    cinema_export_input in = { .write = take_lines, .user = &e, .page = page };
    snprintf(words, sizeof words, "%s", kinds ? kinds : "");
    while (*at && (word = strsep(&at, " ")) && in.kinds.count < 8) {
        items[in.kinds.count++] = word;
        if (!at)
            break;
    }
    in.kinds.items = items;
    OK(cinema_export(from, &in, &n, &err));
    ck_assert_int_eq(n.bytes, (int64_t)e.length);
    return e.text;
}

void call(const char *operation, const char *json)
{
    cinema_caller us = { .system = true };
    char *text = NULL;
    cinema_status s = cinema_call(c, &us, operation, json, &text, &err);
    ck_assert_msg(!s, "%s: %s", operation, text);
    cinema_text_free(text);
}
