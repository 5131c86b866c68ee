/* Programs that mean harm, each in a box: what they try is refused, and nothing of them is left. */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/harness/box_world.h"

enum { MB = 1 << 20 };

static const struct box_limits limits = {.processes = 32,
                                         .descriptors = 256,
                                         .memory_bytes_each = 64 * MB,
                                         .file_bytes = 16 * MB,
                                         .workdir_bytes = 8 * MB,
                                         .tmp_bytes = 4 * MB};

#define HOSTILE(name, ...)                                                                         \
    {                                                                                              \
        .argv = ARGV("./hostile_" name, ##__VA_ARGS__), .programs = {"hostile_" name},             \
        .limits = limits, .cpus = 4                                                                \
    }

static int figure_after(const struct world *world, const char *words) {
    assert_said(world, words);
    return atoi(strstr(world->output.data, words) + strlen(words));
}

static void a_fork_bomb_is_bounded_and_gone(void **state) {
    (void)state;
    struct world world = HOSTILE("forks");
    run(&world);
    assert_exit(&world, 0);
    assert_in_range(figure_after(&world, "born "), 16, 32 + 8);
    assert_said(&world, "Resource temporarily unavailable");
    end_world(&world);
}

static void two_fork_bombs_do_not_share_a_limit(void **state) {
    (void)state;
    struct world first = HOSTILE("forks"), second = HOSTILE("forks");
    run(&first); /* its children stay until its box ends */
    run(&second);
    assert_in_range(figure_after(&second, "born "), 16, 32 + 8);
    end_world(&second);
    end_world(&first);
}

static void memory_ends_at_its_limit(void **state) {
    (void)state;
    struct world world = HOSTILE("memory");
    run(&world);
    assert_exit(&world, 0);
    assert_in_range(figure_after(&world, "got "), 32, 64);
    end_world(&world);
}

static void a_disk_bomb_fills_its_own_folders_only(void **state) {
    (void)state;
    struct world world = HOSTILE("disk");
    run(&world);
    assert_exit(&world, 0);
    assert_in_range(figure_after(&world, "/work "), 4, 8);
    assert_in_range(figure_after(&world, "/tmp "), 2, 4);
    assert_in_range(figure_after(&world, "/dev/shm "), 16, 64);
    assert_said(&world, "/ 0 MB\n/dev 0 MB\n/etc 0 MB\n/usr 0 MB\n");
    int64_t bytes, files;
    assert_int_equal(box_usage(world.box, &bytes, &files), 0);
    assert_in_range(bytes, 4 * MB, 8 * MB);
    end_world(&world);
}

static void signals_to_everybody_hit_nobody(void **state) {
    (void)state;
    struct world world = HOSTILE("signals");
    run(&world);
    assert_exit(&world, 9); /* told by init, which lives */
    assert_string_equal(world.output.data, "init lives\n");
    end_world(&world);
}

static void init_cannot_be_looked_into(void **state) {
    (void)state;
    struct world world = HOSTILE("init", "filtered");
    run(&world);
    assert_string_equal(world.output.data, "done\n");
    end_world(&world);
}

static void init_is_closed_without_the_filter_too(void **state) {
    (void)state;
    struct world world = HOSTILE("init");
    world.unfiltered = true;
    run(&world);
    assert_string_equal(world.output.data, "done\n");
    end_world(&world);
}

static void denied_calls_are_denied_and_the_others_work(void **state) {
    (void)state;
    struct world world = HOSTILE("calls");
    run(&world);
    assert_string_equal(world.output.data, "0 calls were not as they should be\n");
    assert_exit(&world, 0);
    end_world(&world);
}

static void another_abi_is_killed(void **state) {
    (void)state;
    static const char *const kinds[] = {"i386", "x32"};
    for (size_t i = 0; i < 2; i++) {
        struct world world = HOSTILE("abi", kinds[i]);
        run(&world);
        if (strstr(world.output.data, "another architecture"))
            case_skip("only x86-64 has other ABIs to try");
        assert_string_equal(world.output.data, "tries\n");
        assert_true(WIFSIGNALED(world.status));
        assert_int_equal(WTERMSIG(world.status), SIGSYS);
        end_world(&world);
    }
}

/* A socket of the test's, in the network that we are in, found by its abstract name. */
static int listen_outside(char name[32]) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(name, 32, "brigade-test-%d", (int)getpid());
    memcpy(address.sun_path + 1, name, strlen(name));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void there_is_no_network_but_its_own(void **state) {
    (void)state;
    char name[32];
    int outside = listen_outside(name);
    struct world world = HOSTILE("network", name);
    run(&world);
    assert_string_equal(world.output.data, "tcp 1.1.1.1: Network is unreachable\n"
                                           "tcp 10.0.0.1: Network is unreachable\n"
                                           "tcp 169.254.169.254: Network is unreachable\n"
                                           "udp 8.8.8.8: Network is unreachable\n"
                                           "tcp 127.0.0.1: Connection refused\n"
                                           "abstract: Connection refused\n"
                                           "interface lo\n"
                                           "done\n");
    end_world(&world);
    close(outside);
}

static void daemons_die_with_the_box(void **state) {
    (void)state;
    struct world world = HOSTILE("daemon");
    run(&world);
    assert_exit(&world, 0);
    assert_said(&world, "leaves\n");
    end_world(&world);
}

static void endless_descriptors_end(void **state) {
    (void)state;
    struct world world = HOSTILE("calls");
    world.argv =
        ARGV("sh", "-c", "ulimit -n; ulimit -n 100000 2>&1 | grep -o 'Operation not permitted'");
    run(&world);
    assert_string_equal(world.output.data, "256\nOperation not permitted\n");
    end_world(&world);
}

static void endless_work_ends_by_its_cpu_time(void **state) {
    (void)state;
    struct world world = HOSTILE("calls");
    world.argv = ARGV("sh", "-c", "trap '' XCPU; while :; do :; done");
    world.limits.cpu_ms = 1000;
    run(&world);
    assert_true(WIFSIGNALED(world.status));
    assert_int_equal(WTERMSIG(world.status), SIGKILL);
    assert_in_range(world.usage.ru_utime.tv_sec + world.usage.ru_stime.tv_sec, 0, 2);
    end_world(&world);
}

static const struct CMUnitTest cases[] = {
    FOR_ROOT_AND_USER(a_fork_bomb_is_bounded_and_gone),
    FOR_ROOT_AND_USER(two_fork_bombs_do_not_share_a_limit),
    FOR_ROOT_AND_USER(memory_ends_at_its_limit),
    FOR_ROOT_AND_USER(a_disk_bomb_fills_its_own_folders_only),
    FOR_ROOT_AND_USER(signals_to_everybody_hit_nobody),
    FOR_ROOT_AND_USER(init_cannot_be_looked_into),
    FOR_ROOT_AND_USER(init_is_closed_without_the_filter_too),
    FOR_ROOT_AND_USER(denied_calls_are_denied_and_the_others_work),
    FOR_ROOT_AND_USER(another_abi_is_killed),
    FOR_ROOT_AND_USER(there_is_no_network_but_its_own),
    FOR_ROOT_AND_USER(daemons_die_with_the_box),
    FOR_ROOT_AND_USER(endless_descriptors_end),
    cmocka_unit_test(endless_work_ends_by_its_cpu_time),
};
BOX_CASES_MAIN(cases)
