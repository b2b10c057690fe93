/* films.c - opens a catalogue, adds a film, reads it back by its slug and lists what is there.
 *   cc films.c $(pkg-config --cflags --libs cinema) -o films && ./films
 */
#include <cinema/cinema.h>
#include <stdio.h>

int main(void)
{
    cinema *c = NULL;
    cinema_error err;
    cinema_migrations *schema = NULL;
    cinema_movie *film = NULL;
    cinema_movie_page *page = NULL;
    int64_t year = 1949;
    cinema_movie_input in = { .title = "The Third Man", .year = &year, .status = "published" };

    if (cinema_open("sqlite:films.db", &c, &err) || cinema_migrate(c, &schema, &err) ||
        cinema_movie_create(c, &in, &film, &err) || cinema_movie_list(c, NULL, &page, &err)) {
        fprintf(stderr, "%s\n", err.message);
        cinema_close(c);
        return 1;
    }
    for (size_t i = 0; i < page->count; i++)
        printf("%s (%lld): %s\n", page->items[i]->title, (long long)page->items[i]->year,
               page->items[i]->slug);
    cinema_movie_page_free(page);
    cinema_movie_free(film);
    cinema_migrations_free(schema);
    cinema_close(c);
    return 0;
}
