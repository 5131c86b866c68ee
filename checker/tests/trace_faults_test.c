/* Faults brought about by the tracer: what the program sees of each, and what the events say. */
#include "tests/harness/trace_world.h"

static struct world world;

static void suffer(const char *scene, struct fault fault, bool virtual_clock) {
    world = (struct world){.scene = scene, .program = "tests/programs/faulty", .faulty = true,
                           .fault = fault, .options.virtual_clock = virtual_clock};
    play(&world);
}

static int faults(const char *kind) { return count(&world, "fault", "kind", kind); }

/* --- reads and writes ------------------------------------------------------------------------- */

static void reads_are_cut_short(void **state) {
    (void)state;
    suffer("read", (struct fault){.kind = FAULT_SHORT_READ, .bytes = 1, .times = 3}, false);
    assert_int_equal(4, said(&world, "reads"));
    assert_int_equal(3, faults("short-read"));
    assert_int_equal(1, count(&world, "message", NULL, NULL));
    end_world(&world);
}

static void writes_are_cut_short(void **state) {
    (void)state;
    suffer("write", (struct fault){.kind = FAULT_SHORT_WRITE, .bytes = 3}, false);
    assert_int_equal(3, said(&world, "writes"));
    assert_int_equal(1, count(&world, "message", NULL, NULL));
    end_world(&world);
}

static void a_read_is_interrupted(void **state) {
    (void)state;
    suffer("read", (struct fault){.kind = FAULT_EINTR, .times = 3}, false);
    assert_int_equal(3, faults("eintr"));
    assert_int_equal(1, said(&world, "reads"));
    end_world(&world);
}

static void a_read_finds_nothing(void **state) {
    (void)state;
    suffer("read", (struct fault){.kind = FAULT_EAGAIN, .times = 2}, false);
    assert_int_equal(2, faults("eagain"));
    assert_int_equal(1, said(&world, "reads"));
    end_world(&world);
}

static void a_fork_fails_once(void **state) {
    (void)state;
    suffer("fork", (struct fault){.kind = FAULT_FORK, .times = 1}, false);
    assert_int_equal(EAGAIN, said(&world, "errno"));
    assert_true(said(&world, "child") > 0);
    assert_int_equal(1, faults("fork-fails"));
    end_world(&world);
}

static void a_fault_for_somebody_else_is_none(void **state) {
    (void)state;
    suffer("fork", (struct fault){.kind = FAULT_FORK, .times = 1, .pid = 1}, false);
    assert_int_equal(0, said(&world, "errno"));
    assert_int_equal(0, faults("fork-fails"));
    end_world(&world);
}

/* --- joined messages -------------------------------------------------------------------------- */

static void messages_are_joined(bool virtual_clock) {
    suffer("two_messages", (struct fault){.kind = FAULT_JOIN, .times = 1}, virtual_clock);
    assert_int_equal(16, said(&world, "got"));
    assert_in_range(faults("join"), 0, 1); /* a slow reader may find both there */
    assert_int_equal(2, count(&world, "message", NULL, NULL));
    end_world(&world);
}

static void messages_arrive_joined(void **state) {
    (void)state;
    messages_are_joined(true);
    messages_are_joined(false);
}

static void a_reader_that_is_waited_for_is_let_go(void **state) {
    (void)state;
    suffer("question", (struct fault){.kind = FAULT_JOIN, .times = 1}, true);
    assert_int_equal(8, said(&world, "got"));
    end_world(&world);
}

/* --- ends ------------------------------------------------------------------------------------- */

/* When the program has said who its child is, that one is made to end. */
static void end_child(struct world *of, const json_t *event) {
    const char *text = event_text(event, "text", "");
    if (strcmp(event_text(event, "type", ""), "output") == 0 && strncmp(text, "child ", 6) == 0) {
        struct fault fault = {.kind = FAULT_EXIT, .pid = (int)strtol(text + 6, NULL, 10), .code = 3};
        assert_int_equal(0, trace_fault(of->trace, &fault));
    }
}

static void assert_child_ends(const char *scene, bool virtual_clock) {
    world = (struct world){.scene = scene, .program = "tests/programs/faulty",
                           .on_event = end_child, .options.faults = true,
                           .options.virtual_clock = virtual_clock};
    play(&world);
    assert_int_equal(3, said(&world, "code"));
    json_t *end = the(&world, "exit", "pid", said_text(&world, "child"));
    assert_int_equal(3, event_int(end, "code", -1));
    assert_int_equal(1, faults("exit"));
    end_world(&world);
}

static void a_process_is_made_to_exit_wherever_it_is(void **state) {
    (void)state;
    static const char *const scenes[] = {"asleep_in_pause", "asleep_in_sleep", "asleep_in_epoll",
                                         "computing"};
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
        for (int virtual_clock = 0; virtual_clock < 2; virtual_clock++)
            assert_child_ends(scenes[i], virtual_clock);
}

static void a_process_dies_when_it_has_accepted(void **state) {
    (void)state;
    suffer("accept", (struct fault){.kind = FAULT_KILL, .times = 1}, false);
    assert_int_equal(SIGKILL, said(&world, "signal"));
    assert_int_equal(1, count(&world, "accept", NULL, NULL));
    assert_int_equal(1, faults("kill-after-accept"));
    end_world(&world);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(reads_are_cut_short),
    cmocka_unit_test(writes_are_cut_short),
    cmocka_unit_test(a_read_is_interrupted),
    cmocka_unit_test(a_read_finds_nothing),
    cmocka_unit_test(a_fork_fails_once),
    cmocka_unit_test(a_fault_for_somebody_else_is_none),
    cmocka_unit_test(messages_arrive_joined),
    cmocka_unit_test(a_reader_that_is_waited_for_is_let_go),
    cmocka_unit_test(a_process_is_made_to_exit_wherever_it_is),
    cmocka_unit_test(a_process_dies_when_it_has_accepted),
};

CASES_MAIN(cases)
