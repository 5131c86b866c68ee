/* The HTTP client of the driver: loads, and what may become of a request. */
#include "tests/harness/drive_world.h"

/* --- loads ------------------------------------------------------------------------------------ */

static void every_request_is_answered_and_its_worker_known(void **state) {
    (void)state;
    struct world *world = serve(LOAD(64, ", \"concurrency\": 64, \"spread\": true"), ANSWERS);
    assert_int_equal(world->held, WORKERS);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(world->held, 0);
    assert_int_equal(world->holds, 2);
    assert_int_equal(count_type(world, EVENT_REQUEST), 64);
    assert_int_equal(count_type(world, EVENT_ANSWER), 64);
    for (size_t i = 1; i <= 64; i++) {
        const json_t *answer = nth(world, EVENT_ANSWER, i);
        char body[64];
        snprintf(body, sizeof body, "Handled by worker %d\n", (int)event_int(answer, "pid", 0));
        assert_string_equal(event_text(answer, "body", ""), body);
        assert_int_equal(event_int(answer, "status", 0), 200);
        assert_true(event_bool(answer, "well_formed"));
        assert_int_equal(event_int(answer, "taken_by", 0), event_int(answer, "pid", 0));
        assert_true(event_int(answer, "taken_seq", 0) < event_int(answer, "first_seq", 0));
        assert_true(event_int(answer, "first_seq", 0) <= event_int(answer, "last_seq", 0));
        assert_true(event_int(answer, "last_seq", 0) < (int64_t)event_seq(answer));
    }
    end_world(world);
}

static void requests_differ_and_are_told_before_they_are_sent(void **state) {
    (void)state;
    struct world *world = serve(LOAD(2, ""), ANSWERS);
    run_until_done(world);
    const char *one = event_text(nth(world, EVENT_REQUEST, 1), "target", "");
    const char *other = event_text(nth(world, EVENT_REQUEST, 2), "target", "");
    assert_int_equal(strncmp(one, "/?n=", 4), 0);
    assert_int_equal(strlen(one), 4 + 16);
    assert_string_not_equal(one, other);
    assert_true(event_seq(nth(world, EVENT_REQUEST, 1)) < event_seq(nth(world, EVENT_TAKEN, 1)));
    assert_string_equal(event_text(nth(world, EVENT_REQUEST, 1), "step", ""), "s1");
    end_world(world);
}

static void answers_in_small_pieces_are_whole(void **state) {
    (void)state;
    struct world *world = serve(LOAD(8, ", \"concurrency\": 4"), ANSWERS_BY_THE_BYTE);
    run_until_done(world);
    assert_met(world, "s1");
    const json_t *answer = nth(world, EVENT_ANSWER, 1);
    assert_true(event_int(answer, "last_seq", 0) - event_int(answer, "first_seq", 0) >= 50);
    assert_int_equal(json_array_size(json_object_get(answer, "pids")), 1);
    end_world(world);
}

static void writes_told_late_still_name_the_writer(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(16, ", \"concurrency\": 16"));
    start_program(world);
    world->tells_late = world->echoes_late = true;
    drive_start(world->drive);
    run_until_done(world);
    assert_int_equal(count_type(world, EVENT_ANSWER), 16);
    for (size_t i = 1; i <= 16; i++)
        assert_true(event_int(nth(world, EVENT_ANSWER, i), "pid", 0) >= FIRST_WORKER);
    end_world(world);
}

