// Two processes, one conversation, design "two pipes and posix_spawn": the child is this very program
// started anew with the word "child", and stdio finds the ends of the messages.

#define _GNU_SOURCE
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { IN = 3, OUT = 4 }; // the child's ends of the two pipes

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static void say(FILE *to, const char *member, const char *text) {
    json_t *message = json_pack("{s:s}", member, text);
    if (json_dumpf(message, to, JSON_COMPACT) < 0 || fputc('\n', to) == EOF || fflush(to) == EOF)
        die("send");
    json_decref(message);
}

// Reads a message and prints it as it came.
static void hear(FILE *from, const char *who) {
    char *line = NULL;
    size_t room = 0;
    if (getline(&line, &room, from) < 0)
        die("receive");
    json_t *message = json_loads(line, 0, NULL);
    if (!message) {
        fprintf(stderr, "not JSON: %s", line);
        exit(EXIT_FAILURE);
    }
    printf("Message from %s: %s", who, line); // the line has a newline already
    json_decref(message);
    free(line);
}

static int be_child(void) {
    FILE *in = fdopen(IN, "r"), *out = fdopen(OUT, "w");
    if (!in || !out)
        die("fdopen");
    hear(in, "parent");
    say(out, "reply", "Hello from child");
    fclose(in);
    fclose(out);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return be_child();
    int down[2], up[2];
    if (pipe2(down, O_CLOEXEC) < 0 || pipe2(up, O_CLOEXEC) < 0)
        die("pipe2");
    // Copies well above 3 and 4, so that laying one end there does not cover the other.
    int in = fcntl(down[0], F_DUPFD_CLOEXEC, 10), out = fcntl(up[1], F_DUPFD_CLOEXEC, 10);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, IN);
    posix_spawn_file_actions_adddup2(&actions, out, OUT);
    char *words[] = {argv[0], "child", NULL};
    pid_t child;
    if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, words, environ) != 0)
        die("posix_spawn");
    posix_spawn_file_actions_destroy(&actions);
    close(down[0]);
    close(up[1]);
    close(in);
    close(out);

    FILE *to = fdopen(down[1], "w"), *from = fdopen(up[0], "r");
    if (!to || !from)
        die("fdopen");
    say(to, "message", "Hello from parent");
    hear(from, "child");
    fclose(to);
    fclose(from);
    int status;
    if (waitpid(child, &status, 0) < 0)
        die("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
