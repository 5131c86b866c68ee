/* File descriptors: every one is close-on-exec from birth, -1 means none. */
#ifndef BRIGADE_BASE_FD_H
#define BRIGADE_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

void fd_close(int *fd);                             /* closes unless -1, sets -1, keeps errno */
int fd_pipe(int ends[2], struct err *err);          /* [0] reads, [1] writes */
int fd_socketpair(int type, int ends[2], struct err *err); /* AF_UNIX */
int fd_set_nonblocking(int fd, bool on);            /* 0 or -errno */
/* Writes everything; waits where the descriptor would have it wait, non-blocking ones too. 0 or -errno. */
int fd_write_all(int fd, const void *bytes, size_t count);

/* Reads to the end, at most `most` bytes; waits as fd_write_all does. -EFBIG when there is more. */
int fd_read_all(int fd, struct buf *into, size_t most);

/* The whole of a file; err names the path. -EFBIG past `most`. */
int file_read(const char *path, struct buf *into, size_t most, struct err *err);

/* A sealed-off copy of bytes as a descriptor that reads from its start. -errno on failure. */
int fd_from_bytes(const char *name, const void *bytes, size_t count, struct err *err);

/* Sends or receives one message with up to `count` descriptors over an AF_UNIX socket.
 * At least one byte must go with the descriptors. fd_receive returns the bytes read (0 at the end) or
 * -errno (-EMSGSIZE: a packet longer than `size`); *count is in: room, out: received. The receiver owns
 * the descriptors, which are close-on-exec; those without room are closed. */
int fd_send(int socket, const void *bytes, size_t size, const int *fds, size_t count);
int fd_receive(int socket, void *bytes, size_t size, int *fds, size_t *count);

#endif
