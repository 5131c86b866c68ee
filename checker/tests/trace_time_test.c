/* The virtual clock: every way to wait ends when it should, by the program's own clock, and long before by ours. */
#include "tests/harness/trace_world.h"

enum {
    WHILE_MS = 20000,   /* what most scenes wait for */
    LATE_MS = 1000,     /* of virtual time: 20 s of ours, so a busy machine does not matter */
    REAL_MOST_MS = 15000,
};

static int64_t began_real_ns;

static void wait_in(const char *program, struct world *world, const char *scene) {
    *world = (struct world){.scene = scene, .program = program, .options.virtual_clock = true};
    began_real_ns = clock_now_ns();
    play(world);
}

static void wait_through(struct world *world, const char *scene) {
    wait_in("tests/programs/timing", world, scene);
}

static void ring_through(struct world *world, const char *scene) {
    wait_in("tests/programs/timers", world, scene);
}

static void assert_took(const struct world *world, long ms) {
    long took = said(world, "took");
    if (took < ms || took > ms + LATE_MS)
        fail_msg("%s took %ld ms of the program's time, expected %ld to %ld", world->scene, took, ms,
                 ms + LATE_MS);
    int64_t real_ms = (clock_now_ns() - began_real_ns) / NS_PER_MS;
    if (real_ms > REAL_MOST_MS)
        fail_msg("%s took %ld ms of real time: it really waited", world->scene, (long)real_ms);
}

static void assert_said(const struct world *world, const char *word, long least, long most) {
    long value = said(world, word);
    if (value < least || value > most)
        fail_msg("%s: \"%s %ld\", expected %ld to %ld", world->scene, word, value, least, most);
}

/* --- calls with a timeout ------------------------------------------------------------------------- */

static const struct {
    const char *scene;
    long took_ms, result;
} waits[] = {
    {"nanosleep", WHILE_MS, 0},
    {"clock_nanosleep", WHILE_MS, 0},
    {"sleep_until", WHILE_MS, 0},
    {"sleep_until_realtime", WHILE_MS, 0},
    {"stopped_asleep", WHILE_MS, 0},
    {"stopped_in_poll", WHILE_MS, 0},
    {"stopped_beyond", WHILE_MS, 0},
    {"poll", WHILE_MS, 0},
    {"ppoll", WHILE_MS, 0},
    {"select", WHILE_MS, 0},
    {"pselect", WHILE_MS, 0},
    {"epoll_wait", WHILE_MS, 0},
    {"epoll_pwait2", WHILE_MS, 0},
    {"woken", WHILE_MS / 2, 1},
    {"just_looking", 0, 0},
    {"rcvtimeo", WHILE_MS, EAGAIN},
    {"sndtimeo", WHILE_MS, EAGAIN},
    {"cond", WHILE_MS, ETIMEDOUT},
    {"mutex", WHILE_MS, ETIMEDOUT},
    {"semaphore", WHILE_MS, ETIMEDOUT},
    {"futex", WHILE_MS, ETIMEDOUT},
    {"semtimedop", WHILE_MS, EAGAIN},
    {"mq", WHILE_MS, ETIMEDOUT},
    {"sigtimedwait", WHILE_MS, EAGAIN},
};

static void every_call_with_a_timeout_ends_in_time(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct world world;
        wait_through(&world, waits[i].scene);
        assert_took(&world, waits[i].took_ms);
        assert_said(&world, "result", waits[i].result, waits[i].result);
        end_world(&world);
    }
}

static void events_carry_the_programs_time_and_the_jumps(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "nanosleep");
    json_t *jump = the(&world, "jump", NULL, NULL);
    int64_t from_ns = event_int(jump, "from_ns", -1), to_ns = event_int(jump, "to_ns", -1);
    assert_true(from_ns >= 0 && to_ns - from_ns > (WHILE_MS - LATE_MS) * NS_PER_MS);
    assert_int_equal(trace_jump_count(world.trace), count(&world, "jump", NULL, NULL));
    json_t *end = the(&world, "exit", NULL, NULL);
    assert_true(event_int(end, "t_ns", 0) >= to_ns);
    end_world(&world);
}

static void select_leaves_empty_sets_and_no_time(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "select");
    assert_said(&world, "left", 0, 0);
    end_world(&world);
}

static void an_interrupted_sleep_tells_what_is_left(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "remainder");
    assert_said(&world, "result", EINTR, EINTR);
    assert_said(&world, "rest", WHILE_MS * 3 / 4 - LATE_MS, WHILE_MS * 3 / 4);
    assert_took(&world, WHILE_MS);
    end_world(&world);
}

