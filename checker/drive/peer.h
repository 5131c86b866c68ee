/* The far end of one of our connections, asked of the kernel: what the program's socket still has on its way to us. The
 * program may have closed the descriptor already; the kernel goes on sending for it.
 *
 * sock_diag(7): one question about one TCP socket, by its two ports on 127.0.0.1.
 */
#ifndef BRIGADE_DRIVE_PEER_H
#define BRIGADE_DRIVE_PEER_H

#include <stdbool.h>

/* `diag` is a NETLINK_SOCK_DIAG socket. False where there is no such socket (any more), or no answer. */
bool peer_is_sending(int diag, int port, int client_port);

#endif
