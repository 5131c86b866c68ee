/* The steps of a scenario: what they wait for, whom they kill, how they end. */
#include "tests/harness/drive_world.h"

/* --- waits ------------------------------------------------------------------------------------ */

#define WAIT(what, more) "[{\"do\": \"wait\", \"for\": \"" what "\", \"within_ms\": 5000" more "}]"

static void waits_for_a_listener(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("listen", ""));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port == 80 ? 81 : 80, 5);
    assert_false(world->done);
    assert_true(drive_is_waiting(world->drive));
    listen_event(world, world->exercise.port, 5);
    assert_true(world->done);
    assert_met(world, "s1");
    assert_false(drive_is_waiting(world->drive));
    end_world(world);
}

static void nobody_listens_in_time_and_the_scenario_ends(void **state) {
    (void)state;
    struct world *world =
        begin_world("[{\"do\": \"wait\", \"for\": \"listen\", \"within_ms\": 5000, "
                    "\"required\": true}, {\"do\": \"pass\", \"ms\": 1}]");
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port == 80 ? 81 : 80, 5);
    drive_start(world->drive);
    move_to_deadline(world);
    assert_int_equal(world->now_ns, 5 * NS_PER_S);
    assert_true(world->done);
    assert_unmet(world, "s1", "waited 5 s");
    assert_unmet(world, "s1", "port 80 instead; process 10 is still alive");
    assert_null(step_end(world, "s2"));
    end_world(world);
}

static void waits_for_one_worker_a_cpu(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("workers", ", \"count\": \"cpus\""));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    for (int i = 0; i < WORKERS; i++) {
        assert_false(world->done);
        be_born(world, FIRST_WORKER + i, MASTER);
    }
    assert_true(world->done);
    end_world(world);
}

static void too_few_workers_are_listed(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("workers", ", \"count\": 3"));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    for (int i = 0; i < 3; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
    end_world(world);
    world = begin_world(WAIT("workers", ", \"count\": 4"));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    for (int i = 0; i < 3; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
    die(world, FIRST_WORKER + 1, NULL);
    move_to_deadline(world);
    assert_unmet(world, "s1",
                 "4 were to be; the master, 10, has 2 live child processes: 11 and 13; "
                 "process 12 exited with code 1");
    end_world(world);
}

static void workers_that_listen_for_themselves_must_do_so_first(void **state) {
    (void)state;
    struct world *world = begin_world("[{\"do\": \"wait\", \"for\": \"workers\", \"count\": 2}, "
                                      "{\"do\": \"kill\", \"pick\": \"oldest\"}, "
                                      "{\"do\": \"wait\", \"for\": \"replacement\"}]");
    be_born(world, MASTER, 0);
    be_born(world, 11, MASTER);
    listen_by(world, 11, world->exercise.port, 128);
    be_born(world, 12, MASTER);
    drive_start(world->drive);
    assert_null(step_end(world, "s1"));
    listen_by(world, 12, world->exercise.port, 128);
    assert_met(world, "s1");
    be_born(world, 13, MASTER);
    assert_null(step_end(world, "s3"));
    listen_by(world, 13, world->exercise.port, 128);
    assert_met(world, "s3");
    end_world(world);
}

static void the_master_may_hide_behind_a_shell(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("workers", ""));
    drive_start(world->drive);
    be_born(world, 5, 0);
    be_born(world, MASTER, 5);
    for (int i = 0; i < WORKERS; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
    assert_true(world->done);
    end_world(world);
}

static void a_worker_may_leave_the_answers_to_its_children(void **state) {
    (void)state;
    struct world *world = begin_world("[{\"do\": \"kill\", \"pick\": \"oldest\"}]");
    start_program(world);
    for (int i = 0; i < WORKERS; i++) {
        be_born(world, 50 + i, FIRST_WORKER + i);
        emit(world, event_new(EVENT_REPLY, "{s:i, s:i, s:i}", "pid", 50 + i, "connection", 9, "bytes", 1));
    }
    drive_start(world->drive);
    assert_int_equal(FIRST_WORKER, world->last_signalled);
    end_world(world);
}

static void a_helper_beside_the_workers_need_not_report(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("messages", ", \"with\": \"count\", \"each\": 1"));
    start_program(world);
    be_born(world, 60, MASTER);
    drive_start(world->drive);
    for (int i = 0; i < WORKERS; i++) {
        assert_false(world->done);
        send_message(world, FIRST_WORKER + i, MASTER, "{\"count\": 1}");
    }
    assert_true(world->done);
    assert_met(world, "s1");
    end_world(world);
}

