/* The program in its box, from the gate to the last process gone. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/share.h"
#include "sandbox/filter.h"
#include "session/internal.h"

#define LOOK_NS (100 * NS_PER_MS)
#define ENDING_MOST_NS                                                                             \
    (10 * NS_PER_S) /* a killed box is gone in milliseconds; past this we give up */

/* The tracer tells of the limit on CPU time with its words; the kernel's own is there should it fail to. */
enum { CPU_TO_SPARE_MS = 5000 };
enum { FOLLOWED_MOST = 2 /* times the limit on CPU time: what it may cost us to follow the program */ };
enum { STARVED_MOST = 3 /* times the limit on real time */ };
enum { SANITIZED_MEMORY = 4 /* times as much */ };
enum { QUIET_LOOKS = 3 /* in a row, before the program is said to wait for ever */ };

/* --- what the tracer tells ------------------------------------------------------------------ */

/* A crash of the first process is one, even where the scenario waits for its end. */
static void look_for_crash(struct session *session, const json_t *event) {
    const char *signal = event_text(event, "signal", NULL);
    int pid = (int)event_int(event, "pid", -1);
    if (event_type_of(event) == EVENT_FORK && !session->first_pid)
        session->first_pid = pid;
    else if (event_type_of(event) == EVENT_EXIT && signal && pid == session->first_pid &&
             !event_bool(event, "by_lab"))
        run_end(session, OUTCOME_CRASHED, "process %d, the program's first, was killed by %s", pid,
                signal);
}

/* The shell that goes through the cases is ours, and its children are the program. */
static void name_case(struct session *session, json_t *event) {
    const struct exercise *exercise = session->exercise;
    if (!exercise->case_count || event_type_of(event) != EVENT_FORK)
        return;
    if (!session->first_pid)
        json_object_set_new(event, "role", json_string("cases"));
    else if (event_int(event, "by", 0) == session->first_pid &&
             session->next_case < exercise->case_count)
        json_object_set_new(event, "case",
                            json_string(exercise->cases[session->next_case++].id));
}

static void on_trace_event(void *ctx, json_t *event) {
    name_case(ctx, event);
    diagnose_observe(ctx, event);
    look_for_crash(ctx, event);
    session_emit(ctx, event);
}

static uint64_t newest_seq(void *ctx) {
    struct session *session = ctx;
    return log_seq(session->log);
}

/* Nothing is asked of what is only watched. */
static bool only_watched(const struct session *session) {
    return session->exercise->step_count == 0;
}

static void end_by_first(struct session *session) {
    int status = session->first_status, pid = session->first_pid;
    if (session->scenario_done)
        run_end(session, OUTCOME_COMPLETED, "%s", "");
    else if (WIFEXITED(status) && only_watched(session))
        run_end(session, OUTCOME_COMPLETED, "process %d, the program's first, ended with code %d",
                pid, WEXITSTATUS(status));
    else if (session->drive && drive_outlives_program(session->drive))
        return;
    else if (WIFEXITED(status))
        run_end(session, OUTCOME_EXITED,
                "process %d, the program's first, ended with code %d before the run was over", pid,
                WEXITSTATUS(status));
    else if (session->drive && !drive_struck_by_user(session->drive, pid))
        run_end(session, OUTCOME_EXITED,
                "process %d, the program's first, died of the signal that it was sent (%s) before "
                "the run was over",
                pid, strsignal(WTERMSIG(status)));
    else
        run_end(session, OUTCOME_STOPPED, "process %d, the program's first, was killed by you",
                pid);
}

static void on_first_ended(void *ctx, int wait_status) {
    struct session *session = ctx;
    session->first_status = wait_status;
    const char *failure = box_failure(session->box);
    if (failure) {
        run_end(session, OUTCOME_ERROR, "%s", failure);
        return;
    }
    end_by_first(
        session); /* the driver has heard of the exit already, and may have been done with it */
}

static void on_limit(void *ctx, enum outcome outcome, const char *detail) {
    run_end(ctx, outcome, "%s", detail);
}

/* --- what the driver asks for --------------------------------------------------------------- */

static int64_t drive_now_ns(void *ctx) {
    struct session *session = ctx;
    return trace_now_ns(session->trace);
}

static int drive_socket(void *ctx, struct err *err) {
    struct session *session = ctx;
    return box_tcp_socket(session->box, err);
}

static int drive_signal(void *ctx, int pid, int signal) {
    struct session *session = ctx;
    return trace_signal(session->trace, pid, signal);
}

static int drive_fault(void *ctx, const struct fault *fault) {
    struct session *session = ctx;
    return trace_fault(session->trace, fault);
}

static void drive_hold(void *ctx, int processes) {
    struct session *session = ctx;
    trace_hold_accepts(session->trace, processes);
}

