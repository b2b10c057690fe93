/* account_words.c - the words that an account is found by: of its name, of its address.
 */
#include "base/unicode.h"
#include "user/account.h"

#include "account.sql.h"

enum { WORDS_MAX = 40 };

typedef struct words {
    const char *items[WORDS_MAX];
    size_t count;
    arena *arena;
    bool no_memory;
} words;

/* What is beyond the maximum is not found by. */
static void add(words *w, const char *text, size_t n)
{
    if (!n || w->count == WORDS_MAX)
        return;
    const char *word = arena_copy(w->arena, text, n);
    w->no_memory |= !word;
    w->items[w->count++] = word;
}

static void add_all(words *w, const char *text, const char *ends)
{
    for (size_t n; *text; text += n + (text[n] != '\0')) {
        n = strcspn(text, ends);
        add(w, text, n);
    }
}

/* ada.byron@films.example: as a whole, "byron", "films.example". */
static void add_address(words *w, const char *key)
{
    size_t local = strcspn(key, "@");
    const char *name = arena_copy(w->arena, key, local);
    add(w, key, strlen(key));
    w->no_memory |= !name;
    if (name)
        add_all(w, name, ".+-_");
    if (key[local])
        add(w, key + local + 1, strlen(key + local + 1));
}

cinema_status account__index(db_tx *tx, int64_t nr, const char *name, const char *email_key,
                             arena *a, cinema_error *err)
{
    CLEANUP(freep) char *folded = NULL;
    words w = { .arena = a };
    db_sql sql;
    if (unicode_fold(name, &folded))
        return fail_memory(err);
    add_address(&w, email_key);
    add_all(&w, folded, " ");
    if (w.no_memory)
        return fail_memory(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, SQL_account_word_clear, "i", nr);
    cinema_status s = db_run(tx, &sql, NULL, NULL, err);
    for (size_t i = 0; !s && i < w.count; i++) {
        db_sql_for_tx(&sql, tx);
        db_add(&sql, SQL_account_word_add, "ti", w.items[i], nr);
        s = db_run(tx, &sql, NULL, NULL, err);
    }
    return s;
}
