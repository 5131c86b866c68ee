/* The box: what a program finds in it, how it starts and ends, and what is taken out of it. */
#include "sandbox/box.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/harness/box_world.h"

/* --- starting and ending ------------------------------------------------------------------------ */

static void the_end_of_the_program_is_told(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "echo here; exit 7")};
    run(&world);
    assert_exit(&world, 7);
    assert_string_equal(world.output.data, "here\n");
    assert_string_equal(box_level(world.box), "full");
    assert_null(box_failure(world.box));
    end_world(&world);
}

static void a_death_by_a_signal_is_told(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "kill -SEGV $$")};
    run(&world);
    assert_true(WIFSIGNALED(world.status));
    assert_int_equal(WTERMSIG(world.status), SIGSEGV);
    end_world(&world);
}

static void a_program_that_is_not_there_is_told(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("./app")};
    run(&world);
    assert_exit(&world, 126);
    assert_non_null(box_failure(world.box));
    assert_string_equal(box_failure(world.box),
                        "cannot start `./app` in the box: No such file or directory");
    end_world(&world);
}

static void a_file_that_is_not_executable_is_told(void **state) {
    (void)state;
    int fd = fd_from_bytes("app", "#!/bin/sh\n", 10, NULL);
    struct world world = {.argv = ARGV("./app"), .files = {{"app", fd, false}}};
    run(&world);
    assert_string_equal(box_failure(world.box),
                        "cannot start `./app` in the box: Permission denied");
    end_world(&world);
}

static void nothing_runs_before_the_gate_opens(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "echo went")};
    start(&world);
    assert_true(kill(box_program_pid(world.box), 0) == 0 || errno == EPERM);
    end_world(&world); /* never opened */
    world = (struct world){.argv = ARGV("sh", "-c", "echo went; sleep 1000")};
    start(&world);
    assert_int_equal(world.output.length, 0);
    open_gate(&world);
    while (!world.output.length)
        loop_step(world.loop, -1);
    end_world(&world);
}

static void killing_twice_and_freeing_nothing_is_allowed(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sleep", "1000")};
    start(&world);
    open_gate(&world);
    box_kill(world.box);
    box_kill(world.box);
    box_free(NULL);
    end_world(&world);
    assert_int_equal(world.status, -1); /* a killed init tells no end */
}

static void a_stopped_program_is_ended(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "echo stops; kill -STOP $$")};
    start(&world);
    open_gate(&world);
    while (!world.output.length)
        loop_step(world.loop, -1);
    end_world(&world);
}

static void a_tracer_takes_over_at_the_gate(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "exit 5")};
    start(&world);
    pid_t pid = box_program_pid(world.box);
    if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC))
        fail_msg("PTRACE_SEIZE: %s", strerror(errno));
    open_gate(&world);
    int status;
    assert_int_equal(waitpid(pid, &status, __WALL), pid);
    assert_int_equal(status >> 8, SIGTRAP | PTRACE_EVENT_EXEC << 8);
    assert_int_equal(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
    await_end(&world);
    assert_exit(&world, 5);
    end_world(&world);
}

/* --- what is in it ------------------------------------------------------------------------------ */

static void the_box_is_the_same_on_every_machine(void **state) {
    (void)state;
    static const char script[] =
        "pwd; id -u; id -un; hostname; getconf _NPROCESSORS_ONLN; getconf _NPROCESSORS_CONF\n"
        "grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat; cat /proc/loadavg "
        ">/dev/null\n"
        "env | sort | grep -v ^_=";
    struct world world = {.argv = ARGV("sh", "-c", script), .cpus = 4};
    setenv("BRIGADE_SECRET", "of ours", 1);
    run(&world);
    assert_string_equal(world.output.data,
                        "/work\n1000\nstudent\nbrigade\n4\n4\n4\n4\n"
                        "HOME=/work\nLANG=C.UTF-8\nLC_MESSAGES=C\nNO_COLOR=1\n"
                        "PATH=/usr/local/bin:/usr/bin:/bin\nPWD=/work\nTERM=dumb\nTMPDIR=/tmp\n"
                        "USER=student\n");
    end_world(&world);
}

