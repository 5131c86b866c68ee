/* The registers of a stopped tracee, as a system call sees them: its number, its arguments, its result. The only file
 * that knows an architecture (syscall(2), "Architecture calling conventions").
 *
 *     struct registers registers;
 *     registers_get(tid, &registers);
 *     registers_skip(&registers, -EAGAIN);     // at an entry: the kernel does nothing, the program gets that result
 *     registers_set(tid, &registers);
 *
 * Arguments changed at an entry must be put back at the exit: a compiler may count on them.
 */
#ifndef BRIGADE_TRACE_REGISTERS_H
#define BRIGADE_TRACE_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct registers {
    struct user_regs_struct raw;
};

bool registers_supported(void); /* whether this architecture is known here */

int registers_get(pid_t tid, struct registers *registers); /* 0 or -errno */
int registers_set(pid_t tid, const struct registers *registers);

uint64_t registers_stack(const struct registers *registers);
void registers_set_call(struct registers *registers, long number);
void registers_set_argument(struct registers *registers, unsigned index, uint64_t value);
void registers_set_result(struct registers *registers, int64_t result);
void registers_skip(struct registers *registers, int64_t result);

#endif
