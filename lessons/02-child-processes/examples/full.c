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
    long taken = 0;
    while (write(hose[1], "x", 1) == 1)
        taken++;
    printf("%ld bytes, then: %s\n", taken, strerror(errno));
}
