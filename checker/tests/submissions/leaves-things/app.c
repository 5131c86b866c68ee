/* A zombie, an orphan, and a child that holds a pipe which is none of its business. */
#include <unistd.h>

int main(void) {
    int ends[2], go[2];
    char bytes[64];
    if (pipe(ends) || pipe(go))
        return 9;
    if (fork() == 0) {
        close(ends[0]);
        for (int i = 0; i < 2; i++)
            if (write(ends[1], "hello\n", 6) < 0 || read(go[0], bytes, 1) < 0)
                return 9;
        pause();
    }
    if (fork() == 0) { /* ends at once */
        return 0;
    }
    if (fork() == 0) { /* its child goes on */
        if (fork() == 0)
            pause();
        return 0;
    }
    close(ends[1]);
    if (read(ends[0], bytes, sizeof bytes) <= 0 || write(go[1], "g", 1) < 0 ||
        read(ends[0], bytes, sizeof bytes) <= 0)
        return 9;
    sleep(3);
    return 3;
}
