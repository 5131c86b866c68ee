#include "base/share.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

int64_t share_waited_ns(void) {
    char text[128];
    int fd = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    fd_close(&fd);
    long long ran_ns, waited_ns;
    if (got <= 0)
        return 0;
    text[got] = '\0';
    return sscanf(text, "%lld %lld", &ran_ns, &waited_ns) == 2 ? waited_ns : 0;
}

int64_t share_used_ns(void) {
    struct timespec used;
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) < 0 ? 0 : used.tv_sec * NS_PER_S + used.tv_nsec;
}
