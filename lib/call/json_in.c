/* json_in.c - JSON that somebody else wrote becomes a tree, or a fault that says where it is wrong.
 */
#include "call/json_in.h"

#include <stdio.h>

enum { DEPTH_MAX = 16, VALUES_MAX = 50000 };

/* Depth and number of values, told before jansson builds a tree of them. */
static bool within_limits(const char *s, size_t n)
{
    size_t depth = 0, values = 1;
    bool string = false;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (string) {
            i += c == '\\';
            string = c != '"';
        } else if (c == '"') {
            string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth -= depth > 0;
        } else if (c == ',' && ++values > VALUES_MAX) {
            return false;
        }
    }
    return true;
}

/* jansson stops at a duplicated member right behind its name. */
static void duplicated(const char *json, const json_error_t *e, faults *list)
{
    char name[64];
    size_t end = e->position > 0 ? (size_t)e->position : 0, start;
    while (end && json[end - 1] != '"')
        end--;
    end -= end > 0;
    for (start = end; start && json[start - 1] != '"';)
        start--;
    snprintf(name, sizeof name, "%.*s", (int)(end - start < 60 ? end - start : 60), json + start);
    fault_add(list, name, "duplicate_field", "stands twice");
}

/* For want of memory jansson says nothing, in line -1, or within a string that the string is no
 * JSON: so that is asked twice. */
static json_t *load(const char *json, size_t length, json_error_t *e)
{
    enum { HOW = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY };
    json_t *v = json_loadb(json, length, HOW, e);
    return v || json_error_code(e) != json_error_invalid_syntax ? v
                                                                : json_loadb(json, length, HOW, e);
}

json_t *json_read_object(const char *json, size_t length, faults *list)
{
    json_error_t e = { 0 };
    if (!within_limits(json, length)) {
        fault_add(list, "", "json_limits", "nests deeper than %d or has more than %d values",
                  DEPTH_MAX, VALUES_MAX);
        return NULL;
    }
    json_t *v = load(json, length, &e);
    enum json_error_code why = v ? json_error_unknown : json_error_code(&e);
    if (!v && why == json_error_duplicate_key)
        duplicated(json, &e, list);
    else if (!v && (why == json_error_null_character || why == json_error_null_byte_in_key))
        fault_add(list, "", "control_character", "no text may have \\u0000 in it: line %d", e.line);
    else if (!v && e.line > 0)
        fault_add(list, "", "json", "is not JSON: line %d, column %d: %.80s", e.line, e.column,
                  e.text);
    else if (v && !json_is_object(v))
        fault_add(list, "", "json", "must be a JSON object");
    if (v && !json_is_object(v)) {
        json_decref(v);
        v = NULL;
    }
    return v;
}