static void one_cpu_can_be_shown_as_well(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("getconf", "_NPROCESSORS_ONLN"), .cpus = 1};
    run(&world);
    assert_string_equal(world.output.data, "1\n");
    end_world(&world);
}

static void only_the_three_streams_are_open(void **state) {
    (void)state;
    int of_ours = open("/dev/null", O_RDONLY); /* not even one that would go through an exec */
    struct world world = {.argv = ARGV("sh", "-c", "exec ls /proc/self/fd")};
    run(&world);
    assert_string_equal(world.output.data, "0\n1\n2\n3\n"); /* 3 is the folder that ls reads */
    end_world(&world);
    close(of_ours);
}

static void the_program_leads_a_session_without_a_terminal(void **state) {
    (void)state;
    static const char script[] = "read -r a b c d pgrp session tty rest </proc/self/stat\n"
                                 "echo $((pgrp == $$)) $((session == $$)) $tty\n"
                                 "grep -E '^(NoNewPrivs|Seccomp|CapEff|CapBnd|SigBlk|SigIgn):' "
                                 "/proc/self/status";
    struct world world = {.argv = ARGV("sh", "-c", script)};
    signal(SIGPIPE, SIG_IGN);
    run(&world);
    assert_said(&world, "1 1 0\n");
    assert_said(&world, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    assert_said(&world, "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n");
    assert_said(&world, "NoNewPrivs:\t1\nSeccomp:\t2\n");
    end_world(&world);
}

static void the_machine_cannot_be_seen(void **state) {
    (void)state;
    static const char script[] =
        "for path in /home /root /var /opt /srv /mnt /run /boot /etc/shadow /etc/hostname "
        "/etc/ssh /work/main /sys/class /sys/fs /sys/kernel; do\n"
        "  [ ! -e $path ] || echo seen: $path\ndone\n"
        "ls /work /tmp /dev/shm; set -- /proc/[0-9]*; echo $#; cat /etc/passwd | wc -l; echo done";
    struct world world = {.argv = ARGV("sh", "-c", script), .cpus = 4};
    run(&world);
    assert_never_said(&world, "seen:");
    assert_string_equal(world.output.data, "/dev/shm:\n\n/tmp:\n\n/work:\n2\n1\ndone\n");
    end_world(&world);
}

static void only_its_own_folders_can_be_written(void **state) {
    (void)state;
    static const char script[] =
        "for path in / /usr /usr/bin /etc /dev /proc /proc/sys /sys/devices/system/cpu /lib; do\n"
        "  (: >$path/made) 2>/dev/null && echo written: $path\ndone\n"
        "for file in /etc/passwd /proc/cpuinfo /proc/sysrq-trigger /proc/sys/kernel/core_pattern "
        "/proc/sys/net/ipv4/ip_forward; do (: >>$file) 2>/dev/null && echo written: $file\ndone\n"
        "for path in /work /tmp /dev/shm; do : >$path/made || echo refused: $path; done; echo done";
    struct world world = {.argv = ARGV("sh", "-c", script), .cpus = 4};
    run(&world);
    assert_string_equal(world.output.data, "done\n");
    end_world(&world);
}

static void files_stand_where_they_belong(void **state) {
    (void)state;
    int tool = fd_from_bytes("tool", "#!/bin/sh\necho ran\n", 19, NULL);
    int data = fd_from_bytes("in.txt", "content\n", 8, NULL);
    int empty = fd_from_bytes("empty", "", 0, NULL);
    struct world world = {
        .argv =
            ARGV("sh", "-c", "./tool; cat data/in.txt; find . -type f -printf '%p %m\n' | sort"),
        .files = {{"tool", tool, true}, {"data/in.txt", data, false}, {"empty", empty, false}}};
    run(&world);
    assert_string_equal(world.output.data,
                        "ran\ncontent\n./data/in.txt 644\n./empty 644\n./tool 755\n");
    end_world(&world);
}

/* --- its network -------------------------------------------------------------------------------- */

static int tcp_socket(struct world *world) {
    struct err err = {0};
    int fd = box_tcp_socket(world->box, &err);
    if (fd < 0)
        fail_msg("%s", err.text);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    return fd;
}

static const struct sockaddr_in port_8000 = {.sin_family = AF_INET,
                                             .sin_port = 0x401f /* 8000, in the network's order */,
                                             .sin_addr = {0x0100007f}};

static void two_boxes_serve_the_same_port(void **state) {
    (void)state;
    struct world a = {.argv = ARGV("true")}, b = {.argv = ARGV("true")};
    const struct sockaddr *address = (const struct sockaddr *)&port_8000;
    start(&a);
    start(&b);
    int in_a = tcp_socket(&a), in_b = tcp_socket(&b), to_a = tcp_socket(&a);
    assert_int_equal(bind(in_a, address, sizeof port_8000), 0);
    assert_int_equal(bind(in_b, address, sizeof port_8000), 0);
    assert_int_equal(listen(in_a, 8), 0);
    int code = connect(to_a, address, sizeof port_8000);
    assert_true(code == 0 || errno == EINPROGRESS); /* a loop's three steps are over by then */
    int accepted = accept4(in_a, NULL, NULL, SOCK_CLOEXEC);
    assert_true(accepted >= 0);
    int to_b = tcp_socket(&b); /* bound, but nobody listens there */
    assert_int_equal(connect(to_b, address, sizeof port_8000), -1);
    assert_int_equal(errno, EINPROGRESS);
    struct pollfd refused = {.fd = to_b};
    assert_int_equal(poll(&refused, 1, MOST_RUN_MS), 1);
    assert_true(refused.revents & POLLERR);
    const int all[] = {in_a, in_b, to_a, to_b, accepted};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        close(all[i]);
    end_world(&b); /* whose end is its alone */
    assert_true(kill(box_init_pid(a.box), 0) == 0 || errno == EPERM);
    end_world(&a);
}

/* --- taking files out --------------------------------------------------------------------------- */

static int take(struct world *world, const char *name) {
    struct err err = {0};
    int fd = box_take_file(world->box, name, &err);
    assert_true(fd >= 0 || err.text[0]);
    return fd;
}

static void a_file_is_taken_out_after_the_end(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "mkdir d; echo made >d/out; chmod 0 d/out")};
    run(&world);
    assert_exit(&world, 0);
    if (geteuid() == 0) { /* the file is the box's user's, who took the right to read from itself */
        int fd = take(&world, "d/out");
        struct buf text = {0};
        assert_true(fd >= 0);
        assert_int_equal(fd_read_all(fd, &text, 100), 0);
        assert_string_equal(text.data, "made\n");
        buf_release(&text);
        close(fd);
    }
    box_kill(world.box);
    struct stat info;
    assert_int_equal(fstatat(box_workdir_fd(world.box), "d/out", &info, 0), 0);
    end_world(&world);
}

