/* Writes to every folder that takes it until it is refused: one large file, then many, then empty ones. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20, MOST_MB = 512, MOST_FILES = 64 };

static char piece[PIECE];

static int fill(const char *folder) {
    int megabytes = 0;
    for (int file = 0; file < MOST_FILES && megabytes < MOST_MB; file++) {
        char path[64];
        snprintf(path, sizeof path, "%s/fill%d", folder, file);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        if (fd < 0)
            break;
        while (megabytes < MOST_MB && write(fd, piece, PIECE) == PIECE)
            megabytes++;
        close(fd);
    }
    return megabytes;
}

int main(void) {
    static const char *const folders[] = {"/work", "/tmp", "/dev/shm", "/", "/dev", "/etc", "/usr"};
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        printf("%s %d MB\n", folders[i], fill(folders[i]));
}
