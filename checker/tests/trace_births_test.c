/* Births, deaths and signals: the events against what the program says of itself. */
#include "tests/harness/trace_world.h"

static void a_child_is_born_ends_and_is_reaped(void **state) {
    (void)state;
    struct world world = {.scene = "fork"};
    play(&world);
    const char *child = said_text(&world, "child");
    assert_int_equal(1, count(&world, "fork", "pid", child));
    assert_int_equal(first_pid(&world), event_int(the(&world, "fork", "pid", child), "parent", -1));
    assert_string_equal("fork", event_text(the(&world, "fork", "pid", child), "kind", ""));
    assert_int_equal(7, event_int(the(&world, "exit", "pid", child), "code", -1));
    assert_string_equal("wait", event_text(the(&world, "reap", "pid", child), "how", ""));
    assert_int_equal(first_pid(&world), event_int(the(&world, "reap", "pid", child), "by", -1));
    end_world(&world);
}

static void a_static_program_is_no_different(void **state) {
    (void)state;
    struct world world = {.scene = "fork", .program = "tests/programs/traced.static"};
    play(&world);
    const char *child = said_text(&world, "child");
    assert_int_equal(7, event_int(the(&world, "exit", "pid", child), "code", -1));
    assert_int_equal(1, count(&world, "reap", "pid", child));
    end_world(&world);
}

static void a_signal_between_processes_and_the_death_it_brings(void **state) {
    (void)state;
    struct world world = {.scene = "killed"};
    play(&world);
    const char *child = said_text(&world, "child");
    json_t *signal = the(&world, "signal", "to", child);
    assert_string_equal("SIGTERM", event_text(signal, "signal", ""));
    assert_int_equal(first_pid(&world), event_int(signal, "from", -1));
    assert_string_equal("SIGTERM", event_text(the(&world, "exit", "pid", child), "signal", ""));
    end_world(&world);
}

static void a_fault_is_a_signal_of_the_kernel(void **state) {
    (void)state;
    struct world world = {.scene = "segv"};
    play(&world);
    const char *child = said_text(&world, "child");
    assert_string_equal("kernel", event_text(the(&world, "signal", "to", child), "why", ""));
    assert_string_equal("SIGSEGV", event_text(the(&world, "exit", "pid", child), "signal", ""));
    end_world(&world);
}

static void vfork_is_told_as_such(void **state) {
    (void)state;
    struct world world = {.scene = "vfork"};
    play(&world);
    const char *child = said_text(&world, "child");
    assert_string_equal("vfork", event_text(the(&world, "fork", "pid", child), "kind", ""));
    assert_int_equal(3, event_int(the(&world, "exit", "pid", child), "code", -1));
    end_world(&world);
}

static void a_spawned_program_is_told_with_its_arguments(void **state) {
    (void)state;
    struct world world = {.scene = "spawn"};
    play(&world);
    const char *child = said_text(&world, "child");
    char *argv = json_dumps(json_object_get(the(&world, "exec", "pid", child), "argv"), JSON_COMPACT);
    assert_string_equal("[\"sh\",\"-c\",\"exit 5\"]", argv);
    assert_int_equal(5, event_int(the(&world, "exit", "pid", child), "code", -1));
    free(argv);
    end_world(&world);
}

static void what_a_thread_says_its_process_says(void **state) {
    (void)state;
    struct world world = {.scene = "threads"};
    play(&world);
    assert_int_equal(1, count(&world, "thread", "state", "begin"));
    assert_int_equal(1, count(&world, "thread", "state", "end"));
    assert_int_equal(said(&world, "thread"),
                     event_int(the(&world, "thread", "state", "begin"), "tid", -1));
    assert_int_equal(first_pid(&world), event_int(the(&world, "message", NULL, NULL), "from", -1));
    assert_int_equal(2, count(&world, "fork", NULL, NULL)); /* a thread is no process */
    end_world(&world);
}

static void a_thread_that_execs_becomes_the_process(void **state) {
    (void)state;
    struct world world = {.scene = "thread_exec"};
    play(&world);
    json_t *exec = nth(&world, 1, "exec", NULL, NULL);
    assert_non_null(exec);
    assert_int_equal(first_pid(&world), event_int(exec, "pid", -1));
    assert_int_not_equal(first_pid(&world), event_int(exec, "tid", -1));
    assert_int_equal(1, count(&world, "exit", NULL, NULL));
    end_world(&world);
}

static void an_orphan_gets_a_new_parent(void **state) {
    (void)state;
    struct world world = {.scene = "orphan"};
    play(&world);
    long child = said(&world, "child");
    json_t *adopt = the(&world, "adopt", "pid", said_text(&world, "grandchild"));
    assert_int_equal(child, event_int(adopt, "from", -1));
    assert_int_equal(child, event_int(the(&world, "fork", "pid", said_text(&world, "grandchild")),
                                      "parent", -1));
    end_world(&world);
}

