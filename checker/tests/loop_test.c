/* The loop: descriptors, timers, children and signals, and handlers that change all of it. */
#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "tests/harness/cases.h"

enum { MANY = 600 }; /* more than the loop takes in at once */

static struct loop *new_loop(void) {
    struct err err = {0};
    struct loop *loop = loop_new(&err);
    if (!loop)
        fail_msg("%s", err.text);
    return loop;
}

/* --- timers ------------------------------------------------------------------------------------- */

struct note {
    struct buf *text;
    struct loop *loop;
    char letter;
    int timer;
};

static void write_letter(void *ctx) {
    struct note *note = ctx;
    buf_putc(note->text, note->letter);
}

static void timers_due_together_fire_in_the_order_of_their_moments(void **state) {
    (void)state;
    struct loop *loop = new_loop();
    struct buf text = {0};
    struct note notes[] = {{.text = &text, .letter = 'c'},
                           {.text = &text, .letter = 'a'},
                           {.text = &text, .letter = 'b'}};
    static const int64_t moments[] = {30, 10, 20};
    for (int i = 0; i < 3; i++)
        loop_timer_set(loop, loop_timer_new(loop, write_letter, &notes[i]), moments[i]);
    loop_step(loop, 0);
    assert_string_equal(text.data, "abc");
    loop_step(loop, 0); /* once only */
    assert_string_equal(text.data, "abc");
    loop_free(loop);
    buf_release(&text);
}

static void stop(void *ctx) { loop_stop(ctx); }

static void a_timer_never_fires_early(void **state) {
    (void)state;
    struct loop *loop = new_loop();
    for (int i = 0; i < 5; i++) {
        int64_t at_ns = clock_now_ns() + 2 * NS_PER_MS + 300000;
        int timer = loop_timer_new(loop, stop, loop);
        loop_timer_set(loop, timer, at_ns);
        loop_run(loop);
        assert_true(clock_now_ns() >= at_ns);
        loop_timer_free(loop, timer);
    }
    loop_free(loop);
}

static void a_disarmed_or_freed_timer_is_silent(void **state) {
    (void)state;
    struct loop *loop = new_loop();
    struct buf text = {0};
    struct note note = {.text = &text, .letter = 'x'};
    int first = loop_timer_new(loop, write_letter, &note);
    int second = loop_timer_new(loop, write_letter, &note);
    loop_timer_set(loop, first, 1);
    loop_timer_set(loop, second, 1);
    loop_timer_set(loop, first, -1);
    loop_timer_free(loop, second);
    loop_timer_free(loop, -1);
    loop_step(loop, 0);
    assert_null(text.data);
    assert_int_equal(loop_timer_new(loop, write_letter, &note),
                     second); /* its place is used again */
    loop_step(loop, 0);
    assert_null(text.data);
    loop_free(loop);
}

static void rearm_for_the_past(void *ctx) {
    struct note *note = ctx;
    buf_putc(note->text, note->letter);
    loop_timer_set(note->loop, note->timer, 1);
}

static void a_timer_armed_for_the_past_starves_nobody(void **state) {
    (void)state;
    struct loop *loop = new_loop();
    struct buf text = {0};
    struct note greedy = {.text = &text, .loop = loop, .letter = 'g'};
    struct note other = {.text = &text, .letter = 'o'};
    greedy.timer = loop_timer_new(loop, rearm_for_the_past, &greedy);
    loop_timer_set(loop, greedy.timer, 1);
    loop_timer_set(loop, loop_timer_new(loop, write_letter, &other), 2);
    loop_step(loop, -1);
    assert_string_equal(text.data, "go");
    loop_step(loop, -1);
    assert_string_equal(text.data, "gog");
    loop_free(loop);
    buf_release(&text);
}

static void grow_and_vanish(void *ctx) {
    struct note *note = ctx;
    loop_timer_free(note->loop, note->timer);
    for (int i = 0; i < 100; i++) /* the table of timers moves */
        loop_timer_set(note->loop, loop_timer_new(note->loop, write_letter, note), INT64_MAX);
    buf_putc(note->text, note->letter);
}

static void a_timer_may_free_itself_and_make_others(void **state) {
    (void)state;
    struct loop *loop = new_loop();
    struct buf text = {0};
    struct note note = {.text = &text, .loop = loop, .letter = 'x'};
    note.timer = loop_timer_new(loop, grow_and_vanish, &note);
    loop_timer_set(loop, note.timer, 1);
    loop_step(loop, 0);
    assert_string_equal(text.data, "x");
    loop_free(loop);
    buf_release(&text);
}