static int drive_diag_socket(void *ctx, struct err *err) {
    struct session *session = ctx;
    return box_diag_socket(session->box, err);
}

static void drive_deadline(void *ctx) {
    struct session *session = ctx;
    if (session->drive)
        trace_wake_at(session->trace, drive_deadline_ns(session->drive));
}

static void look_at_files(struct session *session) {
    const struct limits *limits = &session->exercise->run_limits;
    int64_t bytes = 0, files = 0;
    if (box_usage(session->box, &bytes, &files) < 0)
        return;
    if (limits->files && files > limits->files)
        run_end(session, OUTCOME_FILES,
                "%lld files in the working directory, /tmp and /dev/shm, allowed are %lld",
                (long long)files, (long long)limits->files);
    else if (limits->file_bytes && bytes >= limits->file_bytes)
        run_end(session, OUTCOME_FILES,
                "%lld MB in the working directory: that is all there is room for",
                (long long)bytes >> 20);
}

static void drive_done(void *ctx) {
    struct session *session = ctx;
    look_at_files(session);
    session->scenario_done = true;
    run_end(session, OUTCOME_COMPLETED, "%s", "");
}

/* --- moments and idleness ------------------------------------------------------------------- */

static void on_moment(void *ctx) {
    struct session *session = ctx;
    if (!session->drive)
        return;
    drive_time(session->drive);
    drive_deadline(session);
}

static bool on_in_flight(void *ctx) {
    struct session *session = ctx;
    return session->drive && drive_in_flight(session->drive);
}

static void end_deadlocked(struct session *session) {
    trace_idleness(session->trace, &session->waits);
    struct buf words = {0};
    size_t index;
    json_t *wait;
    json_array_foreach(session->waits, index, wait) {
        if (session->exercise->case_count && event_int(wait, "pid", 0) == session->first_pid)
            json_array_remove(session->waits, index); /* the shell of the cases: one must be left */
    }
    json_array_foreach(session->waits, index, wait) {
        const char *on = event_text(wait, "on", "");
        if (strcmp(event_text(wait, "in", ""), "stop") == 0)
            buf_printf(&words, "%s%d is stopped, and nobody sends it SIGCONT", index ? "; " : "",
                       (int)event_int(wait, "pid", 0));
        else
            buf_printf(&words, "%s%d waits in %s%s%s", index ? "; " : "",
                   (int)event_int(wait, "pid", 0), event_text(wait, "in", "?"), *on ? " on " : "",
                   on);
    }
    run_end(session, OUTCOME_DEADLOCKED, "%s", words.data ? words.data : "");
    buf_release(&words);
}

/* Whether the next move is the program's: in a free run the person's may be. */
static bool awaits_the_program(const struct session *session) {
    return session->options->free_run ? only_watched(session)
                                      : session->drive && drive_is_waiting(session->drive);
}

/* Nothing that the program does by itself will wake it. */
static void on_idle(void *ctx, enum idleness how) {
    struct session *session = ctx;
    look_at_files(session);
    if (session->over || !awaits_the_program(session))
        return;
    if (how == WAITS_ITSELF)
        end_deadlocked(session);
    else if (how == WAITS_OUTSIDE && !session->options->free_run)
        drive_program_idle(session->drive);
}

/* With the real clock: ten looks a second while the driver waits for the program alone. */
static void look_for_deadlock(struct session *session) {
    enum idleness idleness =
        awaits_the_program(session) ? trace_idleness(session->trace, NULL) : BUSY;
    if (idleness != WAITS_OUTSIDE && idleness != WAITS_ITSELF) {
        session->quiet_looks = 0;
    } else if (++session->quiet_looks >= QUIET_LOOKS) {
        session->quiet_looks = 0;
        on_idle(session, idleness);
    }
}

/* --- timers --------------------------------------------------------------------------------- */

static int64_t wall_limit_ns(const struct session *session) { /* 0: none */
    int64_t wall_ms = session->options->free_run ? 0 : session->exercise->run_limits.wall_ms;
    if (session->wall_most_ms && (!wall_ms || wall_ms > session->wall_most_ms))
        wall_ms = session->wall_most_ms;
    return wall_ms * NS_PER_MS;
}

static int64_t cpu_limit_ms(const struct session *session) { /* 0: none */
    return session->options->free_run ? 0 : session->exercise->run_limits.cpu_ms;
}

static int64_t used_to_follow_ns(const struct session *session) {
    return share_used_ns() - session->used_before_ns;
}

