#include "sandbox/filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

/* What the program may not call. Everything else is allowed: the box's walls are its namespaces and its lack of
 * capabilities; this takes away ways around the tracer and parts of the kernel that no exercise needs. */
static const struct {
    const char *name;
    int code;
} denied[] = {
    /* ways to do things unseen: libraries fall back when told ENOSYS */
    {"clone3", ENOSYS}, /* its flags lie in memory, where no filter sees them */
    {"io_uring_setup", ENOSYS},
    {"io_uring_enter", ENOSYS},
    {"io_uring_register", ENOSYS},
    {"io_setup", ENOSYS},
    {"memfd_secret", ENOSYS}, /* memory that no tracer can read */
    /* other processes' insides */
    {"ptrace", EPERM},
    {"process_vm_readv", EPERM},
    {"process_vm_writev", EPERM},
    {"process_madvise", EPERM},
    {"pidfd_getfd", EPERM},
    {"kcmp", EPERM},
    /* namespaces, mounts, other roots */
    {"unshare", EPERM},
    {"setns", EPERM},
    {"mount", EPERM},
    {"umount2", EPERM},
    {"mount_setattr", EPERM},
    {"move_mount", EPERM},
    {"open_tree", EPERM},
    {"fsopen", EPERM},
    {"fsmount", EPERM},
    {"fspick", EPERM},
    {"fsconfig", EPERM},
    {"pivot_root", EPERM},
    {"chroot", EPERM},
    {"open_by_handle_at", EPERM},
    {"name_to_handle_at", EPERM},
    /* parts of the kernel with a history */
    {"keyctl", EPERM},
    {"add_key", EPERM},
    {"request_key", EPERM},
    {"bpf", EPERM},
    {"perf_event_open", EPERM},
    {"userfaultfd", EPERM},
    {"fanotify_init", EPERM},
    {"kexec_load", EPERM},
    {"kexec_file_load", EPERM},
    {"init_module", EPERM},
    {"finit_module", EPERM},
    {"delete_module", EPERM},
    {"lookup_dcookie", EPERM},
    {"vm86", EPERM},
    {"modify_ldt", EPERM},
    {"uselib", EPERM},
    {"nfsservctl", EPERM},
    /* the machine as a whole */
    {"reboot", EPERM},
    {"swapon", EPERM},
    {"swapoff", EPERM},
    {"acct", EPERM},
    {"quotactl", EPERM},
    {"syslog", EPERM},
    {"settimeofday", EPERM},
    {"clock_settime", EPERM},
    {"clock_adjtime", EPERM},
    {"adjtimex", EPERM},
    {"sethostname", EPERM},
    {"setdomainname", EPERM},
    {"iopl", EPERM},
    {"ioperm", EPERM},
};

/* The same, by what an argument holds: denied when (argument & mask) compares as said with value. */
static const struct {
    const char *name;
    unsigned argument;
    enum scmp_compare compare;
    uint64_t mask, value;
} denied_with[] = {
    /* a child that no tracer follows, or in namespaces of its own */
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_UNTRACED, CLONE_UNTRACED},
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_NEWNS, CLONE_NEWNS},
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER},
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_NEWPID, CLONE_NEWPID},
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_NEWNET, CLONE_NEWNET},
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_NEWIPC, CLONE_NEWIPC},
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_NEWUTS, CLONE_NEWUTS},
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_NEWCGROUP, CLONE_NEWCGROUP},
    /* keystrokes for a terminal */
    {"ioctl", 1, SCMP_CMP_MASKED_EQ, UINT32_MAX, TIOCSTI},
    {"ioctl", 1, SCMP_CMP_MASKED_EQ, UINT32_MAX, TIOCLINUX},
    /* the box's init, which belongs to the same user */
    {"prlimit64", 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, 1},
    /* a filter of its own: of two that hand a call to the tracer the younger one decides what it is said to be */
    {"seccomp", 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, SECCOMP_SET_MODE_FILTER},
    {"prctl", 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, PR_SET_SECCOMP},
    /* sockets of odd families: unix, IPv4, IPv6 and, below, a part of netlink stay */
    {"socket", 0, SCMP_CMP_GT, 0, AF_NETLINK},
    {"socket", 0, SCMP_CMP_EQ, 0, AF_AX25},
    {"socket", 0, SCMP_CMP_EQ, 0, AF_IPX},
    {"socket", 0, SCMP_CMP_EQ, 0, AF_APPLETALK},
    {"socket", 0, SCMP_CMP_EQ, 0, AF_NETROM},
    {"socket", 0, SCMP_CMP_EQ, 0, AF_X25},
    {"socket", 0, SCMP_CMP_EQ, 0, AF_ROSE},
};