/* --- descriptors -------------------------------------------------------------------------------- */

struct pair { /* two pipes, both readable, and what their handlers do to each other */
    struct loop *loop;
    int ends[2][2];
    int calls, strays, fresh_calls;
};

static void open_pair(struct pair *pair) {
    pair->loop = new_loop();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fd_pipe(pair->ends[i], NULL), 0);
        assert_int_equal(fd_write_all(pair->ends[i][1], "x", 1), 0);
    }
}

static void close_pair(struct pair *pair) {
    for (int i = 0; i < 4; i++)
        fd_close(&pair->ends[i / 2][i % 2]);
    loop_free(pair->loop);
}

static int other_of(const struct pair *pair, int fd) {
    return pair->ends[fd == pair->ends[0][0]][0];
}

static void unwatch_other(void *ctx, int fd, uint32_t events) {
    struct pair *pair = ctx;
    (void)events;
    pair->calls++;
    loop_unwatch(pair->loop, other_of(pair, fd));
}

static void a_watch_removed_in_anothers_handler_hears_nothing_more(void **state) {
    (void)state;
    struct pair pair = {0};
    open_pair(&pair);
    for (int i = 0; i < 2; i++)
        assert_int_equal(loop_watch(pair.loop, pair.ends[i][0], EPOLLIN, unwatch_other, &pair), 0);
    loop_step(pair.loop, -1);
    assert_int_equal(pair.calls, 1);
    close_pair(&pair);
}

static void on_fresh(void *ctx, int fd, uint32_t events) {
    struct pair *pair = ctx;
    (void)fd;
    pair->fresh_calls++;
    pair->strays += !(events & EPOLLOUT);
}

/* Closes the other pipe and has a new descriptor take its number. */
static void replace_other(void *ctx, int fd, uint32_t events) {
    struct pair *pair = ctx;
    int other = other_of(pair, fd), fresh[2];
    (void)events;
    pair->calls++;
    loop_unwatch(pair->loop, fd);
    loop_unwatch(pair->loop, other);
    assert_int_equal(fd_pipe(fresh, NULL), 0);
    assert_int_equal(dup3(fresh[1], other, O_CLOEXEC), other);
    loop_watch(pair->loop, other, EPOLLOUT, on_fresh, pair);
    fd_close(&fresh[0]);
    fd_close(&fresh[1]);
}

static void a_number_used_again_does_not_get_the_old_ones_event(void **state) {
    (void)state;
    struct pair pair = {0};
    open_pair(&pair);
    for (int i = 0; i < 2; i++)
        loop_watch(pair.loop, pair.ends[i][0], EPOLLIN, replace_other, &pair);
    loop_step(pair.loop, -1);
    assert_int_equal(pair.calls, 1);
    assert_int_equal(pair.fresh_calls, 0); /* what was told in this round was told to the old one */
    loop_step(pair.loop, -1);
    assert_int_equal(pair.fresh_calls, 1);
    close_pair(&pair);
}

static void watch_many(void *ctx, int fd, uint32_t events) {
    struct pair *pair = ctx;
    (void)events;
    pair->calls++;
    loop_unwatch(pair->loop, fd);
    int far = fcntl(pair->ends[1][0], F_DUPFD_CLOEXEC, 500); /* the table of watches moves */
    loop_watch(pair->loop, far, EPOLLIN, on_fresh, pair);
    loop_unwatch(pair->loop, far);
    close(far);
}

static void a_handler_may_unwatch_itself_and_watch_others(void **state) {
    (void)state;
    struct pair pair = {0};
    open_pair(&pair);
    loop_watch(pair.loop, pair.ends[0][0], EPOLLIN, watch_many, &pair);
    loop_step(pair.loop, -1);
    loop_step(pair.loop, 0);
    assert_int_equal(pair.calls, 1);
    close_pair(&pair);
}