static void waits_for_a_message_of_every_worker(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("messages", ", \"with\": \"count\", \"each\": 2"));
    start_program(world);
    send_message(world, FIRST_WORKER, MASTER, "{\"count\": 1}"); /* before the step: none of its */
    drive_start(world->drive);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < WORKERS - 1; i++)
            send_message(world, FIRST_WORKER + i, MASTER, "{\"count\": 1}");
    int last = FIRST_WORKER + WORKERS - 1;
    be_born(world, 50, last); /* what a worker's own child does is the worker's doing */
    send_message(world, last, MASTER, "{\"pid\": 1}");
    send_message(world, last, MASTER, "[\"count\"]");
    send_message(world, last, FIRST_WORKER, "{\"count\": 1}");
    send_message(world, last, MASTER, "{\"count\": 1}");
    assert_false(world->done);
    send_message(world, 50, MASTER, "{\"count\": 1}");
    assert_true(world->done);
    assert_met(world, "s1");
    end_world(world);
}

static void workers_that_die_owe_no_message(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("messages", ", \"with\": \"count\""));
    start_program(world);
    drive_start(world->drive);
    for (int i = 1; i < WORKERS; i++)
        send_message(world, FIRST_WORKER + i, MASTER, "{\"count\": 0}");
    assert_false(world->done);
    die(world, FIRST_WORKER, "SIGSEGV");
    assert_true(world->done);
    end_world(world);
}

static void missing_messages_name_their_workers(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("messages", ", \"with\": \"count\""));
    start_program(world);
    drive_start(world->drive);
    for (int i = 1; i < WORKERS; i++)
        send_message(world, FIRST_WORKER + i, MASTER, "{\"count\": 0}");
    move_to_deadline(world);
    assert_unmet(world, "s1", "worker 11 sent 0 (JSON objects with the member \"count\"");
    end_world(world);
}

static void an_idle_program_ends_the_wait_at_once(void **state) {
    (void)state;
    struct world *world =
        begin_world("[{\"do\": \"wait\", \"for\": \"messages\", \"with\": \"n\"}, "
                    "{\"do\": \"pass\", \"ms\": 20}]");
    start_program(world);
    drive_start(world->drive);
    assert_true(drive_program_idle(world->drive));
    assert_unmet(world, "s1", "every process of the program waits");
    assert_false(world->done); /* time passes on */
    assert_false(drive_is_waiting(world->drive));
    assert_true(drive_program_idle(world->drive));
    move_to_deadline(world);
    assert_met(world, "s2");
    assert_false(drive_program_idle(world->drive));
    end_world(world);
}

static void requests_in_flight_keep_a_wait_alive(void **state) {
    (void)state;
    struct world *world = serve(WAIT("exit", ""), READS_AND_IS_SILENT);
    json_t *step = json_pack("{s:s, s:i}", "do", "load", "requests", 1);
    assert_int_equal(drive_inject(world->drive, step, NULL), 0);
    json_decref(step);
    assert_false(drive_is_waiting(world->drive));
    assert_true(drive_program_idle(world->drive));
    assert_null(step_end(world, "s1"));
    die(world, MASTER, NULL);
    assert_met(world, "s1");
    end_world(world);
}

/* --- kill, replacement, signal ---------------------------------------------------------------- */

#define KILL(more) "{\"do\": \"kill\", " more "}"

static void kills_the_busiest_and_waits_for_its_replacement(void **state) {
    (void)state;
    struct world *world = begin_world("[{\"do\": \"load\", \"requests\": 9}, " KILL(
        "\"pick\": \"busiest\"") ", {\"do\": \"wait\", \"for\": \"replacement\"}]");
    start_program(world);
    world->server_turn = 2; /* 13 serves one more than the others */
    drive_start(world->drive);
    while (!step_end(world, "s2"))
        one_round(world);
    assert_int_equal(world->last_signal, SIGKILL);
    assert_int_equal(world->last_signalled, 13);
    assert_int_equal(event_int(step_end(world, "s2"), "pid", 0), 13);
    be_born(world, 60, FIRST_WORKER); /* a grandchild is no replacement */
    assert_false(world->done);
    be_born(world, 61, MASTER);
    assert_true(world->done);
    assert_met(world, "s3");
    end_world(world);
}

