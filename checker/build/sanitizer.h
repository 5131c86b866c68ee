/* What the address and undefined behaviour sanitizers of gcc and clang say of a fault, as a value. Format: the reports
 * that compiler-rt's sanitizer_common prints, "==PID==ERROR: AddressSanitizer: KIND ...", "FILE:LINE:COLUMN: runtime
 * error: TEXT", and stacks of "#N 0xADDRESS in FUNCTION FILE:LINE" lines. */
#ifndef BRIGADE_BUILD_SANITIZER_H
#define BRIGADE_BUILD_SANITIZER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { STACK_MOST = 16 /* calls that are told of a stack */ };

/* The first fault that the text tells of: {"kind", "what" (in words), "stack": [{"function", "file", "line", "own"}], and,
 * of the first call in a file of the learner's, "function", "file" and "line"}. Files of the box's working directory are
 * the learner's ("own"), and named without it. NULL if the text tells of none. The caller's. */
json_t *sanitizer_read(const char *text, size_t length);

/* Whether the report of a fault that ends the process is complete. */
bool sanitizer_is_over(const char *text, size_t length);

#endif
