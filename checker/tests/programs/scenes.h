/* What the programs of scenes share: `PROGRAM SCENE` plays one and says on stdout what it did, as seen from inside, a line a
 * fact ("child 12", "code 7"). The tests hold the events against that. */
#ifndef BRIGADE_TESTS_SCENES_H
#define BRIGADE_TESTS_SCENES_H

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *what, long value) {
    printf("%s %ld\n", what, value);
    fflush(stdout);
}

static void put(int fd, const char *text) {
    if (write(fd, text, strlen(text)) < 0)
        _exit(99);
}

__attribute__((unused)) static void ignore(int signal) { (void)signal; }

/* A child that reads `count` bytes, as many at once as there are, and ends. */
__attribute__((unused)) static pid_t reader(int fd, int unused, size_t count, size_t at_once) {
    pid_t pid = fork();
    if (pid)
        return pid;
    if (unused >= 0)
        close(unused);
    char bytes[65536];
    while (count) {
        ssize_t got = read(fd, bytes, at_once < sizeof bytes ? at_once : sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        count -= (size_t)got < count ? (size_t)got : count;
    }
    _exit(0);
}

struct scene {
    const char *name;
    void (*play)(void);
};

#define SCENE(name) {#name, scene_##name}

static int play_scene(const struct scene *scenes, size_t count, int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < count; i++) {
        if (strcmp(scenes[i].name, argv[1]))
            continue;
        scenes[i].play();
        return 0;
    }
    return 98;
}

#endif
