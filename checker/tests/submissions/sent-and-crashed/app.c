/* A child is sent a signal; the next does what that signal speaks of. */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    volatile int *volatile nowhere = NULL;
    if (fork() == 0)
        raise(SIGSEGV);
    wait(NULL);
    if (fork() == 0)
        *nowhere = 1;
    wait(NULL);
    return 0;
}
