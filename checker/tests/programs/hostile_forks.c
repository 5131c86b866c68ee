/* A fork bomb that does not stop at the first refusal, and counts itself. Bounded here too, in case no box is
 * around it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 2000, REFUSALS_MOST = 50 };

int main(void) {
    int born = 0, refused = 0;
    while (born < MOST && refused < REFUSALS_MOST) {
        pid_t pid = fork();
        if (pid == 0) {
            setsid();
            signal(SIGTERM, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
            for (;;)
                pause();
        }
        if (pid > 0)
            born++;
        else
            refused++;
    }
    printf("born %d, then: %s\n", born, refused ? strerror(errno) : "no refusal");
}
