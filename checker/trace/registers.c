#include "trace/registers.h"

#include <errno.h>
#include <sys/ptrace.h>

#ifdef __x86_64__

bool registers_supported(void) { return true; }

int registers_get(pid_t tid, struct registers *registers) {
    return ptrace(PTRACE_GETREGS, tid, 0, &registers->raw) < 0 ? -errno : 0;
}

int registers_set(pid_t tid, const struct registers *registers) {
    return ptrace(PTRACE_SETREGS, tid, 0, &registers->raw) < 0 ? -errno : 0;
}

uint64_t registers_stack(const struct registers *registers) { return registers->raw.rsp; }

void registers_set_call(struct registers *registers, long number) {
    registers->raw.orig_rax = (unsigned long long)number;
}

void registers_set_argument(struct registers *registers, unsigned index, uint64_t value) {
    unsigned long long *const places[] = {&registers->raw.rdi, &registers->raw.rsi,
                                          &registers->raw.rdx, &registers->raw.r10,
                                          &registers->raw.r8,  &registers->raw.r9};
    *places[index] = value;
}

void registers_set_result(struct registers *registers, int64_t result) {
    registers->raw.rax = (unsigned long long)result;
}

#else

bool registers_supported(void) { return false; }

int registers_get(pid_t tid, struct registers *registers) {
    (void)tid, (void)registers;
    return -ENOSYS;
}

int registers_set(pid_t tid, const struct registers *registers) {
    (void)tid, (void)registers;
    return -ENOSYS;
}

uint64_t registers_stack(const struct registers *registers) {
    (void)registers;
    return 0;
}

void registers_set_call(struct registers *registers, long number) { (void)registers, (void)number; }

void registers_set_argument(struct registers *registers, unsigned index, uint64_t value) {
    (void)registers, (void)index, (void)value;
}

void registers_set_result(struct registers *registers, int64_t result) {
    (void)registers, (void)result;
}

#endif

void registers_skip(struct registers *registers, int64_t result) {
    registers_set_call(registers, -1);
    registers_set_result(registers, result);
}
