/* What gcc, clang and ld say, as values. Format: GCC's "FILE:LINE:COLUMN: SEVERITY: TEXT" lines (GCC
 * manual, "Formatting of diagnostics"), and the linker's "undefined reference" lines. */
#ifndef BRIGADE_BUILD_DIAGNOSTICS_H
#define BRIGADE_BUILD_DIAGNOSTICS_H

#include <jansson.h>
#include <stddef.h>

typedef void diagnostic_fn(void *ctx, json_t *event); /* a `diagnostic` event; takes it */

/* Calls fn for each error, warning and note found, at most `most`; returns how many there were. Line and
 * column are 0 where unknown. */
size_t diagnostics_parse(const char *text, size_t length, size_t most, diagnostic_fn *fn,
                         void *ctx);

#endif
