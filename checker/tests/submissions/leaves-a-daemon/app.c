/* Ends well, and leaves a daemon in a session of its own, which must not outlive the run. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    char c;
    if (pipe(ends) < 0)
        return 1;
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            if (write(ends[1], "[1]\n", 4) != 4)
                _exit(1);
            for (;;)
                pause();
        }
        _exit(0);
    }
    for (int i = 0; i < 4; i++)
        if (read(ends[0], &c, 1) != 1)
            return 1;
    return wait(NULL) > 0 ? 0 : 1;
}
