/* json_fuzz.c - any JSON through the JSON door, as a caller who may do everything: the input's
 * first line is the operation's name, the rest its input. What comes back is JSON, and a problem
 * exactly when the call failed; nothing that is sent is a fault of the library.
 */
#include "fuzz/fuzz_help.h"

#include <jansson.h>
#include <string.h>

static void check(cinema_status s, const char *answer)
{
    HOLDS(s != CINEMA_INTERNAL && s != CINEMA_MISUSE && answer);
    json_t *v = json_loads(answer, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    HOLDS(v);
    bool problem = json_is_string(json_object_get(v, "request_id"));
    HOLDS(problem == (s != CINEMA_OK));
    json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const cinema_caller system = { .system = true };
    char *text = fuzz_text(data, size), *rest = text, *answer = NULL;
    const char *op = fuzz_cut(&rest, "\n");
    cinema_status s = cinema_call(fuzz_handle(), &system, op, rest ? rest : "", &answer, NULL);
    check(s, answer);
    cinema_text_free(answer);
    free(text);
    return 0;
}
