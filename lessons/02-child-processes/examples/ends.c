/* Four children, four ends; what waitpid() says of each. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void done(void) { _exit(7); }
static void overflow(void) { _exit(256 + 7); }
static void pretender(void) { _exit(137); }
static void victim(void) { raise(SIGKILL); }

static void look(const char *name, void (*live)(void)) {
    pid_t pid = fork();
    if (pid == 0)
        live();

    int status;
    if (waitpid(pid, &status, 0) < 0) {
        perror("waitpid");
        return;
    }
    printf("%-9s  status 0x%04x  ", name, (unsigned)status);
    if (WIFEXITED(status))
        printf("exited with code %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("killed by signal %d\n", WTERMSIG(status));
    fflush(stdout);
}

int main(void) {
    look("done", done);
    look("overflow", overflow);
    look("pretender", pretender);
    look("victim", victim);
}