static void a_socket_shows_the_timeout_that_it_was_given(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "rcvtimeo");
    assert_said(&world, "shown", WHILE_MS / 1000, WHILE_MS / 1000);
    end_world(&world);
}

static void a_thousand_short_sleeps_are_a_thousand_jumps(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "thousand_sleeps");
    assert_took(&world, WHILE_MS);
    assert_true(trace_jump_count(world.trace) >= 900);
    end_world(&world);
}

/* --- timers --------------------------------------------------------------------------------------- */

static void an_alarm_rings_as_if_the_kernel_had_rung_it(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "alarm");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "before", WHILE_MS / 1000 * 2, WHILE_MS / 1000 * 2);
    assert_said(&world, "rings", 1, 1);
    assert_said(&world, "kernel", 1, 1);
    assert_string_equal("kernel",
                        event_text(the(&world, "signal", "signal", "SIGALRM"), "why", ""));
    end_world(&world);
}

static void an_alarm_ends_a_wait_for_a_child(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "wait_with_alarm");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "result", EINTR, EINTR);
    end_world(&world);
}

static void an_interval_timer_rings_again_and_again(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "setitimer");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "left", WHILE_MS / 4000 - 1, WHILE_MS / 4000);
    end_world(&world);
}

static void a_posix_timer_rings_with_its_value(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "timer_create");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "left", WHILE_MS / 4 - LATE_MS, WHILE_MS / 4);
    assert_said(&world, "timer", 1, 1);
    assert_said(&world, "value", 42, 42);
    assert_said(&world, "deleted", 0, 0);
    end_world(&world);
}

static void a_posix_timer_counts_what_was_not_delivered(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "timer_overrun");
    assert_took(&world, WHILE_MS + WHILE_MS / 20);
    assert_said(&world, "rings", 1, 1);
    assert_said(&world, "overrun", 9, 9);
    assert_said(&world, "told", 9, 9);
    end_world(&world);
}

static void a_timer_that_starts_a_thread(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "timer_thread");
    assert_took(&world, WHILE_MS);
    end_world(&world);
}

static void a_timerfd_ticks(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "timerfd");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "ticks", 4, 4);
    assert_said(&world, "left", WHILE_MS / 4 - LATE_MS, WHILE_MS / 4);
    end_world(&world);
}

static void a_timerfd_counts_ticks_that_nobody_read(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "timerfd_unread");
    assert_took(&world, WHILE_MS + WHILE_MS / 200);
    assert_said(&world, "ticks", 100, 100);
    end_world(&world);
}

static void a_timerfd_armed_by_a_child_wakes_the_parent(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "timerfd_inherited");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "ticks", 1, 1);
    end_world(&world);
}

static void a_disarmed_timerfd_is_silent(void **state) {
    (void)state;
    struct world world;
    ring_through(&world, "timerfd_disarmed");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "ticks", 0, 0);
    end_world(&world);
}

/* --- clocks --------------------------------------------------------------------------------------- */

static void all_clocks_agree(void **state) {
    (void)state;
    static const char *const clocks[] = {"gettimeofday", "time",   "times", "sysinfo", "realtime",
                                         "boottime",     "coarse", "file"};
    struct world world;
    wait_through(&world, "clocks");
    assert_took(&world, WHILE_MS);
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        assert_said(&world, clocks[i], WHILE_MS / 1000, WHILE_MS / 1000 + LATE_MS / 1000 + 1);
    assert_said(&world, "apart", 0, 1);
    end_world(&world);
}

static void time_passes_for_who_asks_for_it_all_the_time(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "spin");
    assert_took(&world, 300);
    end_world(&world);
}

static void time_passes_for_who_computes(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "burn");
    assert_said(&world, "took", 250, 300 + LATE_MS);
    end_world(&world);
}

static void sleepers_wake_in_the_order_of_their_deadlines(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "two_sleepers");
    assert_took(&world, WHILE_MS);
    assert_said(&world, "order", 210, 210);
    end_world(&world);
}

static void a_parent_in_vfork_does_not_hold_the_clock(void **state) {
    (void)state;
    struct world world;
    wait_through(&world, "vfork_asleep");
    assert_took(&world, WHILE_MS);
    end_world(&world);
}

/* --- a paced clock -------------------------------------------------------------------------------- */

