#include "trace/memory.h"

#include <errno.h>
#include <limits.h>
#include <sys/uio.h>

ssize_t memory_read(pid_t tid, uint64_t address, void *into, size_t count) {
    struct iovec local = {into, count}, remote = {(void *)(uintptr_t)address, count};
    ssize_t got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
    return got < 0 ? -errno : got;
}

ssize_t memory_write(pid_t tid, uint64_t address, const void *from, size_t count) {
    struct iovec local = {(void *)from, count}, remote = {(void *)(uintptr_t)address, count};
    ssize_t put = process_vm_writev(tid, &local, 1, &remote, 1, 0);
    return put < 0 ? -errno : put;
}

void memory_append(pid_t tid, uint64_t address, size_t count, size_t most, struct buf *into) {
    size_t wanted = count < most ? count : most;
    if (!wanted)
        return;
    buf_reserve(into, wanted);
    ssize_t got = memory_read(tid, address, into->data + into->length, wanted);
    if (got > 0)
        into->length += (size_t)got;
    into->data[into->length] = '\0';
}

void memory_append_iov(pid_t tid, uint64_t iov_address, size_t iov_count, size_t most,
                       struct buf *into) {
    size_t start = into->length;
    for (size_t i = 0; i < iov_count && i < IOV_MAX && into->length - start < most; i++) {
        struct iovec part;
        if (memory_read(tid, iov_address + i * sizeof part, &part, sizeof part) !=
            (ssize_t)sizeof part)
            return;
        size_t before = into->length;
        memory_append(tid, (uintptr_t)part.iov_base, part.iov_len,
                      most - (into->length - start), into);
        if (into->length - before < part.iov_len && into->length - start < most)
            return; /* memory ended */
    }
}
