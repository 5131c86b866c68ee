/* Descriptors: close-on-exec from birth, whole reads and writes, passing them on. */
#include "base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/harness/cases.h"

enum { MUCH = 1 << 20, FDS_AT_MOST = 253 };

static bool closes_on_exec(int fd) { return fcntl(fd, F_GETFD) & FD_CLOEXEC; }

static size_t open_fds(void) {
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static bool same_file(int a, int b) {
    struct stat one, other;
    assert_int_equal(fstat(a, &one), 0);
    assert_int_equal(fstat(b, &other), 0);
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static void every_descriptor_is_close_on_exec_from_birth(void **state) {
    (void)state;
    int pipe_ends[2], socket_ends[2];
    assert_int_equal(fd_pipe(pipe_ends, NULL), 0);
    assert_int_equal(fd_socketpair(SOCK_SEQPACKET, socket_ends, NULL), 0);
    int file = fd_from_bytes("x", "x", 1, NULL);
    for (int i = 0; i < 2; i++)
        assert_true(closes_on_exec(pipe_ends[i]) && closes_on_exec(socket_ends[i]));
    assert_true(closes_on_exec(file));
    fd_close(&file);
    for (int i = 0; i < 2; i++) {
        fd_close(&pipe_ends[i]);
        fd_close(&socket_ends[i]);
    }
}

static void closing_is_done_once_and_keeps_errno(void **state) {
    (void)state;
    int ends[2], none = -1;
    assert_int_equal(fd_pipe(ends, NULL), 0);
    errno = EXDEV;
    fd_close(&ends[0]);
    assert_int_equal(ends[0], -1);
    fd_close(&ends[0]);
    fd_close(&none);
    fd_close(&ends[1]);
    assert_int_equal(errno, EXDEV);
}

static void blocking_can_be_switched(void **state) {
    (void)state;
    int ends[2], none = -1;
    assert_int_equal(fd_pipe(ends, NULL), 0);
    assert_int_equal(fd_set_nonblocking(ends[0], true), 0);
    assert_true(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
    assert_int_equal(fd_set_nonblocking(ends[0], false), 0);
    assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
    assert_int_equal(fd_set_nonblocking(none, true), -EBADF);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
}

/* A process that reads `fd` to its end and exits with 0 when it got `wanted` bytes. */
static pid_t start_reader(int fd, int other_end, size_t wanted) {
    pid_t pid = fork();
    if (pid)
        return pid;
    struct buf bytes = {0};
    close(other_end);
    int code = fd_read_all(fd, &bytes, 2 * MUCH);
    _exit(code == 0 && bytes.length == wanted ? 0 : 1);
}

static void assert_exits_well(pid_t pid) {
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void everything_is_written_to_a_nonblocking_pipe_too(void **state) {
    (void)state;
    int ends[2];
    char *much = xcalloc(1, MUCH);
    assert_int_equal(fd_pipe(ends, NULL), 0);
    fd_set_nonblocking(ends[0], true); /* both ends are shared with the reader */
    fd_set_nonblocking(ends[1], true);
    pid_t reader = start_reader(ends[0], ends[1], MUCH);
    assert_int_equal(fd_write_all(ends[1], much, MUCH), 0);
    fd_close(&ends[1]);
    assert_exits_well(reader);
    fd_close(&ends[0]);
    free(much);
}

static void a_large_message_goes_out_whole_on_a_nonblocking_stream(void **state) {
    (void)state;
    int ends[2];
    char *much = xcalloc(1, MUCH);
    assert_int_equal(fd_socketpair(SOCK_STREAM, ends, NULL), 0);
    fd_set_nonblocking(ends[1], true);
    pid_t reader = start_reader(ends[0], ends[1], MUCH);
    assert_int_equal(fd_send(ends[1], much, MUCH, NULL, 0), 0);
    fd_close(&ends[1]);
    assert_exits_well(reader);
    fd_close(&ends[0]);
    free(much);
}

static void reading_stops_past_the_most_allowed(void **state) {
    (void)state;
    struct buf text = {0};
    int fd = fd_from_bytes("x", "12345", 5, NULL);
    assert_int_equal(fd_read_all(fd, &text, 5), 0);
    assert_string_equal(text.data, "12345");
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(fd_read_all(fd, &text, 4), -EFBIG);
    fd_close(&fd);
    buf_release(&text);
}

static void a_file_that_cannot_be_read_is_named(void **state) {
    (void)state;
    struct buf text = {0};
    struct err err = {0};
    assert_int_equal(file_read("/nowhere/at all", &text, 10, &err), -ENOENT);
    assert_string_equal(err.text, "cannot open /nowhere/at all: No such file or directory");
    assert_int_equal(file_read("/", &text, 10, &err), -EISDIR);
    assert_string_equal(err.text, "cannot read /: Is a directory");
    assert_int_equal(file_read("/proc/self/status", &text, 10, &err), -EFBIG);
    assert_string_equal(err.text, "/proc/self/status is larger than 10 bytes");
    buf_release(&text);
}

static void bytes_become_a_file_nobody_can_change(void **state) {
    (void)state;
    struct buf text = {0};
    int fd = fd_from_bytes("x", "fixed", 5, NULL);
    assert_int_equal(fd_read_all(fd, &text, 100), 0);
    assert_string_equal(text.data, "fixed");
    assert_int_equal(write(fd, "y", 1), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 0), -1);
    fd_close(&fd);
    buf_release(&text);
}

static void descriptors_pass_and_arrive_close_on_exec(void **state) {
    (void)state;
    int ends[2], pipe_ends[2], got[4];
    size_t count = 4;
    char text[8] = "";
    assert_int_equal(fd_socketpair(SOCK_SEQPACKET, ends, NULL), 0);
    assert_int_equal(fd_pipe(pipe_ends, NULL), 0);
    assert_int_equal(fd_send(ends[0], "pair", 4, pipe_ends, 2), 0);
    assert_int_equal(fd_receive(ends[1], text, sizeof text, got, &count), 4);
    assert_string_equal(text, "pair");
    assert_int_equal(count, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(same_file(got[i], pipe_ends[i]));
        assert_true(closes_on_exec(got[i]));
        fd_close(&got[i]);
        fd_close(&pipe_ends[i]);
    }
    fd_close(&ends[0]);
    count = 4;
    assert_int_equal(fd_receive(ends[1], text, sizeof text, got, &count), 0);
    assert_int_equal(count, 0);
    fd_close(&ends[1]);
}

static void as_many_descriptors_pass_as_the_kernel_takes(void **state) {
    (void)state;
    int ends[2], given[FDS_AT_MOST + 1], got[FDS_AT_MOST];
    size_t count = FDS_AT_MOST;
    char byte;
    for (size_t i = 0; i <= FDS_AT_MOST; i++)
        given[i] = STDIN_FILENO;
    assert_int_equal(fd_socketpair(SOCK_STREAM, ends, NULL), 0);
    assert_int_equal(fd_send(ends[0], "x", 1, given, FDS_AT_MOST + 1), -EINVAL);
    assert_int_equal(fd_send(ends[0], "x", 1, given, FDS_AT_MOST), 0);
    assert_int_equal(fd_receive(ends[1], &byte, 1, got, &count), 1);
    assert_int_equal(count, FDS_AT_MOST);
    for (size_t i = 0; i < count; i++)
        fd_close(&got[i]);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
}

static void descriptors_without_room_are_closed_not_leaked(void **state) {
    (void)state;
    int ends[2], given[] = {0, 0, 0}, got[1];
    size_t count = 1;
    char byte;
    assert_int_equal(fd_socketpair(SOCK_STREAM, ends, NULL), 0);
    size_t before = open_fds();
    assert_int_equal(fd_send(ends[0], "x", 1, given, 3), 0);
    assert_int_equal(fd_receive(ends[1], &byte, 1, got, &count), 1);
    assert_int_equal(count, 1);
    fd_close(&got[0]);
    assert_int_equal(open_fds(), before);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
}

static void a_packet_that_does_not_fit_is_an_error_without_a_leak(void **state) {
    (void)state;
    int ends[2], given[] = {0}, got[1];
    size_t count = 1;
    char little[2];
    assert_int_equal(fd_socketpair(SOCK_SEQPACKET, ends, NULL), 0);
    size_t before = open_fds();
    assert_int_equal(fd_send(ends[0], "long", 4, given, 1), 0);
    assert_int_equal(fd_receive(ends[1], little, sizeof little, got, &count), -EMSGSIZE);
    assert_int_equal(count, 0);
    assert_int_equal(open_fds(), before);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
}

static void sending_to_nobody_is_an_error_and_no_signal(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(fd_socketpair(SOCK_STREAM, ends, NULL), 0);
    fd_close(&ends[1]);
    assert_int_equal(fd_send(ends[0], "x", 1, NULL, 0), -EPIPE);
    fd_close(&ends[0]);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_descriptor_is_close_on_exec_from_birth),
    cmocka_unit_test(closing_is_done_once_and_keeps_errno),
    cmocka_unit_test(blocking_can_be_switched),
    cmocka_unit_test(everything_is_written_to_a_nonblocking_pipe_too),
    cmocka_unit_test(a_large_message_goes_out_whole_on_a_nonblocking_stream),
    cmocka_unit_test(reading_stops_past_the_most_allowed),
    cmocka_unit_test(a_file_that_cannot_be_read_is_named),
    cmocka_unit_test(bytes_become_a_file_nobody_can_change),
    cmocka_unit_test(descriptors_pass_and_arrive_close_on_exec),
    cmocka_unit_test(as_many_descriptors_pass_as_the_kernel_takes),
    cmocka_unit_test(descriptors_without_room_are_closed_not_leaked),
    cmocka_unit_test(a_packet_that_does_not_fit_is_an_error_without_a_leak),
    cmocka_unit_test(sending_to_nobody_is_an_error_and_no_signal),
};

CASES_MAIN(cases)
