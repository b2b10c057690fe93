/* movie.c - films: the public functions, each the title's of this kind.
 */
#include "catalog/catalog.h"

#include <cinema/movie.h>

static const char kind[] = "movie";

cinema_status cinema_movie_create_sized(cinema *c, const cinema_movie_input *in, size_t size,
                                        cinema_movie **ret, cinema_error *err)
{
    return title__create(c, kind, in, size, ret, err);
}

cinema_status cinema_movie_get_sized(cinema *c, const char *id, const cinema_movie_options *in,
                                     size_t size, cinema_movie **ret, cinema_error *err)
{
    return title__get(c, kind, id, in, size, ret, err);
}

cinema_status cinema_movie_update_sized(cinema *c, const char *id, const cinema_movie_input *in,
                                        size_t size, cinema_movie **ret, cinema_error *err)
{
    return title__update(c, kind, id, in, size, ret, err);
}

cinema_status cinema_movie_list_sized(cinema *c, const cinema_movie_query *in, size_t size,
                                      cinema_movie_page **ret, cinema_error *err)
{
    return title__list(c, kind, in, size, ret, err);
}

cinema_status cinema_movie_remove_sized(cinema *c, const char *id, const cinema_movie_options *in,
                                        size_t size, cinema_error *err)
{
    return title__remove(c, kind, id, in, size, err);
}

void cinema_movie_free(cinema_movie *m)
{
    record_free(m);
}

void cinema_movie_page_free(cinema_movie_page *p)
{
    record_free(p);
}
