/* Who sees a change: a child process has memory of its own, a thread not. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int spoons = 0;

static void *take_a_spoon(void *unused) {
    (void)unused;
    spoons++;
    printf("process %d: spoons = %d\n", getpid(), spoons);
    fflush(stdout);
    return NULL;
}

int main(void) {
    puts("-- a child process takes a spoon");
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        return 1;
    if (pid == 0) {
        take_a_spoon(NULL);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("process %d: spoons = %d\n", getpid(), spoons);

    puts("-- a thread takes a spoon");
    pthread_t thread;
    if (pthread_create(&thread, NULL, take_a_spoon, NULL) != 0)
        return 1;
    pthread_join(thread, NULL);
    printf("process %d: spoons = %d\n", getpid(), spoons);
}