static void picks_by_age_and_by_work(void **state) {
    (void)state;
    static const struct {
        const char *step;
        int pid;
    } picks[] = {{KILL("\"pick\": \"oldest\""), 11},
                 {KILL("\"pick\": \"youngest\", \"signal\": \"SIGTERM\""), 14},
                 {KILL("\"pick\": \"idlest\""), 11},
                 {KILL("\"pick\": \"busiest\""), 11}};
    for (size_t i = 0; i < sizeof picks / sizeof *picks; i++) {
        char *steps = xasprintf("[%s]", picks[i].step);
        struct world *world = begin_world(steps);
        start_program(world);
        drive_start(world->drive);
        assert_met(world, "s1");
        assert_int_equal(world->last_signalled, picks[i].pid);
        end_world(world);
        free(steps);
    }
}

static void a_kill_ends_with_the_death_it_brings(void **state) {
    (void)state;
    struct world *world =
        begin_world("[" KILL("\"pick\": \"oldest\", \"signal\": \"SIGTERM\"") "]");
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    assert_false(world->done);
    move_to_deadline(world);
    assert_unmet(world, "s1", "process 11 is still alive after SIGTERM");
    end_world(world);
}

static void nobody_to_kill_is_told(void **state) {
    (void)state;
    struct world *world = begin_world("[" KILL("\"pick\": \"busiest\"") ", " KILL(
        "\"pid\": 99") ", {\"do\": \"wait\", \"for\": \"replacement\"}]");
    be_born(world, MASTER, 0);
    drive_start(world->drive);
    assert_unmet(world, "s1", "there is no worker to kill");
    assert_unmet(world, "s2", "process 99 is no live process of the program");
    assert_unmet(world, "s3", "no worker was killed");
    assert_true(world->done);
    end_world(world);
}

static void signals_the_master(void **state) {
    (void)state;
    struct world *world =
        begin_world("[{\"do\": \"signal\", \"who\": \"master\", \"signal\": \"SIGTERM\"}]");
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    assert_met(world, "s1");
    assert_int_equal(world->last_signal, SIGTERM);
    assert_int_equal(world->last_signalled, MASTER);
    end_world(world);
}

static void who_is_stopped_in_the_background_goes_on_while_the_scenario_waits(void **state) {
    (void)state;
    struct world *world = begin_world(
        "[{\"do\": \"fault\", \"what\": \"stop\", \"pick\": \"oldest\", \"ms\": 30, "
        "\"background\": true}, {\"do\": \"wait\", \"for\": \"exit\"}]");
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    assert_int_equal(world->last_signal, SIGSTOP);
    assert_false(drive_is_waiting(world->drive));
    assert_true(drive_program_idle(world->drive)); /* for now: its SIGCONT is to come */
    assert_null(step_end(world, "s2"));
    move_to_deadline(world);
    assert_int_equal(world->now_ns, 30 * NS_PER_MS);
    assert_int_equal(world->last_signal, SIGCONT);
    assert_int_equal(world->last_signalled, FIRST_WORKER);
    assert_met(world, "s1");
    assert_true(drive_is_waiting(world->drive));
    end_world(world);
}

static void a_wait_for_loads_outlasts_the_pauses_between_their_clients(void **state) {
    (void)state;
    struct world *world = begin_world(
        "[{\"do\": \"load\", \"requests\": 2, \"every_ms\": 40, \"background\": true}, "
        "{\"do\": \"wait\", \"for\": \"loads\"}]");
    start_program(world);
    drive_start(world->drive);
    while (count_type(world, EVENT_ANSWER) < 1)
        one_round(world);
    assert_true(drive_program_idle(world->drive));
    assert_null(step_end(world, "s2"));
    move_to_deadline(world);
    run_until_done(world);
    assert_met(world, "s2");
    end_world(world);
}

