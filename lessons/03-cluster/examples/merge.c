/* Three workers die while the master looks the other way. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3 };

static volatile sig_atomic_t calls;

static void on_death(int number) {
    (void)number;
    calls++;
}

int main(void) {
    sigset_t deaths;
    sigemptyset(&deaths);
    sigaddset(&deaths, SIGCHLD);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_death}, NULL);
    sigprocmask(SIG_BLOCK, &deaths, NULL); /* the master is busy */

    for (int i = 0; i < WORKERS; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        siginfo_t info; /* wait until it is dead, but leave it a zombie */
        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    }

    sigprocmask(SIG_UNBLOCK, &deaths, NULL);
    printf("%d died, calls of the handler: %d\n", WORKERS, (int)calls);

    int buried = 0;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        buried++;
    printf("the loop buried %d\n", buried);
}