static void kept_connections_carry_several_requests(void **state) {
    (void)state;
    struct world *world = serve(
        LOAD(24, ", \"concurrency\": 8, \"keep_alive\": true, \"per_connection\": 3"), ANSWERS);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(world->fd_count, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(world->answered[i], 3);
    for (size_t i = 1; i <= 24; i++) {
        const json_t *answer = nth(world, EVENT_ANSWER, i);
        char body[64];
        snprintf(body, sizeof body, "Handled by worker %d\n", (int)event_int(answer, "pid", 0));
        assert_string_equal(event_text(answer, "body", ""), body);
    }
    end_world(world);
}

static void a_server_may_close_a_kept_connection_between_requests(void **state) {
    (void)state;
    struct world *world =
        serve(LOAD(12, ", \"concurrency\": 2, \"keep_alive\": true, \"per_connection\": 6"),
              ANSWERS_AND_CLOSES);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(count_type(world, EVENT_ANSWER), 12);
    assert_int_equal(count_type(world, EVENT_UNANSWERED), 0);
    assert_int_equal(world->fd_count, 12);
    end_world(world);
}

static void a_load_goes_on_until_every_worker_has_served(void **state) {
    (void)state;
    struct world *world =
        begin_world(LOAD(8, ", \"concurrency\": 4, \"spread\": true, \"all_serve\": true"));
    start_program(world);
    be_born(world, 60, MASTER); /* a helper that never serves */
    world->only_worker = FIRST_WORKER;
    drive_start(world->drive);
    while (count_type(world, EVENT_ANSWER) < 8)
        one_round(world);
    assert_int_equal(world->holds, 2);
    assert_false(world->done);
    world->only_worker = 0;
    move_to_deadline(world);
    assert_int_equal(world->held, WORKERS);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(count_type(world, EVENT_ANSWER), 12);
    end_world(world);
}

static void workers_that_never_serve_are_told(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(2, ", \"all_serve\": true, \"within_ms\": 150"));
    start_program(world);
    world->only_worker = FIRST_WORKER + 1;
    drive_start(world->drive);
    for (size_t answers = 2; answers <= 6; answers += 2) {
        while (count_type(world, EVENT_ANSWER) < answers)
            one_round(world);
        if (!world->done)
            move_to_deadline(world);
    }
    assert_unmet(world, "s1", "6 of 6 answered; none by 11, 13, 14");
    end_world(world);
}

static void concurrency_bounds_the_open_connections(void **state) {
    (void)state;
    struct world *world = serve(LOAD(40, ", \"concurrency\": 5"), ANSWERS_TO_CLOSE);
    run_until_done(world);
    assert_met(world, "s1");
    assert_true(world->most_open <= 5);
    end_world(world);
}

static void a_short_backlog_is_never_overrun(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(32, ", \"concurrency\": 32"));
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port, 3);
    drive_start(world->drive);
    assert_int_equal(count_type(world, EVENT_REQUEST), 3);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(count_type(world, EVENT_ANSWER), 32);
    end_world(world);
}

static void slow_requests_go_out_in_pieces(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ", \"slow_ms\": 700"), ANSWERS);
    size_t moves = 0;
    while (!world->done) {
        size_t taken = count_type(world, EVENT_TAKEN);
        while (!world->done && count_type(world, EVENT_TAKEN) == taken)
            one_round(world);
        if (!world->done && !world->answered[0]) {
            moves++;
            move_to_deadline(world);
        }
    }
    assert_met(world, "s1");
    assert_int_equal(moves, 7);
    assert_int_equal(world->now_ns, 700 * NS_PER_MS);
    end_world(world);
}

static void a_load_may_wait_for_the_end_of_its_connections(void **state) {
    (void)state;
    enum manner closing[] = {ANSWERS_AND_CLOSES, ANSWERS_TO_CLOSE};
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++) {
        struct world *world = serve(LOAD(4, ", \"until_close\": true"), closing[i]);
        run_until_done(world);
        assert_met(world, "s1");
        for (size_t at = 1; at <= 4; at++)
            assert_true(event_bool(nth(world, EVENT_ANSWER, at), "closed"));
        end_world(world);
    }
    struct world *world = serve(LOAD(1, ", \"until_close\": true"), ANSWERS);
    while (!count_type(world, EVENT_REPLY))
        one_round(world);
    for (int i = 0; i < 4; i++)
        loop_step(world->loop, 1);
    assert_int_equal(count_type(world, EVENT_ANSWER), 0);
    move_time(world, 2000);
    run_until_done(world);
    assert_met(world, "s1");
    const json_t *answer = nth(world, EVENT_ANSWER, 1);
    assert_true(json_is_false(json_object_get(answer, "closed")));
    end_world(world);
}

static void an_answer_takes_the_programs_own_time(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    move_time(world, 250);
    world->manner = ANSWERS;
    treat(world, 0);
    run_until_done(world);
    assert_int_equal(json_number_value(json_object_get(nth(world, EVENT_ANSWER, 1), "ms")), 250);
    end_world(world);
}

static void an_answer_longer_than_announced_is_not_well_formed(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), ANSWERS_TOO_LONG);
    run_until_done(world);
    const json_t *answer = nth(world, EVENT_ANSWER, 1);
    assert_false(event_bool(answer, "well_formed"));
    assert_non_null(strstr(event_text(answer, "detail", ""), "1 byte more"));
    end_world(world);
}

/* --- failures --------------------------------------------------------------------------------- */

