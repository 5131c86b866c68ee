#include "trace/connection.h"

#include <search.h>
#include <stdlib.h>

#include "base/alloc.h"

static int compare(const void *a, const void *b) {
    uint64_t left = ((const struct connection *)a)->inode;
    uint64_t right = ((const struct connection *)b)->inode;
    return left < right ? -1 : left > right;
}

struct connection *connections_find(const struct connections *connections, uint64_t inode) {
    struct connection key = {.inode = inode};
    void *node = tfind(&key, &connections->tree, compare);
    return node ? *(struct connection **)node : NULL;
}

struct connection *connections_add(struct connections *connections, uint64_t inode, int number,
                                   bool listener) {
    struct connection *connection = connections_find(connections, inode);
    if (!connection) {
        connection = xmalloc(sizeof *connection);
        connection->inode = inode;
        tsearch(connection, &connections->tree, compare);
    }
    *connection = (struct connection){.inode = inode, .number = number, .listener = listener};
    return connection;
}

void connections_release(struct connections *connections) {
    tdestroy(connections->tree, free);
    connections->tree = NULL;
}
