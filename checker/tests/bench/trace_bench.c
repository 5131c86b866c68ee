/* What watching costs: requests per second of a prefork server bare, traced by us, and under strace with the same calls,
 * in turn in one run, so that only ratios count. Server and tracer share a CPU, the client has another. The events are
 * built, numbered and dropped.
 *
 *     trace_bench SERVER [ROUNDS [REQUESTS]]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "session/log.h"
#include "trace/trace.h"

enum { CONCURRENCY = 16, ROUNDS = 7, REQUESTS = 4000, FIRST_PORT = 21000 };

enum mode { BARE, TRACED, TRACED_READS, STRACE, STRACE_PINNED, MODES };

static const char *const mode_names[MODES] = {"bare", "traced: processes, accepts, writes",
                                              "traced, reads too", "strace -f --seccomp-bpf",
                                              "the same, pinned as we are"};

#define STRACE_CALLS                                                                               \
    "trace=write,writev,sendto,sendmsg,sendmmsg,sendfile,splice,tee,vmsplice,read,readv,recvfrom,"  \
    "recvmsg,recvmmsg,pipe,pipe2,socketpair,listen,accept,accept4,wait4,waitid,kill,tkill,tgkill"

static cpu_set_t every_cpu;

static void pin(int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

/* --- the client ----------------------------------------------------------------------------- */

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        write(fd, request, sizeof request - 1) < 0)
        exit(2);
    return fd;
}

