#include "proto/fault.h"

const char *fault_name(enum fault_kind kind) {
    static const char *const names[FAULT_KINDS] = {
        [FAULT_SHORT_READ] = "short-read", [FAULT_SHORT_WRITE] = "short-write",
        [FAULT_EINTR] = "eintr",           [FAULT_EAGAIN] = "eagain",
        [FAULT_FORK] = "fork-fails",       [FAULT_JOIN] = "join",
        [FAULT_EXIT] = "exit",             [FAULT_KILL] = "kill-after-accept",
        [FAULT_SLOW_FORK] = "slow-fork",   [FAULT_LATE] = "late",
    };
    return names[kind];
}