static void what_a_scenario_asks_by_a_signal_excuses_nothing(void **state) {
    (void)state;
    struct world *world = begin_world(
        "[{\"do\": \"load\", \"requests\": 1, \"background\": true, \"timeout_ms\": 50}, "
        "{\"do\": \"wait\", \"for\": \"taken\", \"count\": 1}, "
        "{\"do\": \"signal\", \"pid\": 11, \"signal\": \"SIGTERM\"}]");
    start_program(world);
    world->manner = READS_AND_IS_SILENT;
    world->only_worker = FIRST_WORKER;
    world->signal_kills = false;
    drive_start(world->drive);
    while (!step_end(world, "s3"))
        one_round(world);
    die(world, FIRST_WORKER, NULL);
    move_to_deadline(world);
    run_until_done(world);
    assert_false(event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
    end_world(world);
}

static void a_scenario_that_asked_for_the_end_outlives_it(void **state) {
    (void)state;
    struct world *world = begin_world(
        "[{\"do\": \"pass\", \"ms\": 10}, "
        "{\"do\": \"signal\", \"who\": \"master\", \"signal\": \"SIGTERM\"}, "
        "{\"do\": \"pass\", \"ms\": 10}, {\"do\": \"wait\", \"for\": \"exit\"}]");
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    assert_false(drive_outlives_program(world->drive)); /* not asked yet */
    move_to_deadline(world);
    assert_met(world, "s2");
    assert_true(drive_outlives_program(world->drive));
    assert_false(drive_struck_by_user(world->drive, MASTER));
    die(world, MASTER, NULL);
    assert_false(world->done);
    move_to_deadline(world);
    assert_met(world, "s4");
    assert_true(world->done);
    end_world(world);
    world = begin_world("[{\"do\": \"signal\", \"who\": \"master\", \"signal\": \"SIGTERM\"}, "
                        "{\"do\": \"pass\", \"ms\": 10}]");
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    assert_false(drive_outlives_program(world->drive)); /* it waits for no end */
    end_world(world);
}

static void a_turnover_is_new_workers_and_no_old_ones(void **state) {
    (void)state;
    const char *steps = "[{\"do\": \"signal\", \"who\": \"master\", \"signal\": \"SIGHUP\"}, "
                        "{\"do\": \"wait\", \"for\": \"turnover\", \"within_ms\": 5000}]";
    struct world *world = begin_world(steps);
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    for (int i = 0; i < WORKERS; i++)
        be_born(world, 20 + i, MASTER);
    for (int i = 0; i < WORKERS; i++) {
        assert_null(step_end(world, "s2"));
        die(world, FIRST_WORKER + i, NULL);
    }
    assert_met(world, "s2");
    end_world(world);
    world = begin_world(steps);
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    be_born(world, 20, MASTER);
    die(world, FIRST_WORKER, NULL);
    move_to_deadline(world);
    assert_unmet(world, "s2", "since the signal 1 new worker came, and 3 of the old are still there");
    end_world(world);
    world = begin_world(WAIT("turnover", ""));
    start_program(world);
    drive_start(world->drive);
    assert_unmet(world, "s1", "no signal was sent");
    end_world(world);
}

static void waits_until_requests_have_begun_to_be_read(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("taken", ", \"count\": 2"));
    start_program(world);
    world->manner = READS_AND_IS_SILENT;
    drive_start(world->drive);
    json_t *load = json_pack("{s:s, s:i}", "do", "load", "requests", 2);
    assert_int_equal(drive_inject(world->drive, load, NULL), 0);
    json_decref(load);
    assert_null(step_end(world, "s1"));
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(count_type(world, EVENT_TAKEN), 2);
    end_world(world);
    world = serve(WAIT("taken", ", \"count\": 1"), ANSWERS);
    move_to_deadline(world);
    assert_unmet(world, "s1", "1 were to be; of 0 under way the program has begun to read 0");
    end_world(world);
}

