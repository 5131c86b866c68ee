/* The box's system-call policy as libseccomp rules. The tracer adds its own rules to the same
 * context (trace_add_rules), so that one filter does both.
 *
 *     scmp_filter_ctx ctx = filter_new(&err);
 *     trace_add_rules(ctx, ...);            // optional
 *     filter_program(ctx, &program, &err);  // BPF, to hand to box_open_gate
 *     free(program.filter); seccomp_release(ctx);
 */
#ifndef BRIGADE_SANDBOX_FILTER_H
#define BRIGADE_SANDBOX_FILTER_H

#include <linux/filter.h>
#include <seccomp.h>

#include "base/err.h"

scmp_filter_ctx filter_new(struct err *err); /* NULL on failure */
int filter_program(scmp_filter_ctx ctx, struct sock_fprog *program, struct err *err);

#endif
