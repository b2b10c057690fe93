/* series.c - series: the public functions, each the title's of this kind.
 */
#include "catalog/catalog.h"

#include <cinema/series.h>

static const char kind[] = "series";

cinema_status cinema_series_create_sized(cinema *c, const cinema_series_input *in, size_t size,
                                         cinema_series **ret, cinema_error *err)
{
    return title__create(c, kind, in, size, ret, err);
}

cinema_status cinema_series_get_sized(cinema *c, const char *id, const cinema_series_options *in,
                                      size_t size, cinema_series **ret, cinema_error *err)
{
    return title__get(c, kind, id, in, size, ret, err);
}

cinema_status cinema_series_update_sized(cinema *c, const char *id, const cinema_series_input *in,
                                         size_t size, cinema_series **ret, cinema_error *err)
{
    return title__update(c, kind, id, in, size, ret, err);
}

cinema_status cinema_series_list_sized(cinema *c, const cinema_series_query *in, size_t size,
                                       cinema_series_page **ret, cinema_error *err)
{
    return title__list(c, kind, in, size, ret, err);
}

cinema_status cinema_series_remove_sized(cinema *c, const char *id, const cinema_series_options *in,
                                         size_t size, cinema_error *err)
{
    return title__remove(c, kind, id, in, size, err);
}

void cinema_series_free(cinema_series *m)
{
    record_free(m);
}

void cinema_series_page_free(cinema_series_page *p)
{
    record_free(p);
}