static void a_zombie_is_not_reaped_while_its_parent_lives(void **state) {
    (void)state;
    struct world world = {.scene = "zombie"};
    play(&world);
    const char *child = said_text(&world, "child");
    char parent[24];
    snprintf(parent, sizeof parent, "%d", first_pid(&world));
    json_t *reap = nth(&world, 0, "reap", "pid", child);
    if (reap) /* by init, after the parent is gone */
        assert_true(event_seq(reap) > event_seq(the(&world, "exit", "pid", parent)));
    assert_int_equal(0, count(&world, "reap", "how", "wait"));
    end_world(&world);
}

static void who_ignores_SIGCHLD_leaves_no_zombie(void **state) {
    (void)state;
    struct world world = {.scene = "ignored"};
    play(&world);
    json_t *reap = the(&world, "reap", "pid", said_text(&world, "child"));
    assert_string_equal("ignored", event_text(reap, "how", ""));
    char *parent = xasprintf("%d", first_pid(&world));
    assert_true(event_seq(reap) < event_seq(the(&world, "exit", "pid", parent)));
    free(parent);
    end_world(&world);
}

static void looking_at_a_dead_child_does_not_reap_it(void **state) {
    (void)state;
    struct world world = {.scene = "nowait"};
    play(&world);
    const char *child = said_text(&world, "child");
    assert_int_equal(4, said(&world, "looked"));
    assert_int_equal(1, count(&world, "reap", "pid", child));
    assert_true(event_seq(the(&world, "reap", "pid", child)) >
                event_seq(the(&world, "output", "text", "looked 4\n")));
    end_world(&world);
}

static void a_stopped_child_goes_on_and_ends(void **state) {
    (void)state;
    struct world world = {.scene = "stop"};
    play(&world);
    const char *child = said_text(&world, "child");
    assert_int_equal(1, said(&world, "stopped"));
    assert_int_equal(1, count(&world, "signal", "signal", "SIGCONT"));
    assert_int_equal(6, event_int(the(&world, "exit", "pid", child), "code", -1));
    assert_int_equal(1, count(&world, "reap", "pid", child)); /* not by the wait that saw it stop */
    end_world(&world);
}

static void signals_name_who_sent_them_to_whom(void **state) {
    (void)state;
    struct world world = {.scene = "signals"};
    play(&world);
    long child = said(&world, "child");
    assert_int_equal(child, event_int(the(&world, "signal", "signal", "SIGUSR1"), "from", -1));
    assert_int_equal(first_pid(&world),
                     event_int(the(&world, "signal", "signal", "SIGUSR1"), "to", -1));
    assert_int_equal(child, event_int(the(&world, "signal", "signal", "SIGUSR2"), "to", -1));
    assert_int_equal(child, event_int(the(&world, "signal", "signal", "SIGKILL"), "to", -1));
    end_world(&world);
}

static void in_a_storm_every_birth_has_one_event(void **state) {
    (void)state;
    struct world world = {.scene = "storm"};
    play(&world);
    int births = (int)said(&world, "births") + 1; /* and the first */
    assert_int_equal(births, count(&world, "fork", NULL, NULL));
    assert_int_equal(births, count(&world, "exit", NULL, NULL));
    assert_int_equal(births, trace_process_count(world.trace));
    assert_int_equal(births - 1, count(&world, "reap", "how", "wait"));
    end_world(&world);
}

static void kill_when_ready(struct world *world, const json_t *event) {
    if (world_has(event, "type", "exec"))
        assert_int_equal(0, trace_signal(world->trace, (int)event_int(event, "pid", -1), SIGKILL));
}

static void the_labs_own_signal_is_told_as_its(void **state) {
    (void)state;
    struct world world = {.scene = "spins", .on_event = kill_when_ready};
    play(&world);
    assert_int_equal(0, event_int(the(&world, "signal", NULL, NULL), "from", -1));
    assert_true(event_bool(the(&world, "exit", NULL, NULL), "by_lab"));
    assert_int_equal(-ESRCH, trace_signal(world.trace, first_pid(&world), SIGTERM));
    end_world(&world);
}

static void more_processes_than_allowed_are_told(void **state) {
    (void)state;
    struct world world = {.scene = "forks", .options.most_tasks = 20};
    play(&world);
    assert_int_equal(OUTCOME_PROCESSES, world.limit);
    end_world(&world);
}

static void more_output_than_allowed_is_told(void **state) {
    (void)state;
    struct world world = {.scene = "output", .options.most_output_bytes = 5000};
    play(&world);
    assert_int_equal(OUTCOME_OUTPUT, world.limit);
    end_world(&world);
}

