/* How the lab feels, measured from outside, as a terminal sees it: time to the first frame, from an event to the screen, what
 * it costs while nothing happens, and its memory.
 *
 *     lab_bench BRIGADE WORKSPACE          the bench
 *     lab_bench run ...                    what it gives the lab as its checker: prints an event for each
 *                                          line that comes through the FIFO $LAB_BENCH_FIFO
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { MARKS = 60, STARTS = 15, IDLE_S = 5, PATIENCE_MS = 10000 };

/* --- as the checker ------------------------------------------------------------------------- */

static int play_checker(void) {
    static const char *const beginning[] = {
        "{\"type\":\"run\",\"seq\":1,\"t_ns\":0,\"v\":1,\"exercise\":\"stats\",\"title\":\"t\",\"clock\":"
        "\"real\",\"cpus\":4,\"box\":\"full\",\"version\":\"0\"}",
        "{\"type\":\"fork\",\"seq\":2,\"t_ns\":0,\"pid\":2,\"parent\":null,\"by\":null,\"kind\":\"start\"}",
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < sizeof beginning / sizeof beginning[0]; i++)
        puts(beginning[i]);
    FILE *wishes = fopen(getenv("LAB_BENCH_FIFO"), "r");
    char mark[64];
    for (int seq = 3; wishes && fgets(mark, sizeof mark, wishes); seq++) {
        mark[strcspn(mark, "\n")] = '\0';
        printf("{\"type\":\"output\",\"seq\":%d,\"t_ns\":%d,\"pid\":2,\"stream\":\"stdout\",\"text\":"
               "\"%s\\n\",\"bytes\":%zu}\n",
               seq, seq * 1000, mark, strlen(mark) + 1);
    }
    return 0;
}

/* --- as the terminal ------------------------------------------------------------------------ */

struct screen {
    int fd;
    pid_t pid;
    char seen[1 << 16]; /* what came lately */
    size_t length;
};

static void fail(const char *what) {
    fprintf(stderr, "lab_bench: %s\n", what);
    exit(1);
}

static void start_lab(struct screen *screen, const char *lab, const char *workspace,
                      const char *step) {
    struct winsize size = {.ws_row = 30, .ws_col = 100};
    screen->length = 0;
    screen->pid = forkpty(&screen->fd, NULL, NULL, &size);
    if (screen->pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        execl(lab, lab, "--workspace", workspace, step, (char *)NULL);
        _exit(127);
    }
    if (screen->pid < 0)
        fail("cannot make a terminal");
}

/* Reads until `words` have come; drops what was seen before. */
static void await(struct screen *screen, const char *words) {
    screen->length = 0;
    while (!memmem(screen->seen, screen->length, words, strlen(words))) {
        struct pollfd ready = {screen->fd, POLLIN, 0};
        if (poll(&ready, 1, PATIENCE_MS) != 1)
            fail("the lab did not draw what it should");
        if (screen->length > sizeof screen->seen / 2)
            screen->length = 0;
        ssize_t got = read(screen->fd, screen->seen + screen->length,
                           sizeof screen->seen - screen->length);
        if (got <= 0)
            fail("the lab is gone");
        screen->length += (size_t)got;
    }
}

static void stop_lab(struct screen *screen) {
    kill(screen->pid, SIGTERM);
    char waste[4096];
    while (read(screen->fd, waste, sizeof waste) > 0)
        continue;
    waitpid(screen->pid, NULL, 0);
    close(screen->fd);
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void report(const char *what, double *ms, int count, const char *goal) {
    qsort(ms, (size_t)count, sizeof *ms, compare);
    printf("  %-28s %6.1f ms median, %6.1f ms worst of %d   (to reach: %s)\n", what, ms[count / 2],
           ms[count - 1], count, goal);
}

/* Of everything in the terminal's session: the lab, its keeper, the fake checker. */
static long resident_kb_of(pid_t session) {
    char command[64];
    long sum = 0, kb;
    snprintf(command, sizeof command, "ps -o rss= --sid %d", (int)session);
    FILE *out = popen(command, "r");
    while (out && fscanf(out, "%ld", &kb) == 1)
        sum += kb;
    if (out)
        pclose(out);
    return sum;
}

static long ticks_of(pid_t session) {
    char command[160], line[512];
    long ticks = 0;
    snprintf(command, sizeof command, "for p in $(ps -o pid= --sid %d); do cat /proc/$p/stat; done",
             (int)session);
    FILE *out = popen(command, "r");
    while (out && fgets(line, sizeof line, out)) {
        unsigned long user = 0, system = 0;
        char *rest = strrchr(line, ')');
        if (rest && sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                           &system) == 2)
            ticks += (long)(user + system);
    }
    if (out)
        pclose(out);
    return ticks;
}

static void bench_first_frame(const char *lab, const char *workspace) {
    struct screen screen;
    double ms[STARTS];
    for (int i = 0; i < STARTS; i++) {
        int64_t began_ns = clock_now_ns();
        start_lab(&screen, lab, workspace, NULL);
        await(&screen, "quit");
        ms[i] = (double)(clock_now_ns() - began_ns) / 1e6;
        stop_lab(&screen);
    }
    report("start to first frame", ms, STARTS, "50 ms");
}

static void bench_events(const char *lab, const char *workspace, const char *fifo) {
    struct screen screen;
    double ms[MARKS];
    start_lab(&screen, lab, workspace, "stats");
    await(&screen, "Task");
    if (write(screen.fd, "r", 1) != 1)
        fail("cannot type");
    int wishes = open(fifo, O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < MARKS; i++) {
        char mark[] = "--------\n"; /* unlike its neighbours in every column, so that it is drawn whole */
        int length = (int)strlen(mark);
        for (int at = 0; at < length - 1; at++)
            mark[at] = (char)('a' + (i * 7 + at * 3) % 26);
        int64_t began_ns = clock_now_ns();
        if (write(wishes, mark, (size_t)length) != length)
            fail("the checker is gone");
        mark[length - 1] = '\0';
        await(&screen, mark);
        ms[i] = (double)(clock_now_ns() - began_ns) / 1e6;
    }
    report("an event to the screen", ms, MARKS, "50 ms");
    long before = ticks_of(screen.pid);
    poll(NULL, 0, IDLE_S * 1000); /* what is measured is doing nothing */
    long after = ticks_of(screen.pid);
    printf("  %-28s %6.2f %% of a CPU over %d s              (to reach: 1 %%)\n", "idle",
           (double)(after - before) * 100 / (double)sysconf(_SC_CLK_TCK) / IDLE_S, IDLE_S);
    printf("  %-28s %6.1f MB, its keeper and the fake checker included (to reach: 30 MB)\n",
           "memory", (double)resident_kb_of(screen.pid) / 1024);
    close(wishes);
    stop_lab(&screen);
}

int main(int argc, char **argv) {
    char fifo[512];
    if (argc > 1 && strcmp(argv[1], "run") == 0)
        return play_checker();
    if (argc != 3)
        return 2;
    snprintf(fifo, sizeof fifo, "%s/fifo", argv[2]);
    mkdir(argv[2], 0755);
    if (mkfifo(fifo, 0600) < 0 && errno != EEXIST)
        fail("cannot make a FIFO in the workspace");
    char self[512];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    setenv("LAB_BENCH_FIFO", fifo, 1);
    setenv("BRIGADE_CHECK", self, 1);
    puts("the lab, in a terminal of 100 columns");
    bench_first_frame(argv[1], argv[2]);
    bench_events(argv[1], argv[2], fifo);
    return 0;
}