static const struct {
    enum manner manner;
    const char *why;
    int pid;
    const char *detail;
} failures[] = {
    {SAYS_NONSENSE, "malformed", FIRST_WORKER, "Handled by worker 11"},
    {CLOSES_HALFWAY, "closed", FIRST_WORKER, "bytes that Content-Length announces"},
    {RESETS, "reset", FIRST_WORKER, "process 11 read the request and wrote no answer"},
};

static void failures_are_told_with_whose_they_are(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct world *world = serve(LOAD(1, ""), failures[i].manner);
        run_until_done(world);
        assert_failed(world, failures[i].why, failures[i].pid, failures[i].detail);
        assert_false(event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
        assert_unmet(world, "s1", failures[i].why);
        end_world(world);
    }
}

static void a_connection_closed_unread_is_told(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), CLOSES_UNREAD);
    run_until_done(world);
    const char *why = event_text(nth(world, EVENT_UNANSWERED, 1), "why", "");
    assert_true(!strcmp(why, "closed") || !strcmp(why, "reset")); /* the kernel's choice */
    assert_failed(world, why, FIRST_WORKER, "process 11 accepted the connection");
    end_world(world);
}

static void nobody_listening_is_refused(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(3, ""));
    loop_unwatch(world->loop, world->listener);
    fd_close(&world->listener);
    be_born(world, MASTER, 0);
    drive_start(world->drive);
    run_until_done(world);
    assert_failed(world, "refused", 0, "no process listens");
    assert_int_equal(count_type(world, EVENT_UNANSWERED), 3);
    assert_unmet(world, "s1", "0 of 3 answered, 3 refused");
    end_world(world);
}

static void a_load_may_expect_to_be_refused(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(3, ", \"expect\": \"refused\""));
    loop_unwatch(world->loop, world->listener);
    fd_close(&world->listener);
    be_born(world, MASTER, 0);
    drive_start(world->drive);
    run_until_done(world);
    assert_met(world, "s1");
    end_world(world);
    world = serve(LOAD(3, ", \"expect\": \"refused\""), ANSWERS);
    run_until_done(world);
    assert_unmet(world, "s1", "3 of 3 answered");
    end_world(world);
}

static void connections_may_be_kept_open_after_their_last_request(void **state) {
    (void)state;
    struct world *world = serve(LOAD(4, ", \"concurrency\": 2, \"keep_alive\": true, "
                                        "\"per_connection\": 2, \"keep_open\": true"),
                                ANSWERS);
    run_until_done(world);
    assert_met(world, "s1");
    for (int i = 0; i < 4; i++)
        loop_step(world->loop, 1);
    assert_int_equal(world->fd_count, 2);
    assert_int_equal(world->open_now, 2);
    drive_free(world->drive);
    world->drive = NULL;
    while (world->open_now)
        loop_step(world->loop, LONGEST_ROUND_MS);
    end_world(world);
}

static void connections_may_be_opened_one_at_a_time(void **state) {
    (void)state;
    struct world *world = serve(LOAD(3, ", \"every_ms\": 50"), ANSWERS);
    for (size_t sent = 1; sent <= 3; sent++) {
        while (count_type(world, EVENT_ANSWER) < sent)
            one_round(world);
        assert_int_equal(count_type(world, EVENT_REQUEST), sent);
        if (sent < 3)
            move_to_deadline(world);
    }
    run_until_done(world);
    assert_int_equal(world->now_ns, 100 * NS_PER_MS);
    end_world(world);
}

static void silence_ends_with_the_time_limit(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    move_time(world, 7999);
    assert_false(world->done);
    move_to_deadline(world);
    assert_true(world->done);
    assert_failed(world, "timeout", FIRST_WORKER, "within 8000 ms; process 11 read the request");
    end_world(world);
}

static void a_second_accept_of_a_connection_is_of_another(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), ACCEPTS_AND_IS_SILENT);
    while (!count_type(world, EVENT_ACCEPT))
        one_round(world);
    world->pids[0] = FIRST_WORKER + 1;
    tell_connection(world, EVENT_ACCEPT, 0, 0);
    move_to_deadline(world);
    assert_failed(world, "timeout", FIRST_WORKER, "process 11 accepted the connection and did not");
    end_world(world);
}

