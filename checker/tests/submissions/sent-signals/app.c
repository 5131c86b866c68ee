/* Children that die of a signal which somebody has sent, and one in another program. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0)
        raise(SIGSEGV);
    wait(NULL);
    if (fork() == 0)
        execlp("sh", "sh", "-c", "kill -SEGV $$", (char *)NULL);
    wait(NULL);
    pid_t child = fork();
    if (child == 0)
        pause();
    kill(child, SIGABRT);
    wait(NULL);
    return 0;
}