static void a_paced_clock_goes_as_ours(void **state) {
    (void)state;
    struct world world = {.scene = "short_sleeps",
                          .program = "tests/programs/timing",
                          .options = {.virtual_clock = true, .paced = true}};
    began_real_ns = clock_now_ns();
    play(&world);
    long took = said(&world, "took");
    int64_t real_ms = (clock_now_ns() - began_real_ns) / NS_PER_MS;
    assert_true(took >= 200 && took <= real_ms);
    assert_int_equal(0, trace_jump_count(world.trace));
    end_world(&world);
}

static void skip_at_exec(struct world *world, const json_t *event) {
    if (event_type_of(event) == EVENT_EXEC)
        trace_skip(world->trace);
}

static void a_paced_clock_jumps_once_when_asked(void **state) {
    (void)state;
    struct world world = {.scene = "nanosleep",
                          .program = "tests/programs/timing",
                          .options = {.virtual_clock = true, .paced = true},
                          .on_event = skip_at_exec};
    began_real_ns = clock_now_ns();
    play(&world);
    assert_took(&world, WHILE_MS);
    assert_int_equal(1, trace_jump_count(world.trace));
    end_world(&world);
}

/* --- deadlocks ------------------------------------------------------------------------------------ */

static void assert_deadlock(const char *scene, size_t tasks, const char *call, const char *on) {
    struct world world;
    wait_through(&world, scene);
    assert_int_equal(WAITS_ITSELF, world.idleness);
    json_decref(world.waits);
    world.waits = NULL;
    trace_idleness(world.trace, &world.waits);
    assert_int_equal(tasks, json_array_size(world.waits));
    const json_t *first = json_array_get(world.waits, 0);
    assert_string_equal(call, event_text(first, "in", ""));
    if (!strstr(event_text(first, "on", ""), on))
        fail_msg("waits on \"%s\", expected \"%s\"", event_text(first, "on", ""), on);
    end_world(&world);
}

static void a_deadlock_on_a_futex_is_told(void **state) {
    (void)state;
    assert_deadlock("deadlocked_futex", 1, "futex", "");
}

static void a_deadlock_on_pipes_is_told(void **state) {
    (void)state;
    assert_deadlock("deadlocked_pipe", 2, "read", "the channel with ");
}

static void a_deadlock_on_a_socketpair_is_told(void **state) {
    (void)state;
    assert_deadlock("deadlocked_socketpair", 2, "read", "the channel with ");
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_call_with_a_timeout_ends_in_time),
    cmocka_unit_test(events_carry_the_programs_time_and_the_jumps),
    cmocka_unit_test(select_leaves_empty_sets_and_no_time),
    cmocka_unit_test(an_interrupted_sleep_tells_what_is_left),
    cmocka_unit_test(a_socket_shows_the_timeout_that_it_was_given),
    cmocka_unit_test(a_thousand_short_sleeps_are_a_thousand_jumps),
    cmocka_unit_test(an_alarm_rings_as_if_the_kernel_had_rung_it),
    cmocka_unit_test(an_alarm_ends_a_wait_for_a_child),
    cmocka_unit_test(an_interval_timer_rings_again_and_again),
    cmocka_unit_test(a_posix_timer_rings_with_its_value),
    cmocka_unit_test(a_posix_timer_counts_what_was_not_delivered),
    cmocka_unit_test(a_timer_that_starts_a_thread),
    cmocka_unit_test(a_timerfd_ticks),
    cmocka_unit_test(a_timerfd_counts_ticks_that_nobody_read),
    cmocka_unit_test(a_timerfd_armed_by_a_child_wakes_the_parent),
    cmocka_unit_test(a_disarmed_timerfd_is_silent),
    cmocka_unit_test(all_clocks_agree),
    cmocka_unit_test(time_passes_for_who_asks_for_it_all_the_time),
    cmocka_unit_test(time_passes_for_who_computes),
    cmocka_unit_test(sleepers_wake_in_the_order_of_their_deadlines),
    cmocka_unit_test(a_parent_in_vfork_does_not_hold_the_clock),
    cmocka_unit_test(a_paced_clock_goes_as_ours),
    cmocka_unit_test(a_paced_clock_jumps_once_when_asked),
    cmocka_unit_test(a_deadlock_on_a_futex_is_told),
    cmocka_unit_test(a_deadlock_on_pipes_is_told),
    cmocka_unit_test(a_deadlock_on_a_socketpair_is_told),
};

CASES_MAIN(cases)