static void watching_again_changes_handler_and_events(void **state) {
    (void)state;
    struct pair pair = {0};
    open_pair(&pair);
    loop_watch(pair.loop, pair.ends[0][1], EPOLLIN, unwatch_other, &pair);
    loop_watch(pair.loop, pair.ends[0][1], EPOLLOUT, on_fresh, &pair);
    loop_step(pair.loop, -1);
    assert_int_equal(pair.fresh_calls, 1);
    assert_int_equal(pair.strays, 0);
    assert_int_equal(pair.calls, 0);
    close_pair(&pair);
}

static void a_descriptor_that_cannot_be_waited_for_is_refused(void **state) {
    (void)state;
    struct pair pair = {0};
    open_pair(&pair);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(loop_watch(pair.loop, null, EPOLLIN, on_fresh, &pair), -EPERM);
    loop_unwatch(pair.loop, null);
    loop_unwatch(pair.loop, 100000);
    loop_unwatch(pair.loop, -1);
    loop_step(pair.loop, 0);
    assert_int_equal(pair.fresh_calls, 0);
    fd_close(&null);
    close_pair(&pair);
}

/* --- children ----------------------------------------------------------------------------------- */

static pid_t child_that_exits(int code) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(code);
    assert_true(pid > 0);
    return pid;
}

struct census {
    struct loop *loop;
    int ends, others, wanted, last_status;
    pid_t last_pid;
};

static void on_end(void *ctx, pid_t pid, int status) {
    struct census *census = ctx;
    census->last_pid = pid;
    census->last_status = status;
    if (++census->ends + census->others == census->wanted)
        loop_stop(census->loop);
}

static void on_other(void *ctx, pid_t pid, int status) {
    struct census *census = ctx;
    (void)pid, (void)status;
    if (census->ends + ++census->others == census->wanted)
        loop_stop(census->loop);
}

static void the_end_of_a_child_is_told_with_its_status(void **state) {
    (void)state;
    struct census census = {.loop = new_loop(), .wanted = 1};
    pid_t pid = child_that_exits(7);
    loop_on_child(census.loop, pid, on_end, &census);
    loop_run(census.loop);
    assert_int_equal(census.last_pid, pid);
    assert_true(WIFEXITED(census.last_status) && WEXITSTATUS(census.last_status) == 7);
    loop_free(census.loop);
}

static void a_child_that_died_before_anyone_asked_is_told_too(void **state) {
    (void)state;
    struct census census = {.loop = new_loop(), .wanted = 1};
    pid_t pid = child_that_exits(0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0); /* it is dead by now */
    loop_on_child(census.loop, pid, on_end, &census);
    loop_run(census.loop);
    assert_int_equal(census.ends, 1);
    loop_free(census.loop);
}

static void a_child_nobody_asked_for_goes_to_the_other_handler(void **state) {
    (void)state;
    struct census census = {.loop = new_loop(), .wanted = 2};
    loop_on_other(census.loop, on_other, &census);
    loop_on_child(census.loop, child_that_exits(0), on_end, &census);
    child_that_exits(0);
    loop_run(census.loop);
    assert_int_equal(census.ends, 1);
    assert_int_equal(census.others, 1);
    loop_free(census.loop);
}

static void many_children_that_died_together_are_all_told(void **state) {
    (void)state;
    struct census census = {.loop = new_loop(), .wanted = MANY};
    siginfo_t info;
    for (int i = 0; i < MANY; i++) {
        pid_t pid = child_that_exits(i % 100);
        loop_on_child(census.loop, pid, on_end, &census);
        assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    }
    loop_run(census.loop);
    assert_int_equal(census.ends, MANY);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    loop_free(census.loop);
}

static void start_another(void *ctx, pid_t pid, int status) {
    struct census *census = ctx;
    on_end(ctx, pid, status);
    if (census->ends < census->wanted)
        loop_on_child(census->loop, child_that_exits(0), start_another, census);
}

static void a_childs_end_may_start_the_next(void **state) {
    (void)state;
    struct census census = {.loop = new_loop(), .wanted = 20};
    loop_on_child(census.loop, child_that_exits(0), start_another, &census);
    loop_run(census.loop);
    assert_int_equal(census.ends, 20);
    loop_free(census.loop);
}

static void children_are_told_where_sigchld_was_ignored_from_the_start(void **state) {
    (void)state;
    signal(SIGCHLD, SIG_IGN); /* as some launchers leave it */
    struct census census = {.loop = new_loop(), .wanted = 1};
    loop_on_child(census.loop, child_that_exits(3), on_end, &census);
    loop_run(census.loop);
    assert_int_equal(WEXITSTATUS(census.last_status), 3);
    loop_free(census.loop);
    assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
}

