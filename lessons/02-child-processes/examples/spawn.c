/* The same in one call: posix_spawnp() takes a list of what to arrange. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int hose[2];
    if (argc < 2 || pipe2(hose, O_CLOEXEC) < 0)
        return 2;
    posix_spawn_file_actions_t todo;
    posix_spawn_file_actions_init(&todo);
    posix_spawn_file_actions_adddup2(&todo, hose[1], STDOUT_FILENO);
    pid_t pid;
    int why = posix_spawnp(&pid, argv[1], &todo, NULL, argv + 1, environ);
    posix_spawn_file_actions_destroy(&todo);
    close(hose[1]);
    if (why != 0) {
        printf("it never started: %s\n", strerror(why));
        return 0;
    }

    char bytes[4096];
    ssize_t n;
    while ((n = read(hose[0], bytes, sizeof bytes)) > 0)
        printf("%zd bytes: %.*s", n, (int)n, bytes);
    waitpid(pid, NULL, 0);
}
