/* A chef falls ill in mid-shift. The head chef hires anew. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t hire(int healthy) {
    pid_t pid = fork();
    if (pid != 0)
        return pid; /* the head chef, with the PID of the one hired */
    printf("chef %d starts\n", getpid());
    fflush(stdout);
    if (!healthy)
        raise(SIGSEGV); /* what a stray pointer would do */
    _exit(0);
}

/* Waits for one chef; true if that one went home in good health. */
static int shift_ended_well(pid_t pid) {
    int status;
    if (waitpid(pid, &status, 0) < 0) {
        perror("waitpid");
        return 1;
    }
    if (WIFSIGNALED(status)) {
        int number = WTERMSIG(status);
        printf("chef %d died: %s\n", pid, strsignal(number));
        fflush(stdout);
        return 0;
    }
    printf("chef %d went home with code %d\n", pid, WEXITSTATUS(status));
    return 1;
}

int main(void) {
    pid_t chef = hire(0);
    while (chef > 0 && !shift_ended_well(chef))
        chef = hire(1);
    puts("the kitchen never closed");
}
