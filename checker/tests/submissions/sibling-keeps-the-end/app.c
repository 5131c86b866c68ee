/* The second child has inherited the writing end of the first one's pipe, and waits for ever. */
#include <unistd.h>

int main(void) {
    int ends[2];
    char bytes[64];
    if (pipe(ends))
        return 9;
    if (fork() == 0) {
        if (write(ends[1], "hello\n", 6) < 0)
            return 9;
        return 0;
    }
    if (fork() == 0)
        pause();
    close(ends[1]);
    while (read(ends[0], bytes, sizeof bytes) > 0)
        continue;
    return 0;
}
