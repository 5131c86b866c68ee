/* How much a pipe takes when nobody reads. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    int hose[2];
    if (pipe2(hose, O_NONBLOCK | O_CLOEXEC) < 0) {
        perror("pipe2");
        return 1;
    }
    static const char soup[1024];
    long taken = 0;
    for (ssize_t n; (n = write(hose[1], soup, sizeof soup)) > 0;)
        taken += n;
    printf("%ld bytes, then: %s\n", taken, strerror(errno));
}
