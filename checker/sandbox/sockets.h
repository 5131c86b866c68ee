/* Sockets that live in the box's network, made on demand by a helper process of ours that has entered the box's
 * user and network namespaces and nothing else of it. */
#ifndef BRIGADE_SANDBOX_SOCKETS_H
#define BRIGADE_SANDBOX_SOCKETS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"

enum socket_kind { SOCKET_TCP, SOCKET_DIAG /* sock_diag(7) */ };

struct sockets { /* visible, because the box places it */
    struct loop *loop;
    pid_t pid; /* 0: none */
    int fd;
};

int sockets_start(struct sockets *sockets, struct loop *loop, pid_t inside, struct err *err);
int sockets_get(struct sockets *sockets, enum socket_kind kind, struct err *err); /* non-blocking; or -errno */
void sockets_stop(struct sockets *sockets);                /* the helper ends; the loop reaps it */

#endif
