/* What the two sides of a box say to each other, over a SOCK_SEQPACKET pair: one struct a packet.
 *
 *     inside (PID 1) -> us       WIRE_INIT       its credentials tell its pid
 *     us -> inside               struct wire_start
 *     program process -> us      WIRE_READY      with descriptors of the folders it can write
 *     us -> program process      struct wire_gate and the seccomp filter
 *     program process -> us      nothing (it has become the program), or WIRE_FAILED
 *     inside -> us               WIRE_END        when the program process has ended
 */
#ifndef BRIGADE_SANDBOX_WIRE_H
#define BRIGADE_SANDBOX_WIRE_H

#include <linux/filter.h>
#include <sys/resource.h>

#include "sandbox/box.h"

enum wire_kind { WIRE_INIT = 1, WIRE_READY, WIRE_FAILED, WIRE_END };

enum { WIRE_FILTER_MOST = 4096 /* BPF_MAXINSNS: more the kernel would not take */ };

struct wire {
    enum wire_kind kind;
    int code;            /* WIRE_END: wait status; WIRE_FAILED: errno */
    struct rusage usage; /* WIRE_END */
    char step[48];       /* WIRE_FAILED: what did not work */
};

/* The folders that the program can write to, each a file system of its own. */
enum wire_folder { FOLDER_WORK, FOLDER_TMP, FOLDER_SHM, FOLDERS };

struct wire_start {
    int stdio[3]; /* descriptors that the inside has inherited */
    struct box_limits limits;
};

struct wire_gate {
    size_t length; /* instructions; 0: no filter */
    struct sock_filter filter[WIRE_FILTER_MOST];
};

#endif
