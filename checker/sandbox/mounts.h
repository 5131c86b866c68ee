/* The command line of bubblewrap: what the program will see of the machine.
 *
 *     struct mounts mounts;
 *     mounts_init(&mounts);
 *     mounts_describe(&mounts, spec, &err);
 *     ... child_start with mounts.argv and mounts.fds ...
 *     mounts_release(&mounts);
 */
#ifndef BRIGADE_SANDBOX_MOUNTS_H
#define BRIGADE_SANDBOX_MOUNTS_H

#include <stddef.h>

#include "base/child.h"
#include "base/err.h"
#include "sandbox/box.h"

struct mounts {
    char **argv; /* ended by NULL once finished; each word owned */
    size_t argc, argv_capacity;
    struct child_fd *fds; /* parent's descriptors are owned */
    size_t fd_count, fd_capacity;
    int next_fd;
};

void mounts_init(struct mounts *mounts);
void mounts_release(struct mounts *mounts);

void mounts_word(struct mounts *mounts, const char *word);
/* Takes fd and returns its number in the child. */
int mounts_fd(struct mounts *mounts, int fd);

/* All of bubblewrap's options. */
int mounts_describe(struct mounts *mounts, const struct box_spec *spec, struct err *err);

#endif