static void who_answers_by_drops_has_no_more_time(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), DRIPS);
    while (!count_type(world, EVENT_REPLY))
        one_round(world);
    for (int second = 1; second < 8; second++) {
        say(world, 0, "a", 1);
        one_round(world);
        move_time(world, 1000);
        assert_false(world->done);
    }
    move_to_deadline(world);
    assert_int_equal(world->now_ns, 8000 * NS_PER_MS);
    assert_true(world->done);
    assert_failed(world, "timeout", FIRST_WORKER, "7 of the 21 bytes that Content-Length announces came");
    end_world(world);
}

static void an_answer_without_an_end_is_cut_off_and_no_more_is_asked(void **state) {
    (void)state;
    struct world *world = serve(LOAD(40, ", \"concurrency\": 4"), SHREDS);
    run_until_done(world);
    assert_failed(world, "malformed", FIRST_WORKER, "came in 1024 writes, and it was not over");
    assert_int_equal(count_type(world, EVENT_REQUEST), 4);
    assert_int_equal(count_type(world, EVENT_UNANSWERED), 4);
    assert_unmet(world, "s1", "0 of 4 answered, 4 malformed, 36 not sent");
    end_world(world);
}

static void who_never_answers_in_time_is_asked_no_more(void **state) {
    (void)state;
    struct world *world = serve(LOAD(10, ", \"concurrency\": 1"), READS_AND_IS_SILENT);
    for (size_t requests = 1; requests <= 4; requests++) {
        assert_false(world->done);
        while (count_type(world, EVENT_TAKEN) < requests)
            one_round(world);
        move_to_deadline(world);
    }
    assert_true(world->done);
    assert_unmet(world, "s1", "0 of 4 answered, 4 timeout, 6 not sent");
    end_world(world);
}

static void requests_that_nobody_reads_say_how_far_they_got(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), ACCEPTS_AND_IS_SILENT);
    while (!count_type(world, EVENT_ACCEPT))
        one_round(world);
    move_to_deadline(world);
    assert_failed(world, "timeout", FIRST_WORKER, "process 11 accepted the connection and did not");
    end_world(world);
}

static void no_socket_is_our_own_trouble(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(5, ""));
    be_born(world, MASTER, 0);
    world->no_sockets = true;
    drive_start(world->drive);
    assert_true(world->done);
    assert_int_equal(count_type(world, EVENT_ERROR), 1);
    assert_unmet(world, "s1", "no socket to be had");
    end_world(world);
}

