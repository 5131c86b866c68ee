#include "tests/harness/cases.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int list(const struct CMUnitTest *cases, size_t count, int limit_s) {
    for (size_t i = 0; i < count; i++) {
        if (limit_s)
            printf("%s\t%d\n", cases[i].name, limit_s);
        else
            puts(cases[i].name);
    }
    return 0;
}

static int run(const struct CMUnitTest *cases, size_t count) {
    setvbuf(stdout, NULL, _IOLBF, 0); /* so that a crash loses no line */
    return _cmocka_run_group_tests("cases", cases, count, NULL, NULL) ? 1 : 0;
}

int cases_main(int argc, char **argv, const struct CMUnitTest *cases, size_t count, int limit_s) {
    if (argc == 1)
        return run(cases, count);
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list(cases, count, limit_s);
    if (argc == 3 && strcmp(argv[1], "--case") == 0)
        for (size_t i = 0; i < count; i++)
            if (strcmp(cases[i].name, argv[2]) == 0)
                return run(&cases[i], 1);
    fprintf(stderr, "usage: %s [--list | --case NAME]\n", argv[0]);
    return 2;
}

void case_skip(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    exit(77);
}

static const char *below(char path[PATH_MAX], const char *variable, const char *otherwise,
                         const char *name) {
    const char *folder = getenv(variable);
    snprintf(path, PATH_MAX, "%s/%s", folder ? folder : otherwise, name);
    return path;
}

const char *case_built(const char *name) {
    static char path[PATH_MAX];
    return below(path, "BRIGADE_BUILD", "build", name);
}

const char *case_source(const char *name) {
    static char path[PATH_MAX];
    return below(path, "BRIGADE_ROOT", ".", name);
}
