/* unicode.h - UTF-8 checked and counted; normal form, and the keys of titles and names.
 * What a function gives in `*ret` is new, ends in NUL and is the caller's to free(). They return
 * OK, NO_MEMORY, or INVALID for text that is not UTF-8; then `*ret` is untouched. Time and memory
 * grow with the length of the text, whatever it says. No state: any thread, any time.
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <cinema/base.h>

/* Whether n bytes are well-formed UTF-8 (RFC 3629: nothing overlong, no surrogates, nothing above
 * U+10FFFF). No bytes at all are, and so is NUL. */
bool utf8_valid(const char *s, size_t n);

/* How many code points n bytes of UTF-8 hold. Of bytes that are not UTF-8: those that do not
 * continue another one. Never more than n. */
size_t utf8_length(const char *s, size_t n);

/* How many bytes the control character has that well-formed text begins with, C0, DEL or C1; 0: it
 * begins with another. */
size_t utf8_control(const char *s);

/* Whether there is nothing to see in a text: white space of any script, and characters that have no
 * form (zero width, direction, fillers). False for text that is not UTF-8. */
bool unicode_blank(const char *s);

/* Whether every character of a text can be seen: no white space of any script, no controls, none
 * without a form, none that is unassigned or private. An empty one is. False for text that is not
 * UTF-8. */
bool unicode_visible(const char *s);

/* The text in normal form C with all its letters small, as Unicode folds them ("ß" is "ss"): what
 * names are compared by that differ in case alone. */
cinema_status unicode_casefold(const char *s, char **ret);

/* The text in normal form C, which is how all text is stored. INVALID also where there is a NUL
 * among the n bytes: the caller could not see what follows it. */
cinema_status unicode_nfc(const char *s, size_t n, char **ret);

/* What a title is sorted by; bytes compare as titles should (strcmp, COLLATE "C"). Compatibility
 * forms and case are folded, Latin letters come down to a-z ("Ægir" to "aegir", "ß" to "ss"),
 * accents go; marks that spell (vowels of India and Thailand, the voicing of kana) stay. Quotes and
 * dashes are those of a keyboard. White space is one space, none at the ends. Articles and
 * punctuation stay. A key is its own key. Empty for text with nothing to see. At most 1,000 bytes,
 * cut at a character, so that indexes and cursors can hold it. */
cinema_status unicode_sort_key(const char *s, char **ret);

/* What names and words are compared and searched by: the sort key, but punctuation and symbols are
 * white space, apostrophes vanish, "&" is "and". Letters, digits, marks and single spaces are all
 * there is in it (and what this utf8proc does not know). A fold is its own fold. Empty for text
 * without a letter or digit: "$", "…", "!!!". */
cinema_status unicode_fold(const char *s, char **ret);

/* The text for a URL: [a-z0-9] and single dashes inside, at most `max` bytes. Transliterated,
 * apostrophes dropped, anything else a dash; Chinese characters are a word each, in Mandarin.
 * Longer ones are cut before a dash if one is in the last third, else at `max`. A slug is its own
 * slug. Empty for text without a letter or digit that it knows. */
cinema_status unicode_slug(const char *s, size_t max, char **ret);

#endif
