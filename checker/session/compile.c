/* A build command in a box of its own: no trace, but the same walls, and limits on time, memory and output. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/filter.h"
#include "session/internal.h"

struct compile {
    struct session *session;
    struct loop *loop;
    struct box *box;
    const struct limits *limits;
    struct build_outcome *outcome;
    struct buf output;
    int output_fd;
    bool ended;
};

static void on_output(void *ctx, int fd, uint32_t events) {
    struct compile *compile = ctx;
    (void)events;
    ssize_t got = buf_read(&compile->output, fd, 16384);
    if (got == -EAGAIN || got == -EINTR)
        return;
    if (got <= 0)
        loop_unwatch(compile->loop, fd);
    if (compile->limits->output_bytes &&
        (int64_t)compile->output.length > compile->limits->output_bytes) {
        compile->outcome->output = true;
        box_kill(compile->box);
        loop_stop(compile->loop);
    }
}

static void on_end(void *ctx, int wait_status, const struct rusage *usage) {
    struct compile *compile = ctx;
    compile->outcome->wait_status = wait_status;
    if (compile->limits->memory_bytes &&
        usage->ru_maxrss * INT64_C(1024) > compile->limits->memory_bytes)
        compile->outcome->memory = true;
    compile->ended = true;
    loop_stop(compile->loop);
}

static void on_time(void *ctx) {
    struct compile *compile = ctx;
    compile->outcome->timed_out = true;
    loop_stop(compile->loop);
}

static void on_signal(void *ctx, int number) {
    struct compile *compile = ctx;
    run_end(compile->session, OUTCOME_STOPPED, "stopped by signal %d (%s)", number,
                strsignal(number));
}

static int start(struct compile *compile, const struct build_command *command, int output_end,
                 struct err *err) {
    const struct limits *limits = command->limits;
    struct box_file *files = xcalloc(command->file_count, sizeof *files);
    for (size_t i = 0; i < command->file_count; i++)
        files[i] = (struct box_file){command->files[i].name, command->files[i].fd,
                                     command->files[i].executable};
    struct box_spec spec = {.argv = command->argv,
                            .files = files,
                            .file_count = command->file_count,
                            .limits = {.cpu_ms = limits->cpu_ms,
                                       .memory_bytes_each = limits->memory_bytes,
                                       .file_bytes = limits->file_bytes,
                                       .descriptors = limits->descriptors,
                                       .processes = limits->processes,
                                       .workdir_bytes = limits->file_bytes,
                                       .tmp_bytes = limits->file_bytes},
                            .stdin_fd = -1,
                            .stdout_fd = output_end,
                            .stderr_fd = output_end};
    int code = box_start(&compile->box, compile->loop, &spec, on_end, compile, err);
    free(files);
    if (code)
        return code;
    struct sock_fprog program = {0};
    scmp_filter_ctx filter = filter_new(err);
    code = filter ? filter_program(filter, &program, err) : -err->code;
    if (code == 0)
        code = box_open_gate(compile->box, &program, err);
    free(program.filter);
    if (filter)
        seccomp_release(filter);
    return code;
}

static void take_wanted(struct compile *compile, const struct build_command *command) {
    size_t count = 0;
    while (command->wanted && command->wanted[count])
        count++;
    compile->outcome->taken_fds = xcalloc(count + 1, sizeof *compile->outcome->taken_fds);
    for (size_t i = 0; i < count; i++) {
        int fd = box_take_file(compile->box, command->wanted[i], NULL);
        compile->outcome->taken_fds[i] = fd < 0 ? -1 : fd;
    }
}

static void run_to_end(struct compile *compile) {
    int timer = loop_timer_new(compile->loop, on_time, compile);
    if (compile->limits->wall_ms)
        loop_timer_set(compile->loop, timer, clock_now_ns() + compile->limits->wall_ms * NS_PER_MS);
    loop_on_signal(compile->loop, on_signal, compile);
    if (!compile->ended && !compile->outcome->output)
        loop_run(compile->loop);
    loop_timer_free(compile->loop, timer);
    box_kill(compile->box);
    while (buf_read(&compile->output, compile->output_fd, 16384) > 0 &&
           (int64_t)compile->output.length < INT64_C(64) << 20)
        continue;
}

int compile_run(void *ctx, const struct build_command *command, struct build_outcome *outcome,
                struct err *err) {
    struct session *session = ctx;
    struct compile compile = {.session = session, .loop = session->loop,
                              .limits = command->limits, .outcome = outcome};
    int ends[2];
    int code = fd_pipe(ends, err);
    if (code)
        return code;
    compile.output_fd = ends[0];
    fd_set_nonblocking(ends[0], true);
    int64_t began_ns = clock_now_ns();
    loop_watch(session->loop, ends[0], EPOLLIN, on_output, &compile);
    code = start(&compile, command, ends[1], err);
    fd_close(&ends[1]);
    if (code == 0) {
        outcome->started = true;
        run_to_end(&compile);
        take_wanted(&compile, command);
        outcome->wall_ms = (clock_now_ns() - began_ns) / NS_PER_MS;
        outcome->output_length = compile.output.length;
        outcome->output_text = buf_steal(&compile.output);
    }
    loop_unwatch(session->loop, ends[0]);
    char failure[ERR_TEXT_SIZE] = "";
    if (code == 0 && box_failure(compile.box))
        snprintf(failure, sizeof failure, "%s", box_failure(compile.box));
    box_free(compile.box);
    fd_close(&ends[0]);
    buf_release(&compile.output);
    if (code == 0 && failure[0])
        return err_set(err, ENOENT, "%s", failure);
    if (code == 0 && session->over)
        return err_set(err, EINTR, "%s", session->detail);
    return code;
}