static void more_memory_than_allowed_is_told(void **state) {
    (void)state;
    struct world world = {.scene = "memory", .options.most_memory_bytes = 32 << 20};
    play(&world);
    assert_int_equal(OUTCOME_MEMORY, world.limit);
    assert_true(trace_memory_peak_bytes(world.trace) > 32 << 20);
    end_world(&world);
}

static void the_cpu_time_of_the_dead_counts(void **state) {
    (void)state;
    struct world world = {.scene = "burns", .until_idle = true};
    play(&world);
    assert_int_equal(2, count(&world, "exit", NULL, NULL));
    assert_in_range(trace_cpu_ns(world.trace) / NS_PER_MS, 199, 1000);
    end_world(&world);
}

static void assert_told_by_clock(bool virtual_clock) {
    struct world world = {.scene = "burns_and_goes", .options.virtual_clock = virtual_clock};
    play(&world);
    assert_int_equal(11, count(&world, "exit", NULL, NULL));
    for (int i = 0; i < 10; i++)
        assert_in_range(event_int(nth(&world, i, "exit", NULL, NULL), "cpu_ms", -1), 20, 100);
    end_world(&world);
}

static void the_cpu_time_of_who_is_reaped_at_once_is_told(void **state) {
    (void)state;
    assert_told_by_clock(false);
    assert_told_by_clock(true);
}

static void the_program_sees_the_cpus_it_is_shown(void **state) {
    (void)state;
    struct world world = {.scene = "cpus", .options.cpus = 4};
    play(&world);
    assert_int_equal(4, said(&world, "cpus"));
    end_world(&world);
}

static void idle(const char *scene, enum idleness wanted, const char *call) {
    bool talks = strcmp(scene, "waits_client") == 0;
    struct world world = {.scene = scene,
                          .program = talks ? "tests/programs/talking" : NULL,
                          .until_idle = true};
    play(&world);
    assert_int_equal(wanted, world.idleness);
    if (call) {
        size_t index;
        json_t *wait;
        bool found = false;
        json_array_foreach(world.waits, index, wait)
            found = found || world_has(wait, "in", call);
        assert_true(found);
    }
    end_world(&world);
}

static void who_waits_for_each_other_is_told(void **state) {
    (void)state;
    idle("waits_pipe", WAITS_ITSELF, "read");
    idle("waits_pipe", WAITS_ITSELF, "wait4");
    idle("waits_pair", WAITS_ITSELF, "read");
    idle("waits_mutex", WAITS_ITSELF, "futex");
}

static void who_has_a_timer_may_wake(void **state) {
    (void)state;
    idle("waits_alarm", WAITS_TIMER, NULL);
    idle("waits_timerfd", WAITS_TIMER, NULL);
    idle("waits_poll", WAITS_TIMER, NULL);
    idle("waits_sleep", WAITS_TIMER, NULL);
}

static void who_waits_for_a_client_is_not_deadlocked(void **state) {
    (void)state;
    idle("waits_client", WAITS_OUTSIDE, NULL);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_child_is_born_ends_and_is_reaped),
    cmocka_unit_test(a_static_program_is_no_different),
    cmocka_unit_test(a_signal_between_processes_and_the_death_it_brings),
    cmocka_unit_test(a_fault_is_a_signal_of_the_kernel),
    cmocka_unit_test(vfork_is_told_as_such),
    cmocka_unit_test(a_spawned_program_is_told_with_its_arguments),
    cmocka_unit_test(what_a_thread_says_its_process_says),
    cmocka_unit_test(a_thread_that_execs_becomes_the_process),
    cmocka_unit_test(an_orphan_gets_a_new_parent),
    cmocka_unit_test(a_zombie_is_not_reaped_while_its_parent_lives),
    cmocka_unit_test(who_ignores_SIGCHLD_leaves_no_zombie),
    cmocka_unit_test(looking_at_a_dead_child_does_not_reap_it),
    cmocka_unit_test(a_stopped_child_goes_on_and_ends),
    cmocka_unit_test(signals_name_who_sent_them_to_whom),
    cmocka_unit_test(in_a_storm_every_birth_has_one_event),
    cmocka_unit_test(the_labs_own_signal_is_told_as_its),
    cmocka_unit_test(more_processes_than_allowed_are_told),
    cmocka_unit_test(more_output_than_allowed_is_told),
    cmocka_unit_test(more_memory_than_allowed_is_told),
    cmocka_unit_test(the_cpu_time_of_the_dead_counts),
    cmocka_unit_test(the_cpu_time_of_who_is_reaped_at_once_is_told),
    cmocka_unit_test(the_program_sees_the_cpus_it_is_shown),
    cmocka_unit_test(who_waits_for_each_other_is_told),
    cmocka_unit_test(who_has_a_timer_may_wake),
    cmocka_unit_test(who_waits_for_a_client_is_not_deadlocked),
};

CASES_MAIN(cases)
