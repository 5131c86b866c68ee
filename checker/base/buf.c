#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

void buf_release(struct buf *buf) {
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf) {
    buf->length = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

void buf_reserve(struct buf *buf, size_t extra_bytes) {
    GROW(buf->data, buf->capacity, buf->length + extra_bytes + 1);
    buf->data[buf->length] = '\0';
}

void buf_append(struct buf *buf, const void *bytes, size_t count) {
    buf_reserve(buf, count);
    if (count)
        memcpy(buf->data + buf->length, bytes, count);
    buf->length += count;
    buf->data[buf->length] = '\0';
}

void buf_puts(struct buf *buf, const char *text) { buf_append(buf, text, strlen(text)); }

void buf_putc(struct buf *buf, char c) { buf_append(buf, &c, 1); }

void buf_vprintf(struct buf *buf, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0) {
        buf_reserve(buf, (size_t)length);
        vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

void buf_drop_front(struct buf *buf, size_t count) {
    if (count > buf->length)
        count = buf->length;
    if (!count)
        return;
    memmove(buf->data, buf->data + count, buf->length - count);
    buf->length -= count;
    buf->data[buf->length] = '\0';
}

char *buf_steal(struct buf *buf) {
    char *text = buf->data ? buf->data : xstrdup("");
    *buf = (struct buf){0};
    return text;
}

ssize_t buf_read(struct buf *buf, int fd, size_t most) {
    buf_reserve(buf, most);
    ssize_t got = read(fd, buf->data + buf->length, most);
    if (got < 0)
        return -errno;
    buf->length += (size_t)got;
    buf->data[buf->length] = '\0';
    return got;
}
