/* What is taken of a submission's folder: regular files directly in it, whose names fit the language, as copies that
 * nobody can change any more. No link is followed, whatever the folder holds.
 */
#ifndef BRIGADE_BUILD_SOURCES_H
#define BRIGADE_BUILD_SOURCES_H

#include <stddef.h>

#include "base/err.h"
#include "build/build.h"

enum { SOURCES_MOST = 64, SOURCE_BYTES_MOST = 1 << 20 };

/* Fills files (room for SOURCES_MOST, names and descriptors owned by the caller) in the order of their names.
 * Returns how many; -errno when the folder cannot be read. What the learner must mend (a link, too many or too
 * large files) is put into `refusal`, with 0 returned. */
int sources_take(const char *dir_path, const char *const *patterns, struct build_file *files,
                 struct err *refusal, struct err *err);

#endif
