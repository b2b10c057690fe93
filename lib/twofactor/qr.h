/* qr.h - text as a QR code.
 */
#ifndef TWOFACTOR_QR_H
#define TWOFACTOR_QR_H

#include "base/arena.h"

/* An SVG image, black on white with the quiet zone that readers need; one path of runs. TOO_LARGE:
 * more than some 2,300 bytes. */
cinema_status qr_svg(const char *text, arena *a, const char **svg, cinema_error *err);

#endif
