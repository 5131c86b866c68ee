// Tells how a command ended, design "posix_spawn": the C library has the pipe, or something as
// good, within; what kept the command from starting is simply what posix_spawnp() returns.

#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static const char *signal_name(int number) {
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"},
                 {SIGILL, "SIGILL"},   {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"},
                 {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGKILL, "SIGKILL"},
                 {SIGUSR1, "SIGUSR1"}, {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
                 {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == number)
            return names[i].name;
    return "?";
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]);
        return 2;
    }
    pid_t child;
    int error = posix_spawnp(&child, argv[1], NULL, NULL, argv + 1, environ);
    if (error) {
        printf("could not start: %s\n", strerrorname_np(error));
        return 0;
    }
    siginfo_t end = {0};
    if (waitid(P_PID, (id_t)child, &end, WEXITED) < 0) {
        perror("waitid");
        return 1;
    }
    if (end.si_code == CLD_EXITED)
        printf("exited with code %d\n", (signed char)end.si_status);
    else
        printf("killed by signal %s\n", signal_name(end.si_status));
    return 0;
}
