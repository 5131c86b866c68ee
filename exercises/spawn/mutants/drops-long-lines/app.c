// Runs a command and streams what it says, design "threads": posix_spawn starts the command, and
// one thread for each of the two streams reads it line by line.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct relay {
    FILE *from, *to;
    const char *prefix;
};

static void die(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(EXIT_FAILURE);
}

// No line is longer than 255 bytes.
static void *relay_lines(void *ctx) {
    struct relay *relay = ctx;
    char line[256];
    while (fgets(line, sizeof line, relay->from)) {
        size_t length = strlen(line);
        for (int c = line[length - 1]; c != '\n' && c != EOF;)
            c = fgetc(relay->from);
        fputs(relay->prefix, relay->to);
        fwrite(line, 1, length, relay->to);
        if (line[length - 1] != '\n')
            fputc('\n', relay->to);
        fflush(relay->to);
    }
    fclose(relay->from);
    return NULL;
}

// Starts the command with its stdout and stderr on the two pipes.
static pid_t start(char **command, int out, int err) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    int error = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        die(command[0], error);
    return child;
}

int main(int argc, char **argv) {
    static char *by_default[] = {"ls", "-lh", "/usr", NULL};
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        die("pipe2", errno);
    pid_t child = start(argc > 1 ? argv + 1 : by_default, out[1], err[1]);
    close(out[1]);
    close(err[1]);

    struct relay relays[2] = {{fdopen(out[0], "r"), stdout, "stdout: "},
                              {fdopen(err[0], "r"), stderr, "stderr: "}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        int error = pthread_create(&threads[i], NULL, relay_lines, &relays[i]);
        if (error)
            die("pthread_create", error);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);

    int status = 0;
    if (waitpid(child, &status, 0) < 0)
        die("waitpid", errno);
    printf("child process exited with code %d\n",
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
