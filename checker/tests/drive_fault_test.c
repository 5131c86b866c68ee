/* The step `fault`: what the tracer is asked for, and what the driver does itself. */
#include "tests/harness/drive_world.h"

static struct world *world;

static void begin(const char *steps) {
    world = begin_world(steps);
    world->signal_kills = false;
    start_program(world);
    drive_start(world->drive);
}

/* A step for each kind that the tracer does, in the words of a manifest. */
static void each_kind_is_asked_of_the_tracer(void **state) {
    (void)state;
    static const struct {
        const char *what;
        enum fault_kind kind;
    } kinds[] = {
        {"short-read", FAULT_SHORT_READ}, {"short-write", FAULT_SHORT_WRITE},
        {"eintr", FAULT_EINTR},           {"eagain", FAULT_EAGAIN},
        {"fork-fails", FAULT_FORK},       {"join", FAULT_JOIN},
        {"kill-after-accept", FAULT_KILL},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char *steps = xasprintf("[{\"do\": \"fault\", \"what\": \"%s\", \"who\": \"master\", "
                                "\"times\": 3, \"bytes\": 5, \"within_ms\": 70}]",
                                kinds[i].what);
        begin(steps);
        free(steps);
        assert_true(world->done);
        assert_met(world, "s1");
        assert_int_equal(1, world->faults);
        assert_int_equal(kinds[i].kind, world->last_fault.kind);
        assert_int_equal(MASTER, world->last_fault.pid);
        assert_int_equal(3, world->last_fault.times);
        assert_int_equal(5, world->last_fault.bytes);
        assert_true(world->last_fault.most_ns == 70 * NS_PER_MS);
        end_world(world);
    }
}

static void a_first_step_waits_for_the_programs_birth(void **state) {
    (void)state;
    world = begin_world("[{\"do\": \"fault\", \"what\": \"join\", \"who\": \"master\"}, "
                        "{\"do\": \"fault\", \"what\": \"eintr\", \"who\": \"workers\"}]");
    drive_start(world->drive);
    assert_int_equal(0, world->faults);
    be_born(world, MASTER, 0);
    assert_true(world->done);
    assert_int_equal(2, world->faults);
    assert_int_equal(MASTER, world->last_fault.except);
    assert_met(world, "s1");
    end_world(world);
}

static void any_worker_means_anybody_but_the_master(void **state) {
    (void)state;
    begin("[{\"do\": \"fault\", \"what\": \"eintr\", \"who\": \"workers\"}]");
    assert_int_equal(0, world->last_fault.pid);
    assert_int_equal(MASTER, world->last_fault.except);
    assert_int_equal(1, world->last_fault.times);
    end_world(world);
}

static void a_worker_is_stopped_for_a_while(void **state) {
    (void)state;
    begin("[{\"do\": \"fault\", \"what\": \"stop\", \"pick\": \"oldest\", \"ms\": 250}]");
    assert_int_equal(FIRST_WORKER, world->last_signalled);
    assert_int_equal(SIGSTOP, world->last_signal);
    const json_t *event = nth(world, EVENT_FAULT, 1);
    assert_string_equal("stop", event_text(event, "kind", ""));
    assert_int_equal(FIRST_WORKER, event_int(event, "pid", 0));
    assert_false(world->done);
    move_to_deadline(world);
    assert_true(world->now_ns == 250 * NS_PER_MS);
    assert_int_equal(SIGCONT, world->last_signal);
    assert_met(world, "s1");
    end_world(world);
}

static void a_worker_is_made_to_end(void **state) {
    (void)state;
    begin("[{\"do\": \"fault\", \"what\": \"exit\", \"pick\": \"youngest\", \"code\": 4}]");
    int youngest = FIRST_WORKER + WORKERS - 1;
    assert_int_equal(FAULT_EXIT, world->last_fault.kind);
    assert_int_equal(youngest, world->last_fault.pid);
    assert_int_equal(4, world->last_fault.code);
    assert_false(world->done);
    die(world, youngest, NULL);
    assert_met(world, "s1");
    end_world(world);
}

static void one_that_will_not_end_is_told(void **state) {
    (void)state;
    begin("[{\"do\": \"fault\", \"what\": \"exit\", \"pick\": \"oldest\", \"within_ms\": 100}]");
    move_to_deadline(world);
    assert_unmet(world, "s1", "still alive");
    end_world(world);
}

static void nobody_is_there(void **state) {
    (void)state;
    world = begin_world("[{\"do\": \"fault\", \"what\": \"stop\", \"pick\": \"oldest\"}]");
    be_born(world, MASTER, 0);
    drive_start(world->drive);
    assert_unmet(world, "s1", "nobody");
    assert_int_equal(0, world->last_signalled);
    end_world(world);
}

/* Before anybody is born: the tracer is told the case's place, and knows its processes when they come. */
static void a_case_is_meant_before_it_begins(void **state) {
    (void)state;
    static const struct exercise_case two[] = {{.id = "calm"}, {.id = "split"}};
    world = begin_world("[{\"do\": \"fault\", \"what\": \"short-read\", \"case\": \"split\"}, "
                        "{\"do\": \"fault\", \"what\": \"eintr\", \"case\": \"calm\", "
                        "\"who\": \"workers\", \"times\": 2}]");
    world->exercise.cases = two;
    world->exercise.case_count = 2;
    drive_start(world->drive);
    assert_int_equal(2, world->faults);
    assert_int_equal(FAULT_EINTR, world->last_fault.kind);
    assert_int_equal(1, world->last_fault.of_case);
    assert_int_equal(FAULT_TO_CHILDREN, world->last_fault.part);
    assert_int_equal(0, world->last_fault.pid);
    assert_int_equal(0, world->last_fault.except);
    end_world(world);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(each_kind_is_asked_of_the_tracer),
    cmocka_unit_test(a_first_step_waits_for_the_programs_birth),
    cmocka_unit_test(any_worker_means_anybody_but_the_master),
    cmocka_unit_test(a_worker_is_stopped_for_a_while),
    cmocka_unit_test(a_worker_is_made_to_end),
    cmocka_unit_test(one_that_will_not_end_is_told),
    cmocka_unit_test(nobody_is_there),
    cmocka_unit_test(a_case_is_meant_before_it_begins),
};

CASES_MAIN(cases)