static void a_request_lost_with_a_killed_worker_is_nobodys_fault(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", FIRST_WORKER);
    assert_int_equal(drive_inject(world->drive, step, NULL), 0);
    json_decref(step);
    reset(world, 0);
    run_until_done(world);
    assert_failed(world, "reset", FIRST_WORKER, "through no fault");
    assert_true(event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
    assert_met(world, "s1");
    end_world(world);
}

/* accept(2) had it in the kernel and has never returned. */
static void reset_unaccepted(bool while_it_lived) {
    struct world *world = begin_world(
        "[{\"do\": \"load\", \"requests\": 1, \"background\": true}, {\"do\": \"pass\", \"ms\": 1}]");
    json_t *kill = json_pack("{s:s, s:i}", "do", "kill", "pid", FIRST_WORKER);
    start_program(world);
    world->manner = NEVER_ACCEPTS;
    world->signal_kills = true;
    if (!while_it_lived)
        assert_int_equal(drive_inject(world->drive, kill, NULL), 0);
    drive_start(world->drive);
    while (!count_type(world, EVENT_REQUEST))
        one_round(world);
    if (while_it_lived)
        assert_int_equal(drive_inject(world->drive, kill, NULL), 0);
    json_decref(kill);
    int client = accept(world->listener, NULL, NULL);
    struct linger now = {.l_onoff = 1};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_close(&client);
    while (!count_type(world, EVENT_UNANSWERED))
        one_round(world);
    assert_int_equal(while_it_lived, event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
    end_world(world);
}

static void a_connection_that_nobody_was_seen_to_accept_is_lost_with_the_killed(void **state) {
    (void)state;
    reset_unaccepted(true);
    reset_unaccepted(false);
}

static void an_answer_cut_off_by_a_kill_is_no_answer(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    say(world, 0, "HTTP/1.1 200 OK\r\n\r\nHand", 23); /* to be ended by closing */
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", FIRST_WORKER);
    assert_int_equal(drive_inject(world->drive, step, NULL), 0);
    json_decref(step);
    hang_up(world, 0);
    run_until_done(world);
    assert_failed(world, "closed", FIRST_WORKER, "through no fault");
    end_world(world);
}

/* A connection that the master has accepted while a killed worker was not reaped: told it was passed on
 * to nobody, or not told so (the kernel refused to pass it), it is lost with that worker. */
static void lose_with_the_dead(bool told) {
    struct world *world = begin_world(LOAD(1, ""));
    start_program(world);
    world->only_worker = MASTER;
    world->manner = ACCEPTS_AND_IS_SILENT;
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", FIRST_WORKER);
    drive_inject(world->drive, step, NULL);
    json_decref(step);
    drive_start(world->drive);
    while (!count_type(world, EVENT_ACCEPT))
        one_round(world);
    if (told)
        emit(world, event_new(EVENT_PASS, "{s:i, s:i, s:n, s:s, s:i}", "channel", 1, "from", MASTER,
                              "to", "what", "socket", "connection", world->ports[0]));
    move_to_deadline(world);
    assert_failed(world, "timeout", told ? FIRST_WORKER : MASTER,
                  "process 11 was killed by the lab");
    assert_true(event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
    end_world(world);
}

/* The master has accepted it before, and deals it when the worker is dead: within half a second or so. */
static void lose_from_the_masters_hands(int64_t later_ms, bool excused) {
    struct world *world = begin_world(LOAD(1, ""));
    start_program(world);
    world->only_worker = MASTER;
    world->manner = ACCEPTS_AND_IS_SILENT;
    world->signal_kills = true;
    drive_start(world->drive);
    while (!count_type(world, EVENT_ACCEPT))
        one_round(world);
    world->now_ns += later_ms * NS_PER_MS;
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", FIRST_WORKER);
    assert_int_equal(drive_inject(world->drive, step, NULL), 0);
    json_decref(step);
    move_to_deadline(world);
    assert_int_equal(excused, event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
    end_world(world);
}

static void a_connection_dealt_to_a_worker_not_yet_reaped_is_lost_with_it(void **state) {
    (void)state;
    lose_from_the_masters_hands(0, true);
    lose_from_the_masters_hands(600, false);
    lose_with_the_dead(true);
    lose_with_the_dead(false);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_request_is_answered_and_its_worker_known),
    cmocka_unit_test(requests_differ_and_are_told_before_they_are_sent),
    cmocka_unit_test(answers_in_small_pieces_are_whole),
    cmocka_unit_test(writes_told_late_still_name_the_writer),
    cmocka_unit_test(kept_connections_carry_several_requests),
    cmocka_unit_test(a_server_may_close_a_kept_connection_between_requests),
    cmocka_unit_test(a_load_goes_on_until_every_worker_has_served),
    cmocka_unit_test(workers_that_never_serve_are_told),
    cmocka_unit_test(concurrency_bounds_the_open_connections),
    cmocka_unit_test(a_short_backlog_is_never_overrun),
    cmocka_unit_test(slow_requests_go_out_in_pieces),
    cmocka_unit_test(a_load_may_wait_for_the_end_of_its_connections),
    cmocka_unit_test(an_answer_takes_the_programs_own_time),
    cmocka_unit_test(an_answer_longer_than_announced_is_not_well_formed),
    cmocka_unit_test(failures_are_told_with_whose_they_are),
    cmocka_unit_test(a_connection_closed_unread_is_told),
    cmocka_unit_test(nobody_listening_is_refused),
    cmocka_unit_test(a_load_may_expect_to_be_refused),
    cmocka_unit_test(connections_may_be_kept_open_after_their_last_request),
    cmocka_unit_test(connections_may_be_opened_one_at_a_time),
    cmocka_unit_test(silence_ends_with_the_time_limit),
    cmocka_unit_test(a_second_accept_of_a_connection_is_of_another),
    cmocka_unit_test(who_never_answers_in_time_is_asked_no_more),
    cmocka_unit_test(who_answers_by_drops_has_no_more_time),
    cmocka_unit_test(an_answer_without_an_end_is_cut_off_and_no_more_is_asked),
    cmocka_unit_test(requests_that_nobody_reads_say_how_far_they_got),
    cmocka_unit_test(no_socket_is_our_own_trouble),
    cmocka_unit_test(a_request_lost_with_a_killed_worker_is_nobodys_fault),
    cmocka_unit_test(a_connection_that_nobody_was_seen_to_accept_is_lost_with_the_killed),
    cmocka_unit_test(an_answer_cut_off_by_a_kill_is_no_answer),
    cmocka_unit_test(a_connection_dealt_to_a_worker_not_yet_reaped_is_lost_with_it),
};
CASES_MAIN(cases)