static void a_load_in_the_background_lets_the_scenario_go_on(void **state) {
    (void)state;
    struct world *world = begin_world(
        "[{\"do\": \"load\", \"requests\": 2, \"background\": true}, "
        "{\"do\": \"wait\", \"for\": \"taken\", \"count\": 2}, "
        "{\"do\": \"wait\", \"for\": \"loads\"}, "
        "{\"do\": \"load\", \"requests\": 1, \"background\": true}]");
    start_program(world);
    world->manner = READS_AND_IS_SILENT;
    drive_start(world->drive);
    while (!step_end(world, "s2"))
        one_round(world);
    assert_met(world, "s2");
    assert_null(step_end(world, "s1"));
    assert_null(step_end(world, "s3"));
    world->manner = ANSWERS;
    treat(world, 0);
    treat(world, 1);
    run_until_done(world); /* which waits for the last load, too */
    for (int i = 1; i <= 4; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%d", i);
        assert_met(world, id);
    }
    end_world(world);
}

/* --- the user's own steps ---------------------------------------------------------------------- */

static void injected_steps_run_beside_the_scenario(void **state) {
    (void)state;
    struct world *world = serve("[{\"do\": \"pass\", \"ms\": 1000}]", ANSWERS);
    json_t *load = json_pack("{s:s, s:i}", "do", "load", "requests", 3);
    assert_int_equal(drive_inject(world->drive, load, NULL), 0);
    assert_int_equal(drive_inject(world->drive, load, NULL), 0);
    json_decref(load);
    while (!step_end(world, "user-1") || !step_end(world, "user-2"))
        one_round(world);
    assert_met(world, "user-1");
    assert_string_equal(event_text(step_end(world, "user-2"), "by", ""), "user");
    assert_int_equal(count_type(world, EVENT_ANSWER), 6);
    assert_false(world->done);
    move_to_deadline(world);
    assert_true(world->done);
    end_world(world);
}

static void without_a_scenario_it_is_never_done(void **state) {
    (void)state;
    struct world *world = begin_world("[{\"do\": \"pass\", \"ms\": 1}]");
    drive_start_free(world->drive);
    start_program(world);
    json_t *load = json_pack("{s:s, s:i}", "do", "load", "requests", 1);
    assert_int_equal(drive_inject(world->drive, load, NULL), 0);
    json_decref(load);
    while (!step_end(world, "user-1"))
        one_round(world);
    assert_false(world->done);
    assert_null(step_end(world, "s1"));
    assert_int_equal(drive_deadline_ns(world->drive), -1);
    end_world(world);
}

static void an_injected_kill_names_a_live_process(void **state) {
    (void)state;
    struct world *world = begin_world("[]");
    struct err err = {0};
    start_program(world);
    drive_start_free(world->drive);
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", 12);
    assert_int_equal(drive_inject(world->drive, step, &err), 0);
    assert_int_equal(drive_inject(world->drive, step, &err), -EINVAL);
    assert_non_null(strstr(err.text, "12 is no live process of the program (process 12 was ended"));
    json_decref(step);
    end_world(world);
}

