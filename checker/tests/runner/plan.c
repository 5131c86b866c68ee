#include "plan.h"

#include <err.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper.h"

enum { LIST_LIMIT_S = 20 };

static void *owned(void *memory) {
    if (!memory)
        err(3, "memory");
    return memory;
}

char *plan_read_all(int fd) {
    struct stat info;
    if (fstat(fd, &info) < 0)
        err(3, "fstat");
    char *text = owned(malloc((size_t)info.st_size + 1));
    ssize_t length = pread(fd, text, (size_t)info.st_size, 0);
    text[length < 0 ? 0 : length] = '\0';
    return text;
}

static bool wanted(const struct plan *plan, const char *title) {
    if (!plan->only)
        return true;
    char *pattern;
    if (asprintf(&pattern, "*%s*", plan->only) < 0)
        err(3, "memory");
    bool match = fnmatch(pattern, title, 0) == 0;
    free(pattern);
    return match;
}

/* Takes over `broken`. */
static void add_case(struct plan *plan, const char *program, const char *name, int limit_s,
                     char *broken) {
    const char *slash = strrchr(program, '/');
    struct plan_case one = {.program = program, .limit_s = limit_s * plan->scale, .broken = broken};
    if (asprintf(&one.title, "%s %s", slash ? slash + 1 : program, name) < 0)
        err(3, "memory");
    if (!wanted(plan, one.title)) {
        free(one.title);
        free(broken);
        return;
    }
    one.name = owned(strdup(name));
    plan->cases = owned(reallocarray(plan->cases, plan->count + 1, sizeof *plan->cases));
    plan->cases[plan->count++] = one;
}

static void add_lines(struct plan *plan, const char *program, char *text) {
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (!*line)
            continue;
        char *tab = strchr(line, '\t');
        int limit_s = tab ? atoi(tab + 1) : 0;
        if (tab)
            *tab = '\0';
        add_case(plan, program, line, limit_s > 0 ? limit_s : plan->limit_s, NULL);
    }
}

void plan_add(struct plan *plan, const char *program) {
    const char *argv[] = {program, "--list", NULL};
    struct keeper_job job = {.argv = argv, .limit_s = LIST_LIMIT_S, .output_fd = keeper_capture()};
    pid_t keeper = keeper_start(&job);
    int status;
    if (waitpid(keeper, &status, 0) != keeper)
        err(3, "waitpid");
    char *text = plan_read_all(job.output_fd);
    close(job.output_fd);
    if (keeper_result(status) != KEEPER_PASSED || !*text) {
        char *why;
        if (asprintf(&why, "--list did not answer with the names of cases:\n%s", text) < 0)
            err(3, "memory");
        add_case(plan, program, "--list", plan->limit_s, why);
    } else {
        add_lines(plan, program, text);
    }
    free(text);
}

void plan_release(struct plan *plan) {
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->cases[i].name);
        free(plan->cases[i].title);
        free(plan->cases[i].broken);
    }
    free(plan->cases);
    plan->cases = NULL;
    plan->count = 0;
}
