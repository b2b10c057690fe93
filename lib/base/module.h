/* module.h - driver modules: shared objects beside the library, loaded when a setting asks for one.
 */
#ifndef BASE_MODULE_H
#define BASE_MODULE_H

#include "base/status.h"

/* The address of `symbol` in the module `file`, which then stays loaded: another handle may come.
 * NULL: it is not installed beside this library, or has no such symbol. */
const void *module_symbol(const char *file, const char *symbol);

#endif
