/* Leaves daemons behind, in sessions of their own and deaf to signals, and ends well. */
#include <signal.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 5; i++) {
        if (fork() != 0)
            continue;
        setsid();
        if (fork() != 0)
            _exit(0);
        for (int number = 1; number < 65; number++)
            signal(number, SIG_IGN);
        (void)!write(1, "daemon\n", 7);
        for (;;)
            pause();
    }
    (void)!write(1, "leaves\n", 7);
}