static void nothing_but_files_of_the_folder_is_taken(void **state) {
    (void)state;
    static const char script[] =
        "ln -s /etc/passwd link; ln -s link chain; ln -s /etc etc; mkfifo fifo; mkdir folder\n"
        "ln -s /dev/zero zero; ln -s . here; echo x >folder/file; ln -s /proc/self/fd/0 magic";
    static const char *const refused[] = {
        "link",
        "chain",
        "etc/passwd",
        "fifo",
        "folder",
        "zero",
        "here/folder/file",
        "magic",
        "../etc/passwd",
        "/etc/passwd",
        "folder/../../etc/passwd",
        "absent",
        "",
        "..",
        ".",
    };
    struct world world = {.argv = ARGV("sh", "-c", script)};
    run(&world);
    assert_exit(&world, 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int fd = take(&world, refused[i]);
        if (fd >= 0)
            fail_msg("`%s` was taken out of the box", refused[i]);
    }
    int fd = take(&world, "folder/file");
    assert_true(fd >= 0);
    close(fd);
    end_world(&world);
}

static void what_is_used_is_counted(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "head -c 1000000 /dev/zero >big; : >a; : >b")};
    int64_t bytes_before, files_before, bytes, files;
    start(&world);
    assert_int_equal(box_usage(world.box, &bytes_before, &files_before), 0);
    open_gate(&world);
    await_end(&world);
    assert_int_equal(box_usage(world.box, &bytes, &files), 0);
    assert_in_range(bytes - bytes_before, 1000000, 1100000);
    assert_int_equal(files - files_before, 3);
    end_world(&world);
}

