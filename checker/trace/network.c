#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "trace/network.h"

enum { TABLE_MOST = 1 << 20 };

/* include/net/tcp_states.h, and what each still waits for from the other side. */
enum tcp_state { SYN_SENT = 2, SYN_RECV = 3, FIN_WAIT1 = 4, TIME_WAIT = 6, LAST_ACK = 9, LISTEN = 10, CLOSING = 11 };

/* sl local_address rem_address st tx_queue:rx_queue ... in hexadecimal */
static bool line_is_busy(const char *line) {
    unsigned state;
    unsigned long unsent;
    if (sscanf(line, "%*s %*s %*s %x %lx:", &state, &unsent) != 2)
        return false;
    switch (state) {
    case SYN_SENT:
    case SYN_RECV:
    case FIN_WAIT1:
    case LAST_ACK:
    case CLOSING: return true;
    case TIME_WAIT:
    case LISTEN: return false;
    default: return unsent != 0;
    }
}

static bool table_is_busy(pid_t host_pid, const char *name) {
    char path[48];
    struct buf text = {0};
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)host_pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    fd_read_all(fd, &text, TABLE_MOST);
    fd_close(&fd);
    bool busy = false;
    const char *line = text.data ? strchr(text.data, '\n') : NULL;
    for (; line && !busy; line = strchr(line + 1, '\n'))
        busy = line_is_busy(line + 1);
    buf_release(&text);
    return busy;
}

bool network_is_busy(pid_t host_pid) {
    return table_is_busy(host_pid, "tcp") || table_is_busy(host_pid, "tcp6");
}