/* --- signals ------------------------------------------------------------------------------------ */

struct heard {
    struct loop *loop;
    int numbers[8], count;
};

static void on_signal(void *ctx, int number) {
    struct heard *heard = ctx;
    heard->numbers[heard->count++] = number;
}

static void signals_are_told_and_interrupt_nothing(void **state) {
    (void)state;
    struct heard heard = {.loop = new_loop()};
    loop_on_signal(heard.loop, on_signal, &heard);
    raise(SIGTERM);
    loop_step(heard.loop, -1);
    raise(SIGINT);
    loop_step(heard.loop, -1);
    assert_int_equal(heard.count, 2);
    assert_int_equal(heard.numbers[0], SIGTERM);
    assert_int_equal(heard.numbers[1], SIGINT);
    loop_free(heard.loop);
}

static void a_hangup_ignored_from_the_start_stays_ignored(void **state) {
    (void)state;
    signal(SIGHUP, SIG_IGN); /* as nohup does */
    struct heard heard = {.loop = new_loop()};
    loop_on_signal(heard.loop, on_signal, &heard);
    raise(SIGHUP);
    loop_step(heard.loop, 0);
    assert_int_equal(heard.count, 0);
    loop_free(heard.loop);
}

static void an_interrupt_is_told_although_ignored_from_the_start(void **state) {
    (void)state;
    signal(SIGINT, SIG_IGN); /* as a script starts its background jobs */
    struct heard heard = {.loop = new_loop()};
    loop_on_signal(heard.loop, on_signal, &heard);
    raise(SIGINT);
    loop_step(heard.loop, -1);
    assert_int_equal(heard.count, 1);
    loop_free(heard.loop);
}

static void the_signal_mask_is_given_back(void **state) {
    (void)state;
    sigset_t before, during, after;
    sigprocmask(SIG_BLOCK, NULL, &before);
    struct loop *loop = new_loop();
    sigprocmask(SIG_BLOCK, NULL, &during);
    loop_free(loop);
    sigprocmask(SIG_BLOCK, NULL, &after);
    assert_true(sigismember(&during, SIGCHLD) && sigismember(&during, SIGTERM));
    for (int number = 1; number < NSIG; number++)
        assert_int_equal(sigismember(&before, number), sigismember(&after, number));
}

static void a_loop_leaves_no_descriptor_behind(void **state) {
    (void)state;
    int before = dup(0);
    close(before);
    struct loop *loop = new_loop();
    loop_free(loop);
    loop_free(NULL);
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(timers_due_together_fire_in_the_order_of_their_moments),
    cmocka_unit_test(a_timer_never_fires_early),
    cmocka_unit_test(a_disarmed_or_freed_timer_is_silent),
    cmocka_unit_test(a_timer_armed_for_the_past_starves_nobody),
    cmocka_unit_test(a_timer_may_free_itself_and_make_others),
    cmocka_unit_test(a_watch_removed_in_anothers_handler_hears_nothing_more),
    cmocka_unit_test(a_number_used_again_does_not_get_the_old_ones_event),
    cmocka_unit_test(a_handler_may_unwatch_itself_and_watch_others),
    cmocka_unit_test(watching_again_changes_handler_and_events),
    cmocka_unit_test(a_descriptor_that_cannot_be_waited_for_is_refused),
    cmocka_unit_test(the_end_of_a_child_is_told_with_its_status),
    cmocka_unit_test(a_child_that_died_before_anyone_asked_is_told_too),
    cmocka_unit_test(a_child_nobody_asked_for_goes_to_the_other_handler),
    cmocka_unit_test(many_children_that_died_together_are_all_told),
    cmocka_unit_test(a_childs_end_may_start_the_next),
    cmocka_unit_test(children_are_told_where_sigchld_was_ignored_from_the_start),
    cmocka_unit_test(signals_are_told_and_interrupt_nothing),
    cmocka_unit_test(a_hangup_ignored_from_the_start_stays_ignored),
    cmocka_unit_test(an_interrupt_is_told_although_ignored_from_the_start),
    cmocka_unit_test(the_signal_mask_is_given_back),
    cmocka_unit_test(a_loop_leaves_no_descriptor_behind),
};

CASES_MAIN(cases)
