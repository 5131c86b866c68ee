/* Starting programs of our own: bubblewrap, the checker, an editor. Learners' programs are started
 * by the box and nobody else.
 *
 *     struct child_spec spec = {.argv = argv, .fds = map, .fd_count = 3, .die_with_parent = true};
 *     pid_t pid = child_start(&spec, &err);      // > 0, or -errno: exec errors included
 *     loop_on_child(loop, pid, on_exit, ctx);    // the caller hears of its end through the loop
 *
 * The child starts with no signal blocked, default dispositions, and exactly the descriptors named.
 */
#ifndef BRIGADE_BASE_CHILD_H
#define BRIGADE_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct child_fd {
    int parent_fd; /* -1: /dev/null */
    int child_fd;
};

struct child_spec {
    const char *const *argv;  /* argv[0] is looked up in PATH; ended by NULL */
    const char *const *env;   /* NULL: ours */
    const char *cwd;          /* NULL: ours */
    const struct child_fd *fds;
    size_t fd_count;          /* every other descriptor is closed */
    bool keep_stdio;          /* 0, 1 and 2 are inherited unless mapped */
    bool die_with_parent;     /* PR_SET_PDEATHSIG SIGKILL */
    bool new_group;           /* a process group of its own */
    uid_t drop_to_uid;        /* 0: stay who we are; else become this user, no other groups */
    gid_t drop_to_gid;
};

/* Returns the pid, or -errno with err told when fork or exec failed. */
pid_t child_start(const struct child_spec *spec, struct err *err);

#endif
