/* TCP listeners and accepted connections of the program, by the inode of their socket. A connection's number is the
 * client's port on loopback, which is how the load driver knows it too; of one that is not the driver's, beyond 65535. */
#ifndef BRIGADE_TRACE_CONNECTION_H
#define BRIGADE_TRACE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
    uint64_t inode;
    int number;      /* see above; for a listener its port */
    bool listener;
    bool taken;      /* read from since the last reply */
    int taken_by;    /* pid */
};

struct connections {
    void *tree; /* tsearch(3) */
};

struct connection *connections_find(const struct connections *connections, uint64_t inode);
/* Adds, or makes anew what had this inode before. */
struct connection *connections_add(struct connections *connections, uint64_t inode, int number,
                                   bool listener);
void connections_release(struct connections *connections);

#endif