static void a_drive_may_be_freed_in_the_middle(void **state) {
    (void)state;
    struct world *world = serve(LOAD(16, ", \"spread\": true"), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    size_t events = json_array_size(world->log);
    drive_free(world->drive);
    world->drive = NULL;
    assert_int_equal(json_array_size(world->log), events);
    end_world(world);
}

/* --- checking steps --------------------------------------------------------------------------- */

static void wrong_steps_are_told_with_the_remedy(void **state) {
    (void)state;
    static const struct {
        const char *step, *error;
    } wrong[] = {
        {"[]", "must be an object"},
        {"{}", "a step needs \"do\": one of wait, load, kill, signal, fault, pass"},
        {"{\"do\": \"jump\"}", "no step \"jump\""},
        {"{\"do\": \"wait\"}", "needs \"for\""},
        {"{\"do\": \"wait\", \"for\": \"rain\"}", "listen, workers, messages, "
         "replacement, taken, loads, turnover or exit"},
        {"{\"do\": \"wait\", \"for\": \"messages\"}", "needs \"with\""},
        {"{\"do\": \"wait\", \"for\": \"workers\", \"count\": \"all\"}", "\"cpus\" or an integer"},
        {"{\"do\": \"wait\", \"for\": \"exit\", \"within_ms\": 0}", "integer from 1 to"},
        {"{\"do\": \"wait\", \"for\": \"exit\", \"within\": 5}", "no member \"within\""},
        {"{\"do\": \"load\"}", "needs \"requests\""},
        {"{\"do\": \"load\", \"requests\": \"many\"}", "integer from 1"},
        {"{\"do\": \"load\", \"requests\": 1, \"spread\": 1}", "true or false"},
        {"{\"do\": \"load\", \"requests\": 1, \"path\": \"x\"}", "begin with /"},
        {"{\"do\": \"load\", \"requests\": 1, \"path\": \"/a b\"}", "no blank"},
        {"{\"do\": \"kill\"}", "\"pick\" or \"pid\""},
        {"{\"do\": \"kill\", \"pid\": 1, \"pick\": \"oldest\"}", "one of the two"},
        {"{\"do\": \"fault\", \"what\": \"exit\", \"case\": \"calm\"}", "\"case\" goes with"},
        {"{\"do\": \"fault\", \"what\": \"eintr\", \"case\": \"calm\", \"pid\": 1}", "\"case\" goes with"},
        {"{\"do\": \"kill\", \"pick\": \"best\"}", "busiest, idlest, oldest or youngest"},
        {"{\"do\": \"kill\", \"pid\": 1, \"signal\": \"KILL\"}", "such as \"SIGTERM\""},
        {"{\"do\": \"signal\", \"who\": \"master\"}", "needs \"signal\""},
        {"{\"do\": \"signal\", \"signal\": \"SIGHUP\"}", "\"who\" or \"pid\""},
        {"{\"do\": \"pass\"}", "needs \"ms\""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = {0};
        json_t *step = json_loads(wrong[i].step, 0, NULL);
        assert_int_equal(drive_step_check(step, &err), -EINVAL);
        if (!strstr(err.text, wrong[i].error))
            fail_msg("%s: %s", wrong[i].step, err.text);
        json_decref(step);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(waits_for_a_listener),
    cmocka_unit_test(nobody_listens_in_time_and_the_scenario_ends),
    cmocka_unit_test(waits_for_one_worker_a_cpu),
    cmocka_unit_test(too_few_workers_are_listed),
    cmocka_unit_test(workers_that_listen_for_themselves_must_do_so_first),
    cmocka_unit_test(the_master_may_hide_behind_a_shell),
    cmocka_unit_test(a_worker_may_leave_the_answers_to_its_children),
    cmocka_unit_test(a_helper_beside_the_workers_need_not_report),
    cmocka_unit_test(waits_for_a_message_of_every_worker),
    cmocka_unit_test(workers_that_die_owe_no_message),
    cmocka_unit_test(missing_messages_name_their_workers),
    cmocka_unit_test(an_idle_program_ends_the_wait_at_once),
    cmocka_unit_test(requests_in_flight_keep_a_wait_alive),
    cmocka_unit_test(kills_the_busiest_and_waits_for_its_replacement),
    cmocka_unit_test(picks_by_age_and_by_work),
    cmocka_unit_test(a_kill_ends_with_the_death_it_brings),
    cmocka_unit_test(nobody_to_kill_is_told),
    cmocka_unit_test(signals_the_master),
    cmocka_unit_test(who_is_stopped_in_the_background_goes_on_while_the_scenario_waits),
    cmocka_unit_test(a_wait_for_loads_outlasts_the_pauses_between_their_clients),
    cmocka_unit_test(what_a_scenario_asks_by_a_signal_excuses_nothing),
    cmocka_unit_test(a_scenario_that_asked_for_the_end_outlives_it),
    cmocka_unit_test(a_turnover_is_new_workers_and_no_old_ones),
    cmocka_unit_test(waits_until_requests_have_begun_to_be_read),
    cmocka_unit_test(a_load_in_the_background_lets_the_scenario_go_on),
    cmocka_unit_test(injected_steps_run_beside_the_scenario),
    cmocka_unit_test(without_a_scenario_it_is_never_done),
    cmocka_unit_test(an_injected_kill_names_a_live_process),
    cmocka_unit_test(a_drive_may_be_freed_in_the_middle),
    cmocka_unit_test(wrong_steps_are_told_with_the_remedy),
};
CASES_MAIN(cases)
