/* The program's network, as far as the virtual clock must know it. */
#ifndef BRIGADE_TRACE_NETWORK_H
#define BRIGADE_TRACE_NETWORK_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether a TCP socket in the network of this process has bytes, or the opening or closing of a connection, on its way:
 * loopback delivers at once only when the machine is not busy, and Nagle's algorithm (tcp(7), TCP_NODELAY) holds
 * bytes back. proc(5), /proc/net/tcp. */
bool network_is_busy(pid_t host_pid);

#endif
