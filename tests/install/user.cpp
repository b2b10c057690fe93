// user.cpp - what a C++ program does with an installed libcinema: makes a film, finds it, is refused.
#include <cinema/cinema.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

template <auto free_it> struct freed_by {
    template <typename T> void operator()(T *p) const { free_it(p); }
};

static int failed(const char *what, const cinema_error &err)
{
    std::fprintf(stderr, "%s: %s\n", what, err.message);
    return 1;
}

int main()
{
    cinema *opened = nullptr;
    cinema_error err{};
    if (cinema_open("sqlite:films.db", &opened, &err))
        return failed("open", err);
    std::unique_ptr<cinema, freed_by<cinema_close>> c(opened);

    cinema_migrations *steps = nullptr;
    if (cinema_migrate(c.get(), &steps, &err))
        return failed("migrate", err);
    cinema_migrations_free(steps);

    const std::int64_t year = 1985;
    cinema_movie_input in{};
    in.title = "Ran";
    in.year = &year;
    cinema_movie *made = nullptr, *other = nullptr;
    if (cinema_movie_create(c.get(), &in, &made, &err))
        return failed("create", err);
    std::unique_ptr<cinema_movie, freed_by<cinema_movie_free>> film(made);

    in.title = "";
    if (cinema_movie_create(c.get(), &in, &other, &err) != CINEMA_INVALID)
        return failed("an empty title", err);
    return std::string(film->slug) != "ran-1985" || std::strcmp(err.field, "title") != 0;
}
