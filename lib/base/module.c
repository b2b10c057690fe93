/* module.c - driver modules: where they lie and how they are loaded.
 */
#include "base/module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

/* node exports OpenSSL's names; a module must see its own library. Sanitizers cannot have it. */
#if defined(RTLD_DEEPBIND) && !defined(CINEMA_SANITIZED)
enum { LOAD = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND };
#else
enum { LOAD = RTLD_NOW | RTLD_LOCAL };
#endif

enum { PATH_ROOM = 4096 };

static const char *const folders[] = { "cinema", "lib/cinema", "../lib/cinema" };

/* The file that this code is in, NULL: not known. A program that was found by PATH goes by its name
 * alone, which must not be taken for one of the folder that somebody happens to be in. */
static const char *own_file(char room[PATH_ROOM])
{
    Dl_info here;
    if (!dladdr((const void *)folders, &here) || !here.dli_fname)
        return NULL;
    if (strchr(here.dli_fname, '/'))
        return here.dli_fname;
    ssize_t n = readlink("/proc/self/exe", room, PATH_ROOM - 1);
    room[n > 0 ? n : 0] = '\0';
    return *room == '/' ? room : NULL;
}

/* Beside the file that this code is in, then where it was installed. */
bool module_path(const char *file, char path[MODULE_PATH_ROOM])
{
    char room[PATH_ROOM];
    const char *own = own_file(room), *slash = own ? strrchr(own, '/') : NULL;
    for (size_t i = 0; slash && i < COUNT_OF(folders); i++) {
        snprintf(path, MODULE_PATH_ROOM, "%.*s/%s/%s", (int)(slash - own), own, folders[i], file);
        if (!access(path, R_OK))
            return true;
    }
    snprintf(path, MODULE_PATH_ROOM, "%s/%s", CINEMA_MODULE_DIR_DEFAULT, file);
    return !access(path, R_OK);
}

const void *module_symbol(const char *file, const char *symbol)
{
    char path[MODULE_PATH_ROOM];
    void *handle = module_path(file, path) ? dlopen(path, LOAD) : NULL;
    return handle ? dlsym(handle, symbol) : NULL;
}