/* Who has used most of that time is worth a name, and that its calls were too many to follow is worth a word. */
static void end_late(struct session *session, int64_t limit_ns) {
    int pid = 0;
    int64_t used_ns = session->trace ? trace_busiest(session->trace, &pid) : 0;
    int64_t ours_ns = used_to_follow_ns(session);
    char who[64] = "", calls[64] = "";
    if (used_ns > limit_ns / 50)
        snprintf(who, sizeof who, "; process %d used %.1f s of CPU", pid, (double)used_ns / NS_PER_S);
    if (ours_ns > limit_ns / 10)
        snprintf(calls, sizeof calls, "; to follow its many calls took us %.1f s of CPU", (double)ours_ns / NS_PER_S);
    run_end(session, OUTCOME_TIMED_OUT, "the run took longer than %lld s of real time%s%s",
            (long long)(limit_ns / NS_PER_S), who, calls);
}

/* How long we stood in line for a CPU behind others. The program runs on the CPU that we run on, so that we stand behind
 * it as well: what it has used itself is no fault of the machine. */
static int64_t starved_ns(const struct session *session) {
    int64_t waited_ns = share_waited_ns() - session->waited_before_ns;
    int64_t own_ns = trace_cpu_ns(session->trace);
    return waited_ns > own_ns ? waited_ns - own_ns : 0;
}

/* Who has had as much CPU time as a process of it may use is not starved, however long it stood in line. What it costs us
 * to follow the program counts as its own: a timer of a nanosecond keeps us busier than the program. */
static bool had_its_share(const struct session *session, int64_t limit_ns) {
    int64_t cpu_most_ns = cpu_limit_ms(session) * NS_PER_MS;
    return used_to_follow_ns(session) + trace_cpu_ns(session->trace) >= (cpu_most_ns ? cpu_most_ns : limit_ns);
}

/* The limit is on time in which the run could go on: what others took of the CPU is no fault of the program, and comes on
 * top, up to STARVED_MOST times the limit. Who is starved for longer cannot be graded here. */
static void on_wall(void *ctx) {
    struct session *session = ctx;
    int64_t limit_ns = wall_limit_ns(session), most_ns = limit_ns * STARVED_MOST;
    int64_t waited_ns = starved_ns(session);
    int64_t end_ns = session->run_began_ns + limit_ns + (waited_ns < most_ns ? waited_ns : most_ns);
    if (end_ns > clock_now_ns())
        loop_timer_set(session->loop, session->wall_timer, end_ns);
    else if (waited_ns >= most_ns && !had_its_share(session, limit_ns))
        run_end(session, OUTCOME_ERROR,
                "this machine is too busy: the run had to wait for a CPU for %lld s, besides the "
                "%lld s that it may take",
                (long long)(waited_ns / NS_PER_S), (long long)(limit_ns / NS_PER_S));
    else
        end_late(session, limit_ns);
}

/* Who sleeps a thousand times a second, in sixty processes, uses little CPU time itself. */
static void look_at_cost(struct session *session) {
    int64_t most_ns = cpu_limit_ms(session) * FOLLOWED_MOST * NS_PER_MS;
    if (most_ns && used_to_follow_ns(session) > most_ns)
        run_end(session, OUTCOME_TIMED_OUT,
                "to follow the many calls of the program took more than %lld s of CPU",
                (long long)(most_ns / NS_PER_S));
}

static void on_look(void *ctx) {
    struct session *session = ctx;
    loop_timer_set(session->loop, session->look_timer, clock_now_ns() + LOOK_NS);
    look_at_files(session);
    look_at_cost(session);
    if (session->options->real_clock)
        look_for_deadlock(session);
    if (report_failure(session->report))
        run_end(session, OUTCOME_STOPPED, "nobody reads the events any more");
}

static void on_signal(void *ctx, int number) {
    run_end(ctx, OUTCOME_STOPPED, "stopped by signal %d (%s)", number, strsignal(number));
}

/* --- the run -------------------------------------------------------------------------------- */

static int start_box(struct session *session, struct err *err) {
    const struct limits *limits = &session->exercise->run_limits;
    struct box_file *files = xcalloc(session->build.file_count, sizeof *files);
    for (size_t i = 0; i < session->build.file_count; i++)
        files[i] = (struct box_file){session->build.files[i].name, session->build.files[i].fd,
                                     session->build.files[i].executable};
    struct box_spec spec = {
        .argv = session->command.argv,
        .files = files,
        .file_count = session->build.file_count,
        .limits = {.cpu_ms = cpu_limit_ms(session) ? cpu_limit_ms(session) + CPU_TO_SPARE_MS : 0,
                   .memory_bytes_each = session->sanitized ? 0 : limits->memory_bytes,
                   .file_bytes = limits->file_bytes,
                   .descriptors = limits->descriptors,
                   .processes = limits->processes,
                   .workdir_bytes = limits->file_bytes,
                   .tmp_bytes = limits->file_bytes},
        .cpus = session->exercise->cpus,
        .stdin_fd = -1,
        .stdout_fd = session->stdio.stdout_fd,
        .stderr_fd = session->stdio.stderr_fd,
    };
    int code = box_start(&session->box, session->loop, &spec, NULL, NULL, err);
    free(files);
    return code;
}

