/* Makes every call that the box denies, each with arguments that would do harm, and says those that were not
 * refused as they should be. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NEW_LISTENER = 8, SET_MODE_FILTER = 1, UNTRACED = 0x00800000, NO_SUCH_FAMILY = 45 };

static struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static struct sock_fprog allow_all = {1, &allow};

static const struct {
    const char *name;
    int wanted;
    long number, with[5];
} calls[] = {
    {"clone3", ENOSYS, SYS_clone3, {0, 88}},
    {"io_uring_setup", ENOSYS, SYS_io_uring_setup, {8, 0}},
    {"io_uring_enter", ENOSYS, SYS_io_uring_enter, {0}},
    {"io_uring_register", ENOSYS, SYS_io_uring_register, {0}},
    {"io_setup", ENOSYS, SYS_io_setup, {8, 0}},
    {"memfd_secret", ENOSYS, 447, {0}},
    {"ptrace init", EPERM, SYS_ptrace, {PTRACE_ATTACH, 1}},
    {"ptrace me", EPERM, SYS_ptrace, {PTRACE_TRACEME}},
    {"process_vm_readv", EPERM, SYS_process_vm_readv, {1}},
    {"process_vm_writev", EPERM, SYS_process_vm_writev, {1}},
    {"pidfd_getfd", EPERM, SYS_pidfd_getfd, {0, 0}},
    {"kcmp", EPERM, SYS_kcmp, {1, 1}},
    {"unshare user", EPERM, SYS_unshare, {CLONE_NEWUSER}},
    {"unshare net", EPERM, SYS_unshare, {CLONE_NEWNET}},
    {"setns", EPERM, SYS_setns, {0, 0}},
    {"clone untraced", EPERM, SYS_clone, {UNTRACED | SIGCHLD}},
    {"clone new user", EPERM, SYS_clone, {CLONE_NEWUSER | SIGCHLD}},
    {"clone new pid", EPERM, SYS_clone, {CLONE_NEWPID | SIGCHLD}},
    {"clone new net", EPERM, SYS_clone, {CLONE_NEWNET | SIGCHLD}},
    {"clone new mount", EPERM, SYS_clone, {CLONE_NEWNS | SIGCHLD}},
    {"clone new everything", EPERM, SYS_clone, {0x7e020000 | SIGCHLD}},
    {"mount", EPERM, SYS_mount, {(long)"none", (long)"/tmp", (long)"tmpfs", 0, 0}},
    {"umount2", EPERM, SYS_umount2, {(long)"/work", 2}},
    {"move_mount", EPERM, SYS_move_mount, {0}},
    {"open_tree", EPERM, SYS_open_tree, {AT_FDCWD, (long)"/", 1}},
    {"fsopen", EPERM, SYS_fsopen, {(long)"tmpfs", 0}},
    {"pivot_root", EPERM, SYS_pivot_root, {(long)"/work", (long)"/tmp"}},
    {"chroot", EPERM, SYS_chroot, {(long)"/work"}},
    {"open_by_handle_at", EPERM, SYS_open_by_handle_at, {0}},
    {"name_to_handle_at", EPERM, SYS_name_to_handle_at, {AT_FDCWD, (long)"/"}},
    {"keyctl", EPERM, SYS_keyctl, {0, -3, 0}},
    {"add_key", EPERM, SYS_add_key, {(long)"user", (long)"x", (long)"y", 1, -3}},
    {"request_key", EPERM, SYS_request_key, {(long)"user", (long)"x", 0, 0}},
    {"bpf", EPERM, SYS_bpf, {0}},
    {"perf_event_open", EPERM, SYS_perf_event_open, {0}},
    {"userfaultfd", EPERM, SYS_userfaultfd, {1}},
    {"fanotify_init", EPERM, SYS_fanotify_init, {0}},
    {"kexec_load", EPERM, SYS_kexec_load, {0}},
    {"init_module", EPERM, SYS_init_module, {0}},
    {"finit_module", EPERM, SYS_finit_module, {0}},
    {"delete_module", EPERM, SYS_delete_module, {(long)"x"}},
    {"reboot", EPERM, SYS_reboot, {0}},
    {"swapon", EPERM, SYS_swapon, {(long)"/work/x"}},
    {"acct", EPERM, SYS_acct, {(long)"/work/x"}},
    {"quotactl", EPERM, SYS_quotactl, {0}},
    {"syslog", EPERM, SYS_syslog, {3, 0}},
    {"settimeofday", EPERM, SYS_settimeofday, {0}},
    {"clock_settime", EPERM, SYS_clock_settime, {0}},
    {"sethostname", EPERM, SYS_sethostname, {(long)"x", 1}},
    {"ioctl TIOCSTI", EPERM, SYS_ioctl, {0, 0x5412, (long)"x"}},
    {"ioctl TIOCSTI, high bits", EPERM, SYS_ioctl, {0, 0x700005412, (long)"x"}},
    {"ioctl TIOCLINUX", EPERM, SYS_ioctl, {0, 0x541c, (long)"x"}},
    {"seccomp listener", EPERM, SYS_seccomp, {SET_MODE_FILTER, NEW_LISTENER, (long)&allow_all}},
    {"seccomp filter", EPERM, SYS_seccomp, {SET_MODE_FILTER, 0, (long)&allow_all}},
    {"seccomp filter, high bits",
     EPERM,
     SYS_seccomp,
     {SET_MODE_FILTER | 1L << 32, 0, (long)&allow_all}},
    {"prctl filter", EPERM, SYS_prctl, {PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&allow_all}},
    {"socket packet", EPERM, SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
    {"socket packet, high bits", EPERM, SYS_socket, {AF_PACKET | 1L << 32, SOCK_RAW, 0}},
    {"socket vsock", EPERM, SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}},
    {"socket alg", EPERM, SYS_socket, {AF_ALG, SOCK_SEQPACKET, 0}},
    {"socket bluetooth", EPERM, SYS_socket, {AF_BLUETOOTH, SOCK_RAW, 0}},
    {"socket x25", EPERM, SYS_socket, {AF_X25, SOCK_SEQPACKET, 0}},
    {"socket of no family", EPERM, SYS_socket, {NO_SUCH_FAMILY, SOCK_STREAM, 0}},
    {"netlink audit", EPERM, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_AUDIT}},
    {"netlink netfilter", EPERM, SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER}},
    {"netlink, high bits", EPERM, SYS_socket, {AF_NETLINK | 1L << 32, SOCK_RAW, NETLINK_NETFILTER}},
    {"packet filter", EPERM, SYS_setsockopt, {0, SOL_SOCKET, SO_ATTACH_FILTER, (long)&allow_all, sizeof allow_all}},
    {"raw IP socket", EPERM, SYS_socket, {AF_INET, SOCK_RAW, 1}},
};

/* And what must stay, or programs that are right would fail. */
static const struct {
    const char *name;
    long number, with[3];
} allowed[] = {
    {"socket unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {"socket inet", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"socket inet6", SYS_socket, {AF_INET6, SOCK_STREAM, 0}},
    {"netlink route", SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}},
    {"personality query", SYS_personality, {0xffffffff}},
    {"prctl", SYS_prctl, {PR_GET_DUMPABLE}},
    {"epoll", SYS_epoll_create1, {0}},
    {"eventfd", SYS_eventfd2, {0, 0}},
    {"memfd", SYS_memfd_create, {(long)"x", 0}},
};

int main(void) {
    size_t bad = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const long *with = calls[i].with;
        pid_t before = getpid();
        errno = 0;
        long got = syscall(calls[i].number, with[0], with[1], with[2], with[3], with[4]);
        if (getpid() != before)
            _exit(0); /* a child that should not be */
        if (got >= 0 || errno != calls[i].wanted)
            bad++, printf("%s gave %ld, errno %d, not errno %d\n", calls[i].name, got, errno,
                          calls[i].wanted);
    }
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (syscall(allowed[i].number, allowed[i].with[0], allowed[i].with[1], allowed[i].with[2]) <
            0)
            bad++, printf("%s was refused, errno %d\n", allowed[i].name, errno);
    printf("%zu calls were not as they should be\n", bad);
    return bad ? 1 : 0;
}
