/* uuid.h - UUIDv7 (RFC 9562): 16 bytes inside, text at every door.
 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

typedef struct uuid {
    uint8_t bytes[16];
} uuid;

enum { UUID_TEXT = 37 }; /* with its NUL */

/* Only the canonical form with dashes, either case; false otherwise, and for NULL. */
bool uuid_parse(const char *text, uuid *ret);
void uuid_text(const uuid *u, char text[UUID_TEXT]);

#endif