/* Those that need calls traced which are not otherwise. */
static bool may_have_faults(const struct session *session) {
    for (size_t i = 0; i < session->exercise->step_count; i++)
        if (strcmp(session->exercise->steps[i].what, "fault") == 0)
            return true;
    return session->options->control;
}

static int start_trace(struct session *session, struct err *err) {
    static const struct trace_ops ops = {on_trace_event, newest_seq,   on_first_ended, on_limit,
                                         on_moment,      on_in_flight, on_idle};
    const struct limits *limits = &session->exercise->run_limits;
    struct trace_options options = {.faults = may_have_faults(session),
                                    .virtual_clock = !session->options->real_clock,
                                    .paced = session->options->paced_clock,
                                    .reads = true,
                                    .states = session->options->live,
                                    .port = session->exercise->port,
                                    .cpus = session->exercise->cpus,
                                    .most_tasks = limits->processes,
                                    .most_cpu_ns = cpu_limit_ms(session) * NS_PER_MS,
                                    .most_memory_bytes =
                                        limits->memory_bytes * (session->sanitized ? SANITIZED_MEMORY : 1),
                                    .most_output_bytes = limits->output_bytes,
                                    .stdout_end = session->stdio.stdout_end,
                                    .stderr_end = session->stdio.stderr_end};
    session->trace = trace_new(session->loop, &options, &ops, session);
    return trace_seize(session->trace, box_program_pid(session->box), err);
}

static int open_gate(struct session *session, struct err *err) {
    struct sock_fprog program = {0};
    scmp_filter_ctx filter = filter_new(err);
    int code = filter ? trace_add_rules(filter, trace_options(session->trace), err) : -err->code;
    if (code == 0)
        code = filter_program(filter, &program, err);
    if (code == 0) {
        trace_start(session->trace);
        code = box_open_gate(session->box, &program, err);
    }
    free(program.filter);
    if (filter)
        seccomp_release(filter);
    return code;
}

static void start_timers(struct session *session) {
    struct loop *loop = session->loop;
    session->wall_timer = loop_timer_new(loop, on_wall, session);
    session->look_timer = loop_timer_new(loop, on_look, session);
    session->run_began_ns = clock_now_ns();
    session->waited_before_ns = share_waited_ns();
    session->used_before_ns = share_used_ns();
    if (wall_limit_ns(session))
        loop_timer_set(loop, session->wall_timer, session->run_began_ns + wall_limit_ns(session));
    loop_timer_set(loop, session->look_timer, clock_now_ns() + LOOK_NS);
}

static void start_drive(struct session *session) {
    static const struct drive_ops ops = {drive_now_ns, drive_socket,   drive_diag_socket,
                                         drive_signal, drive_fault,    drive_hold,
                                         on_trace_event, drive_deadline, drive_done};
    session->drive = drive_new(session->loop, session->exercise, &ops, session);
    start_timers(session);
    if (session->options->free_run)
        drive_start_free(session->drive);
    else
        drive_start(session->drive);
    drive_deadline(session);
}

static void on_ending_late(void *ctx) {
    struct session *session = ctx;
    session->started = false;
}

/* Kills the box and hears out the tracer, so that no tracee and no zombie of ours is left. */
static void finish_run(struct session *session) {
    loop_timer_free(session->loop, session->wall_timer);
    loop_timer_free(session->loop, session->look_timer);
    trace_finish(session->trace);
    struct drive *drive = session->drive;
    session->drive = NULL;
    drive_free(drive);
    box_kill(session->box);
    int timer = loop_timer_new(session->loop, on_ending_late, session);
    loop_timer_set(session->loop, timer, clock_now_ns() + ENDING_MOST_NS);
    while (session->started && !trace_is_empty(session->trace))
        loop_step(session->loop, -1);
    loop_timer_free(session->loop, timer);
}

static int start(struct session *session, struct err *err) {
    int code = program_stdio_open(&session->stdio, session->loop, err);
    if (code == 0)
        code = start_box(session, err);
    if (code == 0)
        code = start_trace(session, err);
    if (code == 0) {
        loop_on_signal(session->loop, on_signal, session);
        session->started = true;
        start_drive(session);
        code = open_gate(session, err);
        program_stdio_started(&session->stdio);
    }
    return code;
}

int run_program(struct session *session, struct err *err) {
    int code = start(session, err);
    if (code == 0) {
        if (session->options->control)
            control_start(session);
        if (!session->over)
            loop_run(session->loop);
        control_stop(session);
    }
    if (session->started)
        finish_run(session);
    box_free(session->box);
    session->box = NULL;
    program_stdio_close(&session->stdio);
    return code;
}
