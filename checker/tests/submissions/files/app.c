/* Fills the disk it is given. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    static char block[65536];
    char name[32];
    for (int i = 0;; i++) {
        snprintf(name, sizeof name, "f%d", i % 1000);
        int fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (fd < 0 || write(fd, block, sizeof block) < 0)
            pause();
        close(fd);
    }
}
