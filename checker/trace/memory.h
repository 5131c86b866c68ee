/* Reading and writing a stopped tracee's memory (process_vm_readv(2)). Foreign pointers: a call on a bad one
 * returns 0 bytes or -EFAULT, never more. */
#ifndef BRIGADE_TRACE_MEMORY_H
#define BRIGADE_TRACE_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* Bytes read, or -errno; short where memory ends. */
ssize_t memory_read(pid_t tid, uint64_t address, void *into, size_t count);
ssize_t memory_write(pid_t tid, uint64_t address, const void *from, size_t count);

/* Appends `count` bytes at address, at most `most`. */
void memory_append(pid_t tid, uint64_t address, size_t count, size_t most, struct buf *into);

/* Appends what an iovec array of the tracee points at, at most `most` bytes in all. */
void memory_append_iov(pid_t tid, uint64_t iov_address, size_t iov_count, size_t most,
                       struct buf *into);

#endif
