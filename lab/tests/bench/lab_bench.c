/* How the lab feels, measured from outside, as a terminal sees it: time to the first frame, from an event to the
 * screen, from a key to its frame in a long run, how fast it takes events in, what it costs while nothing happens, and
 * its memory.
 *
 *     lab_bench BRIGADE WORKSPACE          the bench
 *     lab_bench run ...                    what it gives the lab as its checker: prints an event for each
 *                                          line that comes through the FIFO $LAB_BENCH_FIFO; for the line
 *                                          "flood", FLOOD_EVENTS events at FLOOD_RATE a second
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    MARKS = 60,
    STARTS = 15,
    IDLE_S = 5,
    PATIENCE_MS = 10000,
    LOG_EVENTS = 100000,
    KEYS = 600,
    FLOOD_EVENTS = 200000,
    FLOOD_RATE = 50000, /* a second */
    QUIET_MS = 25,      /* no more of a frame comes after that */
};

/* --- a long run ----------------------------------------------------------------------------- */

struct tale { /* a cluster of four workers that answers, reports, dies and is replaced */
    FILE *to;
    long seq, request, message, reports[4];
    int workers[4], next_pid;
};

static void say(struct tale *tale, const char *type, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(struct tale *tale, const char *type, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(tale->to, "{\"type\":\"%s\",\"seq\":%ld,\"t_ns\":%ld,", type, tale->seq,
            tale->seq * 20000);
    vfprintf(tale->to, format, args);
    fputs("}\n", tale->to);
    va_end(args);
    tale->seq++;
}

static void begin_tale(struct tale *tale, FILE *to) {
    *tale = (struct tale){.to = to, .seq = 1, .workers = {3, 4, 5, 6}, .next_pid = 7};
    say(tale, "run",
        "\"v\":1,\"exercise\":\"stats\",\"title\":\"long\",\"clock\":\"real\",\"cpus\":4,"
        "\"box\":\"full\",\"version\":\"0\"");
    say(tale, "fork", "\"pid\":2,\"parent\":null,\"by\":null,\"kind\":\"start\"");
    for (int i = 0; i < 4; i++)
        say(tale, "fork", "\"pid\":%d,\"parent\":2,\"by\":2,\"kind\":\"fork\"", tale->workers[i]);
}

static void answer_one(struct tale *tale) {
    long request = ++tale->request;
    int pid = tale->workers[request % 4];
    say(tale, "request",
        "\"request\":%ld,\"connection\":%ld,\"method\":\"GET\",\"target\":\"/?n=%lx\"", request,
        request, request * 7919);
    say(tale, "accept", "\"pid\":%d,\"connection\":%ld", pid, request);
    say(tale, "taken", "\"pid\":%d,\"request\":%ld,\"connection\":%ld", pid, request, request);
    say(tale, "reply", "\"pid\":%d,\"connection\":%ld,\"request\":%ld,\"bytes\":85", pid, request,
        request);
    say(tale, "answer",
        "\"request\":%ld,\"connection\":%ld,\"pid\":%d,\"status\":200,\"bytes\":85,\"ms\":1.5,"
        "\"well_formed\":true,\"body\":\"hello from %d\"",
        request, request, pid, pid);
    tale->reports[request % 4]++;
}

static void report_one(struct tale *tale, int worker) {
    int pid = tale->workers[worker];
    long count = tale->reports[worker];
    say(tale, "message",
        "\"message\":%ld,\"channel\":%d,\"from\":%d,\"to\":2,\"bytes\":24,\"parts\":1,\"complete\":"
        "true,\"value\":{\"pid\":%d,\"count\":%ld},\"since\":%ld",
        ++tale->message, pid, pid, pid, count, tale->seq - 1);
    say(tale, "received", "\"message\":%ld,\"channel\":%d,\"pid\":2,\"parts\":1", tale->message,
        pid);
    say(tale, "output",
        "\"pid\":2,\"stream\":\"stdout\",\"text\":\"worker %d has answered %ld\\n\",\"bytes\":30",
        pid, count);
}

static void replace_one(struct tale *tale, int worker) {
    say(tale, "exit", "\"pid\":%d,\"signal\":\"SIGKILL\",\"by_lab\":true", tale->workers[worker]);
    say(tale, "reap", "\"pid\":%d,\"by\":2,\"how\":\"wait\"", tale->workers[worker]);
    tale->workers[worker] = tale->next_pid++;
    tale->reports[worker] = 0;
    say(tale, "fork", "\"pid\":%d,\"parent\":2,\"by\":2,\"kind\":\"fork\"", tale->workers[worker]);
}

static void go_on(struct tale *tale) {
    answer_one(tale);
    if (tale->request % 8 == 0)
        report_one(tale, (int)(tale->request / 8 % 4));
    if (tale->request % 500 == 0)
        replace_one(tale, (int)(tale->request / 500 % 4));
}

/* --- as the checker ------------------------------------------------------------------------- */

/* As many events as a fast program brings about, evenly over the time. */
static void flood(struct tale *tale) {
    int64_t began_ns = clock_now_ns();
    long first = tale->seq;
    while (tale->seq - first < FLOOD_EVENTS) {
        int64_t due_ns = began_ns + (tale->seq - first) * (NS_PER_S / FLOOD_RATE);
        int64_t early_ms = (due_ns - clock_now_ns()) / NS_PER_MS;
        if (early_ms > 0) {
            fflush(tale->to);
            poll(NULL, 0, (int)early_ms); /* the rate is what is measured with */
        }
        go_on(tale);
    }
    double s = (double)(clock_now_ns() - began_ns) / 1e9;
    say(tale, "output", "\"pid\":2,\"stream\":\"stdout\",\"text\":\"FLOOD %.2f s\\n\",\"bytes\":12",
        s);
    fflush(tale->to);
}

static int play_checker(void) {
    struct tale tale;
    static char buffer[1 << 16];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    begin_tale(&tale, stdout);
    fflush(stdout);
    FILE *wishes = fopen(getenv("LAB_BENCH_FIFO"), "r");
    char mark[64];
    while (wishes && fgets(mark, sizeof mark, wishes)) {
        mark[strcspn(mark, "\n")] = '\0';
        if (!strcmp(mark, "flood"))
            flood(&tale);
        else
            say(&tale, "output", "\"pid\":2,\"stream\":\"stdout\",\"text\":\"%s\\n\",\"bytes\":%zu",
                mark, strlen(mark) + 1);
        fflush(stdout);
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
                      const char *word, const char *value) {
    struct winsize size = {.ws_row = 30, .ws_col = 100};
    screen->length = 0;
    screen->pid = forkpty(&screen->fd, NULL, NULL, &size);
    if (screen->pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        execl(lab, lab, "--workspace", workspace, word, value, (char *)NULL);
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
        ssize_t got =
            read(screen->fd, screen->seen + screen->length, sizeof screen->seen - screen->length);
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
    printf("  %-28s %6.1f ms median, %6.1f ms at the 99th percentile, %6.1f ms worst of %d   (to "
           "reach: %s)\n",
           what, ms[count / 2], ms[(count - 1) * 99 / 100], ms[count - 1], count, goal);
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
        start_lab(&screen, lab, workspace, NULL, NULL);
        await(&screen, "quit");
        ms[i] = (double)(clock_now_ns() - began_ns) / 1e6;
        stop_lab(&screen);
    }
    report("start to first frame", ms, STARTS, "50 ms");
}

static void bench_idle(const struct screen *screen, const char *what) {
    long before = ticks_of(screen->pid);
    poll(NULL, 0, IDLE_S * 1000); /* what is measured is doing nothing */
    long after = ticks_of(screen->pid);
    printf("  %-28s %6.2f %% of a CPU over %d s   (to reach: 0.5 %%)\n", what,
           (double)(after - before) * 100 / (double)sysconf(_SC_CLK_TCK) / IDLE_S, IDLE_S);
}

static void press(struct screen *screen, const char *key) {
    if (write(screen->fd, key, strlen(key)) < 0)
        fail("cannot type");
}

/* Until nothing more comes for QUIET_MS; returns when the last byte came, 0: nothing did. */
static int64_t await_quiet(struct screen *screen) {
    int64_t last_ns = 0;
    struct pollfd ready = {screen->fd, POLLIN, 0};
    while (poll(&ready, 1, QUIET_MS) == 1) {
        if (read(screen->fd, screen->seen, sizeof screen->seen) <= 0)
            fail("the lab is gone");
        last_ns = clock_now_ns();
    }
    return last_ns;
}

/* Keys of all kinds, in a run of LOG_EVENTS events. */
static void bench_keys(const char *lab, const char *workspace) {
    static const char *const keys[] = {
        ",",      ",", ".",       "\033[H", "\033[F",  ",", "t",      "\033[A",  "\033[5~", "M",
        "D",      "B", "\033[5~", "m",      "d",       "+", "\033[A", "\033[5~", "\033[H",  "m",
        "d",      "+", "\033[6~", "\033[F", "\033[A",  "-", "-",      "o",       "\033[A",  "o",
        "t",      "4", ",",       "5",      "\033[5~", "o", "o",      "3",       "\033[H",  "2",
        "\033[F", "6", "2",
    };
    struct screen screen;
    char path[512];
    double ms[KEYS];
    struct tale tale;
    int count = 0;
    snprintf(path, sizeof path, "%s/long.ndjson", workspace);
    FILE *log = fopen(path, "w");
    if (!log)
        fail("cannot write a log");
    begin_tale(&tale, log);
    while (tale.seq < LOG_EVENTS)
        go_on(&tale);
    say(&tale, "output", "\"pid\":2,\"stream\":\"stdout\",\"text\":\"LAST\\n\",\"bytes\":5");
    fclose(log);
    int64_t began_ns = clock_now_ns();
    start_lab(&screen, lab, workspace, "--log", path);
    await(&screen, "LAST");
    printf("  %-28s %6.0f ms for %d events\n", "a log read and shown",
           (double)(clock_now_ns() - began_ns) / 1e6, LOG_EVENTS);
    await_quiet(&screen);
    for (size_t i = 0; count < KEYS; i++) {
        int64_t pressed_ns = clock_now_ns();
        press(&screen, keys[i % (sizeof keys / sizeof keys[0])]);
        int64_t drawn_ns = await_quiet(&screen);
        if (drawn_ns) /* it changed something */
            ms[count++] = (double)(drawn_ns - pressed_ns) / 1e6;
        else if (i > 4 * KEYS)
            fail("keys change nothing");
    }
    report("a key to its frame, long run", ms, KEYS, "16 ms at the 99th percentile");
    bench_idle(&screen, "idle, a long run on screen");
    printf("  %-28s %6.1f MB, its keeper included   (to reach: 60 MB)\n", "memory, a long run",
           (double)resident_kb_of(screen.pid) / 1024);
    stop_lab(&screen);
}

/* While events come as fast as FLOOD_RATE, keys are heard. */
static void bench_flood(struct screen *screen, int wishes) {
    enum { PRESSES = 40 };
    double ms[PRESSES];
    char seconds[64];
    if (write(wishes, "flood\n", 6) != 6)
        fail("the checker is gone");
    for (int i = 0; i < PRESSES; i++) {
        int64_t pressed_ns = clock_now_ns();
        press(screen, i % 2 ? "\033" : "?");
        await(screen, i % 2 ? "Output" : "Keys");
        ms[i] = (double)(clock_now_ns() - pressed_ns) / 1e6;
        poll(NULL, 0, 50);
    }
    press(screen, "5");
    await(screen, "FLOOD");
    while (!memmem(screen->seen, screen->length, " s", 2)) {
        ssize_t got =
            read(screen->fd, screen->seen + screen->length, sizeof screen->seen - screen->length);
        if (got <= 0)
            fail("the lab is gone");
        screen->length += (size_t)got;
    }
    const char *told = memmem(screen->seen, screen->length, "FLOOD", 5);
    snprintf(seconds, sizeof seconds, "%.12s", told ? told : "");
    printf("  %-28s %d events, %s of %d s at full rate   (to reach: no longer)\n",
           "taken in, 50,000 a second", FLOOD_EVENTS, seconds, FLOOD_EVENTS / FLOOD_RATE);
    report("a key meanwhile", ms, PRESSES, "no stall");
}

static void bench_events(const char *lab, const char *workspace, const char *fifo) {
    struct screen screen;
    double ms[MARKS];
    start_lab(&screen, lab, workspace, "stats", NULL);
    await(&screen, "Task");
    if (write(screen.fd, "r", 1) != 1)
        fail("cannot type");
    int wishes = open(fifo, O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < MARKS; i++) {
        char mark[] =
            "--------\n"; /* unlike its neighbours in every column, so that it is drawn whole */
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
    bench_flood(&screen, wishes);
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
    bench_keys(argv[1], argv[2]);
    return 0;
}