static int deny(scmp_filter_ctx ctx, const char *name, int code, unsigned count,
                const struct scmp_arg_cmp *compare, struct err *err) {
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR)
        return 0; /* libseccomp is older than the call: then it has no name to be told apart by */
    int result =
        seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO((uint16_t)code), number, count, compare);
    if (result < 0 && result != -EDOM)
        return err_sys(err, -result, "cannot add %s to the box's filter", name);
    return 0;
}

/* Of netlink only what getifaddrs(3) and the like ask: NETLINK_ROUTE, which is 0. */
static int deny_netlink(scmp_filter_ctx ctx, struct err *err) {
    const struct scmp_arg_cmp compare[] = {SCMP_A0_32(SCMP_CMP_EQ, AF_NETLINK),
                                           SCMP_A2_32(SCMP_CMP_NE, NETLINK_ROUTE)};
    return deny(ctx, "socket", EPERM, 2, compare, err);
}

/* A filter on a socket drops packets that have been sent for all that the sender, and who traces it, can see. */
static int deny_packet_filters(scmp_filter_ctx ctx, struct err *err) {
    const struct scmp_arg_cmp compare[] = {SCMP_A1_32(SCMP_CMP_EQ, SOL_SOCKET),
                                           SCMP_A2_32(SCMP_CMP_EQ, SO_ATTACH_FILTER)};
    return deny(ctx, "setsockopt", EPERM, 2, compare, err);
}

static int add_rules(scmp_filter_ctx ctx, struct err *err) {
    int code = deny_netlink(ctx, err);
    if (code == 0)
        code = deny_packet_filters(ctx, err);
    for (size_t i = 0; code == 0 && i < sizeof denied / sizeof denied[0]; i++)
        code = deny(ctx, denied[i].name, denied[i].code, 0, NULL, err);
    for (size_t i = 0; code == 0 && i < sizeof denied_with / sizeof denied_with[0]; i++) {
        struct scmp_arg_cmp compare = {.arg = denied_with[i].argument,
                                       .op = denied_with[i].compare};
        bool masked = compare.op == SCMP_CMP_MASKED_EQ;
        compare.datum_a = masked ? denied_with[i].mask : denied_with[i].value;
        compare.datum_b = masked ? denied_with[i].value : 0;
        code = deny(ctx, denied_with[i].name, EPERM, 1, &compare, err);
    }
    return code;
}

scmp_filter_ctx filter_new(struct err *err) {
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    if (!ctx) {
        err_set(err, ENOMEM, "cannot make a system-call filter");
        return NULL;
    }
    /* calls of another architecture (i386, x32) would slip past every rule */
    seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);      /* the inside sets it */
    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
    if (add_rules(ctx, err)) {
        seccomp_release(ctx);
        return NULL;
    }
    return ctx;
}

int filter_program(scmp_filter_ctx ctx, struct sock_fprog *program, struct err *err) {
    struct buf bytes = {0};
    int fd = memfd_create("filter", MFD_CLOEXEC);
    int code = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);
    if (code == 0 && lseek(fd, 0, SEEK_SET) < 0)
        code = -errno;
    if (code == 0)
        code = fd_read_all(fd, &bytes, 1 << 20);
    fd_close(&fd);
    if (code) {
        buf_release(&bytes);
        return err_sys(err, -code, "cannot export the system-call filter");
    }
    program->len = (unsigned short)(bytes.length / sizeof *program->filter);
    program->filter = (struct sock_filter *)buf_steal(&bytes);
    return 0;
}
