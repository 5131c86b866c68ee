#include "sandbox/refusal.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *pattern; /* a part of what bubblewrap (0.7 to 0.11) prints */
    const char *part, *remedy;
} refusals[] = {
    {"execvp", "our own program inside the box",
     "make build/brigade-check readable and executable for everyone"},
    {"id map", "user namespaces",
     "Ubuntu's AppArmor rule: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a "
     "profile for bwrap"},
    {"No permissions to creat", "user namespaces",
     "sudo sysctl kernel.unprivileged_userns_clone=1; in a container, run it with "
     "--security-opt seccomp=unconfined"},
    {"does not support user namespaces", "user namespaces", "boot a kernel with CONFIG_USER_NS"},
    {"Creating new namespace failed", "user namespaces",
     "raise user.max_user_namespaces (sudo sysctl user.max_user_namespaces=10000); in a container, "
     "run it with --security-opt seccomp=unconfined"},
    {"loopback", "a network of its own",
     "Ubuntu's AppArmor rule: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
    {"mount proc", "a /proc of its own",
     "in a container, run it with --security-opt systempaths=unconfined"},
    {"/proc/sys", "a look at the machine's own /proc", "mount /proc where brigade-check runs"},
    {"Failed to make / slave", "mounts of its own",
     "in a container, run it with --security-opt apparmor=unconfined --security-opt "
     "seccomp=unconfined"},
    {"mount tmpfs", "a file system of its own",
     "in a container, run it with --security-opt apparmor=unconfined"},
    {"mount devpts", "terminals of its own",
     "in a container, run it with --security-opt apparmor=unconfined"},
    {"pivot_root", "a root folder of its own", "run it outside of a chroot or an initramfs"},
    {"remount readonly", "a read-only system", "in a container, mount its volumes without locks"},
    {"Unknown option", "this use of bubblewrap", "install bubblewrap 0.7 or newer"},
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
