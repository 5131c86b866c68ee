/* Runs test programs, each case in a process of its own.
 *
 *     runner [-j N] [--only PATTERN] [--limit SECONDS] [--scale N] PROGRAM...
 *
 * A test program answers `--list` with a line a case (plan.h) and runs one for `--case NAME`:
 * exit code 0 passed, 77 skipped (its last line of output says why), anything else failed. A case
 * also fails when it outlives its time or leaves a process behind (keeper.h). What it prints is
 * shown only when it fails. The last line is `N passed, M failed` (`, K skipped`).
 */
#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper.h"
#include "plan.h"

enum { MOST_JOBS = 64, SHOWN_BYTES = 16 * 1024 };

struct slot {
    const struct plan_case *running; /* NULL: free */
    pid_t keeper;
    int output_fd;
    struct timespec started;
};

struct runner {
    struct plan plan;
    size_t next;
    struct slot slots[MOST_JOBS];
    int jobs, busy;
    bool stopping;
    size_t counts[KEEPER_ENDS];
    const struct plan_case **failed; /* for the summary */
    size_t failed_count;
};

static const struct {
    const char *word;
    bool bad;
} ends[KEEPER_ENDS] = {
    [KEEPER_PASSED] = {"ok", false},    [KEEPER_FAILED] = {"FAIL", true},
    [KEEPER_SKIPPED] = {"skip", false}, [KEEPER_TIMED_OUT] = {"TIMEOUT", true},
    [KEEPER_LEFTOVER] = {"LEFT", true}, [KEEPER_STOPPED] = {"stopped", false},
};

static double seconds_since(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static const char *last_line(char *text) {
    size_t length = strlen(text);
    while (length && text[length - 1] == '\n')
        text[--length] = '\0';
    char *newline = strrchr(text, '\n');
    return newline ? newline + 1 : text;
}

static void print_indented(char *text) {
    size_t length = strlen(text);
    if (length > SHOWN_BYTES) {
        printf("          [%zu bytes before this]\n", length - SHOWN_BYTES);
        text += length - SHOWN_BYTES;
    }
    for (char *line; (line = strsep(&text, "\n"));)
        if (*line || text)
            printf("          %s\n", line);
}

/* Takes over `output`. */
static void report(struct runner *runner, const struct plan_case *one, enum keeper_end end,
                   double took_s, char *output) {
    runner->counts[end]++;
    printf("  %-8s%6.2f s  %s", ends[end].word, took_s, one->title);
    if (end == KEEPER_SKIPPED)
        printf(": %s", last_line(output));
    putchar('\n');
    if (ends[end].bad) {
        runner->failed[runner->failed_count++] = one;
        print_indented(output);
    }
    fflush(stdout);
    free(output);
}

static void start_one(struct runner *runner) {
    const struct plan_case *one = &runner->plan.cases[runner->next++];
    if (one->broken) {
        report(runner, one, KEEPER_FAILED, 0, strdup(one->broken));
        return;
    }
    struct slot *slot = runner->slots;
    while (slot->running)
        slot++;
    *slot = (struct slot){.running = one, .output_fd = keeper_capture()};
    clock_gettime(CLOCK_MONOTONIC, &slot->started);
    const char *argv[] = {one->program, "--case", one->name, NULL};
    struct keeper_job job = {argv, one->limit_s, slot->output_fd};
    slot->keeper = keeper_start(&job);
    runner->busy++;
}

static void finish_one(struct runner *runner, pid_t pid, int status) {
    for (int i = 0; i < runner->jobs; i++) {
        struct slot *slot = &runner->slots[i];
        if (!slot->running || slot->keeper != pid)
            continue;
        report(runner, slot->running, keeper_result(status), seconds_since(&slot->started),
               plan_read_all(slot->output_fd));
        close(slot->output_fd);
        slot->running = NULL;
        runner->busy--;
    }
}

static void stop_all(struct runner *runner) {
    runner->stopping = true;
    for (int i = 0; i < runner->jobs; i++)
        if (runner->slots[i].running)
            kill(runner->slots[i].keeper, SIGTERM);
}

static void run_all(struct runner *runner, const sigset_t *signals) {
    for (;;) {
        while (!runner->stopping && runner->busy < runner->jobs &&
               runner->next < runner->plan.count)
            start_one(runner);
        if (!runner->busy)
            return;
        int number = sigwaitinfo(signals, NULL);
        if (number != SIGCHLD && number > 0)
            stop_all(runner);
        int status;
        for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
            finish_one(runner, pid, status);
    }
}

static int summary(const struct runner *runner) {
    if (runner->failed_count)
        puts("\nFailed:");
    for (size_t i = 0; i < runner->failed_count; i++)
        printf("  %s  (%s --case %s)\n", runner->failed[i]->title, runner->failed[i]->program,
               runner->failed[i]->name);
    if (runner->stopping)
        printf("Interrupted: %zu of %zu cases ran.\n", runner->next, runner->plan.count);
    printf("%zu passed, %zu failed", runner->counts[KEEPER_PASSED], runner->failed_count);
    if (runner->counts[KEEPER_SKIPPED])
        printf(", %zu skipped", runner->counts[KEEPER_SKIPPED]);
    putchar('\n');
    return runner->stopping ? 130 : runner->failed_count ? 1 : 0;
}

static void read_options(struct runner *runner, int argc, char **argv) {
    static const struct option options[] = {
        {"jobs", required_argument, NULL, 'j'},
        {"only", required_argument, NULL, 'o'},
        {"limit", required_argument, NULL, 'l'},
        {"scale", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0},
    };
    runner->jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
    runner->plan = (struct plan){.limit_s = 120, .scale = 1};
    for (int option; (option = getopt_long(argc, argv, "j:", options, NULL)) != -1;) {
        switch (option) {
        case 'j':
            runner->jobs = atoi(optarg);
            break;
        case 'o':
            runner->plan.only = optarg;
            break;
        case 'l':
            runner->plan.limit_s = atoi(optarg);
            break;
        case 's':
            runner->plan.scale = atoi(optarg);
            break;
        default:
            errx(2, "usage: runner [-j N] [--only PATTERN] [--limit S] [--scale N] PROGRAM...");
        }
    }
    if (runner->jobs < 1 || runner->plan.limit_s < 1 || runner->plan.scale < 1)
        errx(2, "-j, --limit and --scale want a whole number from 1 up");
    if (runner->jobs > MOST_JOBS)
        runner->jobs = MOST_JOBS;
}

int main(int argc, char **argv) {
    static struct runner runner;
    read_options(&runner, argc, argv);
    for (int i = optind; i < argc; i++)
        plan_add(&runner.plan, argv[i]);
    if (!runner.plan.count)
        errx(2, "no test case%s%s", runner.plan.only ? " matches " : "",
             runner.plan.only ? runner.plan.only : "");
    runner.failed = calloc(runner.plan.count, sizeof *runner.failed);
    if (!runner.failed)
        err(3, "memory");

    sigset_t signals;
    sigemptyset(&signals);
    const int handled[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        sigaddset(&signals, handled[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    run_all(&runner, &signals);

    int code = summary(&runner);
    plan_release(&runner.plan);
    free(runner.failed);
    return code;
}
