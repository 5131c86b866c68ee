/* Folders and whole files: what the workspace needs. */
#ifndef BRIGADE_MODEL_FOLDER_H
#define BRIGADE_MODEL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

int folder_make(const char *path,
                struct err *err); /* with its parents; one that is there is fine */
/* The names of the folders in a folder, sorted, ended by NULL; the caller frees each and the list. */
char **folder_list(const char *path, size_t *count);

bool folder_is_empty(const char *path); /* or not there */

void folder_remove(const char *path); /* with all that is in it */

/* What a student can do about a folder or file that cannot be written: a sentence, "" where there is no telling. */
const char *folder_remedy(int code);

/* Copies the regular files and folders below `from` to `to`, making `to`; files that are there already
 * stay as they are. */
int folder_copy(const char *from, const char *to, struct err *err);

/* Writes a file so that it is whole or as it was, whatever happens (new file, fsync, rename). */
int folder_write_whole(const char *path, const void *bytes, size_t count, struct err *err);

#endif
