/* Errors that carry words.
 *
 * A fallible call returns 0 or -errno and takes a `struct err *` for the text that a person reads.
 * The caller owns the struct, usually on its stack: `struct err err = {0};`. NULL is allowed where
 * the text is of no interest. Only faults of the machine or of an author travel this way; what a
 * learner's program does wrong is data (events and outcomes), and our own mistakes are assertions.
 */
#ifndef BRIGADE_BASE_ERR_H
#define BRIGADE_BASE_ERR_H

enum { ERR_TEXT_SIZE = 1024 };

struct err {
    int code; /* errno value, 0 while nothing went wrong */
    char text[ERR_TEXT_SIZE];
};

/* Stores code and text; an errno's own words are not added. Returns -code (never 0: code 0
 * becomes EIO). Keeps errno. */
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, with ": <words of code>" at the end. */
int err_sys(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the text that is there. Returns -err->code. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
