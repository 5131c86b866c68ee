#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void put(struct err *err, int code, const char *format, va_list args) {
    err->code = code ? code : EIO;
    vsnprintf(err->text, sizeof err->text, format, args);
}

int err_set(struct err *err, int code, const char *format, ...) {
    int kept = errno;
    if (err) {
        va_list args;
        va_start(args, format);
        put(err, code, format, args);
        va_end(args);
    }
    errno = kept;
    return code ? -code : -EIO;
}

int err_sys(struct err *err, int code, const char *format, ...) {
    int kept = errno;
    if (err) {
        va_list args;
        va_start(args, format);
        put(err, code, format, args);
        va_end(args);
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(err->code));
    }
    errno = kept;
    return code ? -code : -EIO;
}

int err_prefix(struct err *err, const char *format, ...) {
    if (!err)
        return -EIO;
    char old[ERR_TEXT_SIZE];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    put(err, err->code, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", old);
    return -err->code;
}