/* --- what goes wrong outside -------------------------------------------------------------------- */

static void tighter_limits_of_ours_hold_inside(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("sh", "-c", "ulimit -n; ulimit -f"),
                          .limits = {.descriptors = 4096, .file_bytes = INT64_C(1) << 40}};
    struct rlimit few = {200, 200}, small = {512 << 20, 512 << 20};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    run(&world);
    assert_string_equal(world.output.data, "200\n1048576\n");
    end_world(&world);
}

static void a_machine_without_bubblewrap_is_told(void **state) {
    (void)state;
    struct world world = {.argv = ARGV("true")};
    struct err err = {0};
    setenv("PATH", "/nonexistent", 1);
    assert_int_equal(try_start(&world, &err), -ENOENT);
    assert_non_null(strstr(err.text, "bubblewrap (bwrap) is not installed"));
    end_world(&world);
}

static void without_descriptors_there_is_no_box_and_no_leak(void **state) {
    (void)state;
    struct rlimit before, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    bool started = false;
    for (rlim_t most = 12; most < 64 && !started; most++) {
        struct world world = {.argv = ARGV("true")};
        struct err err = {0};
        few = (struct rlimit){most, before.rlim_max};
        make_world(&world);
        struct box_spec spec = {
            .argv = world.argv, .cpus = 4, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        started = box_start(&world.box, world.loop, &spec, NULL, NULL, &err) == 0;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_true(started || err.text[0]);
        end_world(&world);
    }
    assert_true(started);
}

static const struct CMUnitTest cases[] = {
    FOR_ROOT_AND_USER(the_end_of_the_program_is_told),
    FOR_ROOT_AND_USER(a_death_by_a_signal_is_told),
    FOR_ROOT_AND_USER(a_program_that_is_not_there_is_told),
    FOR_ROOT_AND_USER(a_file_that_is_not_executable_is_told),
    FOR_ROOT_AND_USER(nothing_runs_before_the_gate_opens),
    FOR_ROOT_AND_USER(killing_twice_and_freeing_nothing_is_allowed),
    FOR_ROOT_AND_USER(a_stopped_program_is_ended),
    FOR_ROOT_AND_USER(a_tracer_takes_over_at_the_gate),
    FOR_ROOT_AND_USER(the_box_is_the_same_on_every_machine),
    FOR_ROOT_AND_USER(one_cpu_can_be_shown_as_well),
    FOR_ROOT_AND_USER(only_the_three_streams_are_open),
    FOR_ROOT_AND_USER(the_program_leads_a_session_without_a_terminal),
    FOR_ROOT_AND_USER(the_machine_cannot_be_seen),
    FOR_ROOT_AND_USER(only_its_own_folders_can_be_written),
    FOR_ROOT_AND_USER(files_stand_where_they_belong),
    FOR_ROOT_AND_USER(two_boxes_serve_the_same_port),
    FOR_ROOT_AND_USER(a_file_is_taken_out_after_the_end),
    FOR_ROOT_AND_USER(nothing_but_files_of_the_folder_is_taken),
    FOR_ROOT_AND_USER(what_is_used_is_counted),
    FOR_ROOT_AND_USER(tighter_limits_of_ours_hold_inside),
    FOR_ROOT_AND_USER(a_machine_without_bubblewrap_is_told),
    FOR_ROOT_AND_USER(without_descriptors_there_is_no_box_and_no_leak),
};
BOX_CASES_MAIN(cases)
