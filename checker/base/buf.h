/* A growing byte buffer. `struct buf buf = {0};` is empty and valid; buf_release frees what it
 * holds and leaves it empty. `data` is always ended by a NUL that `length` does not count, once
 * something was appended. */
#ifndef BRIGADE_BASE_BUF_H
#define BRIGADE_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

struct buf { /* visible, because callers place it and read data and length */
    char *data;
    size_t length;
    size_t capacity;
};

void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* empty, memory kept */
void buf_reserve(struct buf *buf, size_t extra_bytes);
void buf_append(struct buf *buf, const void *bytes, size_t count);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args);
void buf_drop_front(struct buf *buf, size_t count); /* moves the rest to the front */
char *buf_steal(struct buf *buf);                   /* the text, owned by the caller; never NULL */

/* One read of at most `most` bytes, appended. Returns what read(2) returned, -errno on failure. */
ssize_t buf_read(struct buf *buf, int fd, size_t most);

#endif
