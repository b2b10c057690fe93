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
static void *load(const char *module)
{
    char room[PATH_ROOM], path[PATH_ROOM + 100];
    const char *file = own_file(room), *slash = file ? strrchr(file, '/') : NULL;
    void *handle = NULL;
    for (size_t i = 0; slash && !handle && i < COUNT_OF(folders); i++) {
        snprintf(path, sizeof path, "%.*s/%s/%s", (int)(slash - file), file, folders[i], module);
        handle = access(path, R_OK) ? NULL : dlopen(path, LOAD);
    }
    snprintf(path, sizeof path, "%s/%s", CINEMA_MODULE_DIR_DEFAULT, module);
    return handle ? handle : dlopen(path, LOAD);
}

const void *module_symbol(const char *file, const char *symbol)
{
    void *handle = load(file);
    return handle ? dlsym(handle, symbol) : NULL;
}
