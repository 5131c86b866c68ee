/* Foreign bytes made fit for JSON and for a terminal. Nothing that a learner's program wrote gets
 * into either without passing here. */
#ifndef BRIGADE_BASE_TEXT_H
#define BRIGADE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length in bytes of the well-formed UTF-8 character at `at` (RFC 3629: no surrogates, no overlong
 * forms), 0 if there is none; *point gets the code point when not NULL. */
size_t utf8_next(const char *at, size_t left, uint32_t *point);

/* Appends bytes as valid UTF-8: what is not, and NUL, becomes \xNN. Returns whether every byte went
 * through unchanged. */
bool text_append_utf8(struct buf *into, const char *bytes, size_t count);

/* Appends text for a terminal: control characters (C0 but for \n if keep_newlines, DEL, C1) become
 * \e, \r, \xNN and the like, bidirectional controls and other invisible format characters <U+202E>;
 * bytes that are not UTF-8 become \xNN. Nothing in the result can move a cursor. */
void text_append_printable(struct buf *into, const char *bytes, size_t count, bool keep_newlines);

/* Whether a character is invisible and reorders, hides or breaks text: bidirectional controls, zero widths. */
bool text_is_hidden(uint32_t point);

/* RFC 4648 base64, with padding and without line breaks. */
void base64_append(struct buf *into, const void *bytes, size_t count);
/* 0 or -EINVAL: anything that base64_append would not have written; `into` may then hold a part. */
int base64_decode(struct buf *into, const char *text, size_t count);

#endif
