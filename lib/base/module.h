/* module.h - driver modules: shared objects beside the library, loaded when a setting asks for one;
 * and programs that lie there.
 */
#ifndef BASE_MODULE_H
#define BASE_MODULE_H

#include "base/status.h"

enum { MODULE_PATH_ROOM = 4224 };

/* Where `file` is installed; false: it is not. */
bool module_path(const char *file, char path[MODULE_PATH_ROOM]);
/* The address of `symbol` in the module `file`, which then stays loaded: another handle may come.
 * NULL: it is not installed beside this library, or has no such symbol. */
const void *module_symbol(const char *file, const char *symbol);

#endif