static void add(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Sends that many requests, CONCURRENCY at a time. */
static void load(int port, int requests) {
    int epoll = epoll_create1(EPOLL_CLOEXEC), started = 0, done = 0;
    for (; started < CONCURRENCY && started < requests; started++)
        add(epoll, connect_to(port));
    while (done < requests) {
        struct epoll_event events[CONCURRENCY];
        int count = epoll_wait(epoll, events, CONCURRENCY, -1);
        for (int i = 0; i < count; i++) {
            char answer[512];
            if (read(events[i].data.fd, answer, sizeof answer) > 0)
                continue; /* the end comes next */
            close(events[i].data.fd);
            done++;
            if (started < requests) {
                add(epoll, connect_to(port));
                started++;
            }
        }
    }
    close(epoll);
}

/* --- the server, watched or not --------------------------------------------------------------- */

struct bench {
    struct loop *loop;
    struct log *log;
    struct trace *trace;
    uint64_t events;
};

static void emit(void *ctx, json_t *event) {
    struct bench *bench = ctx;
    bench->events++;
    log_emit(bench->log, event);
}
static uint64_t seq(void *ctx) { return log_seq(((struct bench *)ctx)->log); }
static void ended(void *ctx, int status) { (void)ctx, (void)status; }
static void limit(void *ctx, enum outcome outcome, const char *detail) {
    (void)ctx, (void)outcome, (void)detail;
}
static void moment(void *ctx) { (void)ctx; }
static bool in_flight(void *ctx) { return ctx == NULL; }
static void idle(void *ctx, enum idleness how) { (void)ctx, (void)how; }
static int64_t now(void *ctx) {
    struct bench *bench = ctx;
    return bench->trace ? trace_now_ns(bench->trace) : 0;
}

static _Noreturn void become_server(enum mode mode, const char *server, int port, int gate,
                                    int ready, const struct trace_options *options) {
    char number[16], byte;
    snprintf(number, sizeof number, "%d", port);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    if (mode == STRACE)
        sched_setaffinity(0, sizeof every_cpu, &every_cpu); /* as its users run it */
    else
        pin(0);
    if (read(gate, &byte, 1) != 1)
        _exit(3);
    dup2(ready, 3);
    if (mode == TRACED || mode == TRACED_READS) {
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        if (trace_add_rules(filter, options, NULL) || seccomp_load(filter))
            _exit(3);
    }
    if (mode == STRACE || mode == STRACE_PINNED)
        execlp("strace", "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", STRACE_CALLS,
               server, number, NULL);
    execl(server, server, number, NULL);
    _exit(3);
}

static void on_load_end(void *ctx, pid_t pid, int status) {
    (void)pid;
    if (status) {
        fprintf(stderr, "the client failed: %x\n", (unsigned)status);
        exit(1);
    }
    loop_stop(ctx);
}

static void on_ready(void *ctx, int fd, uint32_t events) {
    (void)fd, (void)events;
    loop_stop(ctx);
}

static double own_cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Seconds that the requests took, and of our own CPU meanwhile. */
static double measure(enum mode mode, const char *server, int port, int requests, double *cpu_s) {
    struct bench bench = {.loop = loop_new(NULL), .log = log_new()};
    static const struct trace_ops ops = {emit, seq, ended, limit, moment, in_flight, idle};
    struct trace_options options = {.reads = mode == TRACED_READS};
    bool traced = mode == TRACED || mode == TRACED_READS;
    int gate[2], ready[2];
    if (fd_pipe(gate, NULL) || fd_pipe(ready, NULL))
        exit(1);
    pid_t pid = fork();
    if (pid == 0)
        become_server(mode, server, port, gate[0], ready[1], &options);
    if (traced) {
        bench.trace = trace_new(bench.loop, &options, &ops, &bench);
        log_set_time(bench.log, now, &bench);
        struct err err;
        if (trace_seize(bench.trace, pid, &err)) {
            fprintf(stderr, "%s\n", err.text);
            exit(1);
        }
        trace_start(bench.trace);
    }
    fd_close(&ready[1]);
    (void)!write(gate[1], "g", 1);
    loop_watch(bench.loop, ready[0], EPOLLIN, on_ready, bench.loop);
    loop_run(bench.loop);
    loop_unwatch(bench.loop, ready[0]);
    int64_t began_ns = clock_now_ns();
    double cpu_began_s = own_cpu_s();
    pid_t client = fork();
    if (client == 0) {
        pin(1);
        load(port, requests);
        _exit(0);
    }
    loop_on_child(bench.loop, client, on_load_end, bench.loop);
    loop_run(bench.loop);
    double seconds = (double)(clock_now_ns() - began_ns) / 1e9;
    *cpu_s = own_cpu_s() - cpu_began_s;
    kill(-pid, SIGKILL);
    trace_free(bench.trace);
    while (waitpid(pid, NULL, __WALL) > 0)
        continue;
    while (waitpid(-1, NULL, __WALL) > 0)
        continue;
    fd_close(&gate[0]);
    fd_close(&gate[1]);
    fd_close(&ready[0]);
    log_free(bench.log);
    loop_free(bench.loop);
    return seconds;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

int main(int argc, char **argv) {
    int rounds = argc > 2 ? atoi(argv[2]) : ROUNDS, requests = argc > 3 ? atoi(argv[3]) : REQUESTS;
    if (argc < 2 || rounds < 1 || rounds > 99)
        return 2;
    alloc_use_for_json();
    sched_getaffinity(0, sizeof every_cpu, &every_cpu);
    pin(0);
    static double rate[MODES][99], cpu_us[MODES][99];
    int port = FIRST_PORT + getpid() % 20000;
    for (int round = -1; round < rounds; round++) /* the first round only warms up */
        for (int mode = 0; mode < MODES; mode++) {
            double cpu_s;
            double seconds = measure((enum mode)mode, argv[1], port++, requests, &cpu_s);
            if (round < 0)
                continue;
            rate[mode][round] = requests / seconds;
            cpu_us[mode][round] = cpu_s * 1e6 / requests;
        }
    double bare = median(rate[BARE], rounds), strace = median(rate[STRACE], rounds);
    printf("requests per second, median of %d rounds of %d, 4 workers, %d at once\n", rounds,
           requests, CONCURRENCY);
    for (int mode = 0; mode < MODES; mode++) {
        double here = mode == BARE ? bare : median(rate[mode], rounds);
        printf("  %-38s %8.0f   %.2f of bare   %.2f of strace", mode_names[mode], here,
               here / bare, here / strace);
        if (mode == TRACED || mode == TRACED_READS)
            printf("   our CPU a request: %.0f us", median(cpu_us[mode], rounds));
        putchar('\n');
    }
    return 0;
}
