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

/* Only the parent waits in poll(2): the child's sleep goes on, with either clock. */
static void interrupt_the_first(struct world *of, const json_t *event) {
    struct fault fault = {.kind = FAULT_EINTR, .times = 2, .pid = (int)event_int(event, "pid", 0)};
    if (strcmp(event_text(event, "type", ""), "exec") == 0)
        assert_int_equal(0, trace_fault(of->trace, &fault));
}

static void a_wait_without_a_timeout_is_interrupted(void **state) {
    (void)state;
    for (int virtual_clock = 0; virtual_clock < 2; virtual_clock++) {
        world = (struct world){.scene = "poll_for_ever", .program = "tests/programs/faulty",
                               .on_event = interrupt_the_first, .options.faults = true,
                               .options.virtual_clock = virtual_clock};
        play(&world);
        assert_int_equal(2, said(&world, "interrupted"));
        assert_int_equal(2, faults("eintr"));
        end_world(&world);
    }
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

/* Two forks: the first takes its time, the other does not. */
static void assert_fork_is_slow(bool virtual_clock) {
    suffer("fork", (struct fault){.kind = FAULT_SLOW_FORK, .times = 1, .ms = 300}, virtual_clock);
    const json_t *slowed = the(&world, "fault", "kind", "slow-fork");
    const json_t *child = the(&world, "fork", "pid", said_text(&world, "child"));
    assert_true(event_int(child, "t_ns", 0) >= event_int(slowed, "t_ns", 0) + 300 * NS_PER_MS);
    assert_true(event_int(child, "t_ns", 0) < event_int(slowed, "t_ns", 0) + 3000 * NS_PER_MS);
    assert_int_equal(1, faults("slow-fork"));
    end_world(&world);
}

static void a_fork_takes_its_time(void **state) {
    (void)state;
    assert_fork_is_slow(true);
    assert_fork_is_slow(false);
}

/* The parent has had its say before the child that it told something sets to work, and before one that is new. */
static void assert_children_are_late(const char *scene, bool virtual_clock, int times) {
    suffer(scene, (struct fault){.kind = FAULT_LATE, .ms = 300}, virtual_clock);
    assert_int_equal(times, faults("late"));
    const json_t *last = NULL;
    for (size_t i = 0; i < json_array_size(world.events); i++) {
        const json_t *event = json_array_get(world.events, i);
        if (event_type_of(event) == EVENT_FAULT)
            last = event;
    }
    const json_t *end = the(&world, "exit", "pid", said_text(&world, "child"));
    assert_true(event_int(end, "t_ns", 0) >= event_int(last, "t_ns", 0) + 300 * NS_PER_MS);
    end_world(&world);
}

static void children_set_to_work_late(void **state) {
    (void)state;
    for (int virtual_clock = 0; virtual_clock < 2; virtual_clock++) {
        assert_children_are_late("late_fork", virtual_clock, 1);
        assert_children_are_late("late_vfork", virtual_clock, 1);
        assert_children_are_late("late_told", virtual_clock, 2);
    }
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

static const struct fault patient_join = {.kind = FAULT_JOIN, .times = 1,
                                          .most_ns = 5500 * NS_PER_MS};

/* Once the first message has been read, by the same reader. */
static void join_the_next(struct world *of, const json_t *event) {
    struct fault fault = patient_join;
    fault.pid = (int)event_int(event, "pid", 0);
    if (strcmp(event_text(event, "type", ""), "received") == 0 && !of->looks++)
        assert_int_equal(0, trace_fault(of->trace, &fault));
}

/* When all sleep, the reader in its read. */
static void join_the_sleeping(struct world *of, const json_t *event) {
    if (strcmp(event_text(event, "type", ""), "jump") == 0 && !of->looks++)
        assert_int_equal(0, trace_fault(of->trace, &patient_join));
}

static void suffer_patiently(const char *scene,
                             void (*on_event)(struct world *world, const json_t *event)) {
    world = (struct world){.scene = scene, .program = "tests/programs/faulty",
                           .on_event = on_event, .options.faults = true,
                           .options.virtual_clock = true};
    play(&world);
}

static void assert_joined(const char *at_least) {
    json_t *end = the(&world, "fault", "kind", "joined");
    if (!strstr(event_text(end, "detail", ""), at_least))
        fail_msg("it says: %s", event_text(end, "detail", ""));
}

static void a_patient_reader_is_held_over_jumps_of_the_clock(void **state) {
    (void)state;
    suffer_patiently("two_reports", join_the_next);
    assert_int_equal(8, said(&world, "first"));
    assert_int_equal(16, said(&world, "got"));
    assert_joined("2 messages");
    assert_true(event_int(the(&world, "fault", "kind", "joined"), "t_ns", 0) >= 6 * NS_PER_S);
    end_world(&world);
}

static void patience_ends(void **state) {
    (void)state;
    suffer_patiently("one_report", join_the_next);
    assert_int_equal(8, said(&world, "got"));
    assert_joined("1 message there");
    int64_t at_ns = event_int(the(&world, "fault", "kind", "joined"), "t_ns", 0);
    assert_in_range(at_ns, 6500 * NS_PER_MS, 6600 * NS_PER_MS);
    end_world(&world);
}

static void an_answer_is_not_held_back(void **state) {
    (void)state;
    suffer_patiently("asked_for", join_the_next);
    assert_int_equal(8, said(&world, "got"));
    json_t *got = nth(&world, 2, "received", NULL, NULL);
    assert_non_null(got);
    assert_in_range(event_int(got, "t_ns", 0), 2 * NS_PER_S, 2500 * NS_PER_MS);
    end_world(&world);
}

static void a_reader_that_waits_already_is_held(void **state) {
    (void)state;
    suffer_patiently("two_reports", join_the_sleeping);
    assert_int_equal(16, said(&world, "got"));
    assert_joined("2 messages");
    end_world(&world);
}

static void what_no_kernel_cuts_is_left_whole(void **state) {
    (void)state;
    suffer("to_itself", (struct fault){.kind = FAULT_SHORT_READ, .bytes = 1}, false);
    assert_int_equal((long)sizeof(long), said(&world, "got"));
    assert_int_equal(0, faults("short-read"));
    end_world(&world);
    static const char *const scenes[] = {"edge", "hung_up"};
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        suffer(scenes[i], (struct fault){.kind = FAULT_SHORT_READ, .bytes = 1}, false);
        assert_int_equal(8, said(&world, "got"));
        assert_int_equal(0, faults("short-read"));
        end_world(&world);
    }
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
    cmocka_unit_test(a_wait_without_a_timeout_is_interrupted),
    cmocka_unit_test(a_read_finds_nothing),
    cmocka_unit_test(a_fork_fails_once),
    cmocka_unit_test(a_fork_takes_its_time),
    cmocka_unit_test(children_set_to_work_late),
    cmocka_unit_test(a_fault_for_somebody_else_is_none),
    cmocka_unit_test(messages_arrive_joined),
    cmocka_unit_test(a_reader_that_is_waited_for_is_let_go),
    cmocka_unit_test(a_patient_reader_is_held_over_jumps_of_the_clock),
    cmocka_unit_test(patience_ends),
    cmocka_unit_test(an_answer_is_not_held_back),
    cmocka_unit_test(a_reader_that_waits_already_is_held),
    cmocka_unit_test(what_no_kernel_cuts_is_left_whole),
    cmocka_unit_test(a_process_is_made_to_exit_wherever_it_is),
    cmocka_unit_test(a_process_dies_when_it_has_accepted),
};

CASES_MAIN(cases)
