/* The virtual clock where several ways to wait meet; see programs/timing_hard.c. */
#include "tests/harness/trace_world.h"

enum {
    WHILE_MS = 20000,
    LATE_MS = 1000, /* of virtual time: 20 s of ours, so a busy machine does not matter */
    REAL_MOST_MS = 15000,
};

static void assert_scene(const char *scene, long took_ms, long result) {
    struct world world = {.scene = scene, .program = "tests/programs/timing_hard",
                          .options.virtual_clock = true};
    int64_t began_ns = clock_now_ns();
    play(&world);
    long took = said(&world, "took"), got = said(&world, "result");
    if (took < took_ms || took > took_ms + LATE_MS)
        fail_msg("%s took %ld ms of the program's time, expected %ld to %ld", scene, took, took_ms,
                 took_ms + LATE_MS);
    if (got != result)
        fail_msg("%s: result %ld, expected %ld", scene, got, result);
    int64_t real_ms = (clock_now_ns() - began_ns) / NS_PER_MS;
    if (real_ms > REAL_MOST_MS)
        fail_msg("%s took %ld ms of real time: it really waited", scene, (long)real_ms);
    end_world(&world);
}

struct expectation {
    const char *scene;
    long took_ms, result;
};

static void assert_all(const struct expectation *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_scene(list[i].scene, list[i].took_ms, list[i].result);
}

#define ASSERT_ALL(...)                                                                            \
    assert_all((const struct expectation[]){__VA_ARGS__},                                          \
               sizeof((const struct expectation[]){__VA_ARGS__}) / sizeof(struct expectation))

static void handlers_and_masks(void **state) {
    (void)state;
    ASSERT_ALL({"handlers_in_poll", WHILE_MS, 6}, {"sleep_until_after_handlers", WHILE_MS, 6},
               {"pselect_with_a_mask", 5000, EINTR},
               {"ppoll_masked", WHILE_MS, 0}, {"epoll_pwait_with_a_mask", 5000, EINTR},
               {"sigtimedwait_takes_an_alarm", 5000, SIGALRM}, {"alarm_ends_msgrcv", 5000, EINTR},
               {"alarm_ends_flock", 5000, EINTR});
}

static void timers_of_all_kinds(void **state) {
    (void)state;
    ASSERT_ALL({"timerfd_at_a_time_of_day", WHILE_MS, 1}, {"timerfd_in_the_past", 500, 31},
               {"timerfds_in_epoll", 21000, 743}, {"timer_in_a_stopped_process", WHILE_MS, 20},
               {"children_have_no_alarm", WHILE_MS, 1});
}

static void timers_over_exec(void **state) {
    (void)state;
    ASSERT_ALL({"alarm_over_exec", WHILE_MS, SIGALRM}, {"timerfd_over_exec", WHILE_MS, 1},
               {"posix_timer_ends_at_exec", WHILE_MS, 0});
}

static void a_timer_of_cpu_time_rings(void **state) {
    (void)state;
    assert_scene("cpu_timer", 0, 1);
}

static void threads_and_futexes(void **state) {
    (void)state;
    ASSERT_ALL({"thread_sleeps_while_main_computes", 300, 0}, {"join_of_a_sleeper", WHILE_MS, 0},
               {"futex_until_a_time_of_day", WHILE_MS, ETIMEDOUT},
               {"semaphore_posted_in_time", 5000, 0});
}

static void loops_that_never_wait(void **state) {
    (void)state;
    ASSERT_ALL({"looking_again_and_again", 300, 0}, {"yielding", 300, 0},
               {"second_by_second", 1000, 1});
}

static void much_and_little(void **state) {
    (void)state;
    ASSERT_ALL({"a_month", 0, 30}, {"thousand_short_sleeps", 1000, 0},
               {"daemon_writes_later", WHILE_MS, 1}, {"memory_shared_by_sleepers", 3000, 3});
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(handlers_and_masks),
    cmocka_unit_test(timers_of_all_kinds),
    cmocka_unit_test(timers_over_exec),
    cmocka_unit_test(a_timer_of_cpu_time_rings),
    cmocka_unit_test(threads_and_futexes),
    cmocka_unit_test(loops_that_never_wait),
    cmocka_unit_test(much_and_little),
};

CASES_MAIN(cases)
