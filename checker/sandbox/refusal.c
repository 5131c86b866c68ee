#include "sandbox/refusal.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *pattern; /* a part of what bubblewrap (0.4 to 0.11) prints */
    const char *part, *remedy;
} refusals[] = {
    {"uid map", "user namespaces",
     "Ubuntu's AppArmor rule: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a "
     "profile for bwrap"},
    {"No permissions to creat", "user namespaces",
     "sudo sysctl kernel.unprivileged_userns_clone=1; in a container, run it with "
     "--security-opt seccomp=unconfined"},
    {"Creating new namespace failed", "user namespaces",
     "raise user.max_user_namespaces (sudo sysctl user.max_user_namespaces=10000); in a container, "
     "run it with --security-opt seccomp=unconfined"},
    {"RTM_NEWADDR", "a network of its own (loopback)",
     "Ubuntu's AppArmor rule: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
    {"Can't mount proc", "a /proc of its own",
     "in a container, run it with --security-opt systempaths=unconfined"},
    {"Can't mount tmpfs", "a file system of its own", "allow mounts in user namespaces"},
    {"Unknown option", "bubblewrap", "this one is too old; 0.5 or newer is needed"},
    {"execvp", "our own program inside the box",
     "make build/brigade-check readable and executable for everyone"},
};

int refusal_explain(const char *words, struct err *err) {
    for (size_t i = 0; words && i < sizeof refusals / sizeof refusals[0]; i++)
        if (strstr(words, refusals[i].pattern))
            return err_set(err, EPERM,
                           "no box: this machine forbids %s (%.*s). To allow it: %s. "
                           "`brigade-check doctor` looks at every part",
                           refusals[i].part, (int)strcspn(words, "\n"), words, refusals[i].remedy);
    if (words && *words)
        return err_set(err, EIO, "no box: %.*s. `brigade-check doctor` looks at every part",
                       (int)strcspn(words, "\n"), words);
    return err_set(err, EIO,
                   "no box: bubblewrap ended without a word. `brigade-check doctor` "
                   "looks at every part");
}
