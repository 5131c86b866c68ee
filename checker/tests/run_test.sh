#!/usr/bin/env bash
# brigade-check as its users call it: every outcome, every exit code, nothing left over.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"

tests=$BRIGADE_ROOT/checker/tests
ending=$tests/fixtures/exercises/ending
submissions=$tests/submissions

# The result of a run of the exercise `ending`, one member of it.
run_ending() { # SUBMISSION
    code=0
    "$check" run "$ending" "$submissions/$1" --format json >"$TMPDIR/result" 2>"$TMPDIR/stderr" ||
        code=$?
}
result() { jq -r "$@" "$TMPDIR/result"; }

ends_with() { # SUBMISSION OUTCOME EXIT WORDS-OF-DETAIL
    run_ending "$1"
    assert_equals "$2" "$(result .outcome)"
    assert_equals "$3" "$code"
    assert_contains "$(result .detail)" "$4"
}


case_a_run_to_the_end_passes() {
    ends_with completed completed 0 ''
    assert_equals passed "$(result .verdict)"
    assert_equals 2 "$(result .processes)"
}
case_a_crash_names_its_signal() { ends_with crashed crashed 1 'SIGSEGV'; }
case_an_end_that_the_scenario_asked_for_is_not_the_run_s() {
    assert_exit 0 "$check" run "$tests/fixtures/exercises/asked" "$submissions/waits-for-a-signal"
}
case_a_death_by_the_scenario_s_signal_is_an_early_end_and_graded() {
    mkdir "$TMPDIR/exercise"
    cp -R "$tests/fixtures/exercises/asked" "$TMPDIR/exercise"
    sed -i '/"id": "end"/d; s/"ms": 1000},$/"ms": 1000}/' "$TMPDIR/exercise/asked/exercise.json"
    code=0
    "$check" run "$TMPDIR/exercise/asked" "$submissions/waits-for-a-signal" --format json \
        >"$TMPDIR/result" || code=$?
    assert_equals 1 "$code"
    assert_equals exited "$(result .outcome)"
    assert_equals failed "$(result .verdict)"
    assert_contains "$(result .detail)" 'the signal that it was sent'
}
case_a_crash_is_followed_to_its_line() {
    run_ending crashed
    assert_equals 'SIGSEGV true app.c:4 main' \
        "$(result '.crash | "\(.signal) \(.found) \(.file):\(.line) \(.function)"')"
    assert_contains "$(result .crash.what)" 'null pointer'
    assert_exit 1 "$check" run "$ending" "$submissions/crashed"
    assert_contains "$output" 'died of SIGSEGV: app.c:4, it reads through a null pointer'
}
case_a_childs_crash_is_followed_to_its_cause() {
    run_ending worker-crashes
    assert_equals 'SIGABRT heap-buffer-overflow app.c:8 fill' \
        "$(result '.crash | "\(.signal) \(.kind) \(.file):\(.line) \(.function)"')"
    assert_equals 'fill main' "$(result '[.crash.stack[] | select(.file == "app.c") | .function] | join(" ")')"
}
case_a_crash_that_does_not_come_again_is_told() {
    run_ending crashes-once
    assert_equals false "$(result .crash.found)"
    assert_contains "$(result .crash.why)" 'did not fail'
}
case_who_was_sent_a_signal_has_not_crashed() {
    run_ending sent-signals
    assert_equals null "$(result .crash)"
    assert_equals '3 SIGSEGV, 4 SIGSEGV, 5 SIGABRT' "$("$check" run "$ending" "$submissions/sent-signals" \
        --format events | jq -rs '[.[] | select(.type == "exit" and .signal) | "\(.pid) \(.signal)"] | join(", ")')"
}
case_a_sent_signal_does_not_hide_a_crash() {
    run_ending sent-and-crashed
    assert_equals '4 SIGSEGV true app.c:13' \
        "$(result '.crash | "\(.pid) \(.signal) \(.found) \(.file):\(.line)"')"
}
case_without_a_crash_nothing_is_looked_into() {
    run_ending completed
    assert_equals null "$(result .crash)"
    run_ending exited
    assert_equals null "$(result .crash)"
}
case_ending_too_early_names_the_code() {
    code=0
    "$check" run stats "$submissions/exited" --format json >"$TMPDIR/result" || code=$?
    assert_equals exited "$(result .outcome)"
    assert_equals 1 "$code"
    assert_contains "$(result .detail)" 'code 4'
}
case_two_readers_of_each_other_are_a_deadlock() {
    ends_with deadlocked-pipe deadlocked 1 'waits in read on the channel with'
}
case_a_wait_for_a_waiting_child_is_a_deadlock() {
    ends_with deadlocked-wait deadlocked 1 'waits in wait4'
}
case_a_program_that_has_stopped_itself_is_a_deadlock() {
    ends_with stops-itself deadlocked 1 '2 is stopped, and nobody sends it SIGCONT'
}
case_a_fifo_without_another_side_is_a_deadlock() {
    ends_with opens-a-fifo deadlocked 1 '2 waits in openat'
}
case_deadlocks_are_found_with_the_real_clock_too() {
    for submission in deadlocked-pipe deadlocked-wait stops-itself keeps-its-end; do
        "$check" run "$ending" "$submissions/$submission" --clock real --format json >"$TMPDIR/result" || :
        assert_equals 'real deadlocked' "$(result '"\(.clock) \(.outcome)"')"
    done
}
case_the_result_says_which_clock_and_how_it_went() {
    "$check" run "$ending" "$submissions/thousand-sleeps" --format json >"$TMPDIR/result"
    assert_equals 'virtual true true true' "$(result \
        '"\(.clock) \(.virtual_ms >= 1000 and .virtual_ms < 2000) \(.jumps >= 900) \(.wall_ms > 0)"')"
    "$check" run "$ending" "$submissions/completed" --clock real --format json >"$TMPDIR/result"
    assert_equals 'real 0' "$(result '"\(.clock) \(.jumps)"')"
}
case_who_keeps_the_writing_end_open_is_told() {
    ends_with keeps-its-end deadlocked 1 \
        'waits in read on a channel that nobody else writes to, whose writing end 2 itself holds open, since it made the channel at'
    ends_with sibling-keeps-the-end deadlocked 1 \
        'waits in read on the channel with 4, whose writing end 4 holds open, since its fork at'
}
case_a_writer_waits_for_who_reads() { # not for the other writer, its parent
    ends_with full-pipe deadlocked 1 '4 waits in write on the channel with 3'
    assert_contains "$(result .detail)" '3 waits in read on the channel with 2, whose writing end 2 holds open'
}
case_what_is_left_is_told_with_the_call_that_made_it() {
    ends_with leaves-things completed 1 ''
    assert_equals 'descriptor 6 by 5
orphan 3 by 2
orphan 6 by 5
zombie 4 by 2
zombie 5 by 2' "$(result '.left[] | "\(.what) \(.pid) by \(.by)"' | sort)"
    texts=$(result '.left[].text')
    assert_contains "$texts" '4, forked by 2 at 0.'
    assert_contains "$texts" 'was never waited for'
    assert_contains "$texts" '6 holds the writing end of the channel between 3 and 2 open as descriptor'
    assert_exit 1 "$check" run "$ending" "$submissions/leaves-things"
    assert_contains "$output" 'left: 3, forked by 2 at 0.'
}
case_nothing_is_left_of_what_is_put_away() {
    run_ending completed
    assert_equals '[]' "$(result -c .left)"
}
case_an_endless_loop_runs_out_of_time() { ends_with timed-out timed_out 1 '4 s of real time; process 2 used '; }
case_cpu_time_is_told_with_who_used_it_and_for_what() {
    cp -R "$ending" "$TMPDIR"
    jq '.limits.run += {wall_s: 60, cpu_s: 1}' "$ending/exercise.json" >"$TMPDIR/ending/exercise.json"
    ending=$TMPDIR/ending
    ends_with timed-out timed_out 1 'process 2 used 1.'
    assert_contains "$(result .detail)" 'allowed are 1 s; at the end of them it made no system call'
    ends_with polls-for-ever timed_out 1 'process 3 used 1.'
    assert_contains "$(result .detail)" 'at the end of them it called poll, again and again'
    ends_with rings-for-ever timed_out 1 \
        'to follow the many calls of the program took more than 2 s of CPU'
}
case_a_timer_without_rest_runs_out_of_time() {
    ends_with rings-for-ever timed_out 1 'to follow its many calls took us '
}
case_memory_of_all_processes_counts() { ends_with memory memory 1 'allowed are 96 MB'; }
case_endless_output_is_cut() { ends_with output output 1 '65536 bytes'; }
case_a_fork_bomb_is_cut() { ends_with processes processes 1 'more than 24'; }
case_a_filled_disk_is_told() { ends_with files files 1 'working directory'; }
case_a_compile_error_has_file_line_and_column() {
    run_ending build-failed
    assert_equals build_failed "$(result .outcome)"
    assert_equals 1 "$code"
    assert_equals 'app.c:4' "$(result '.diagnostics[0] | "\(.file):\(.line)"')"
    assert_equals failed "$(result '.checks[] | select(.id == "build") | .status')"
    assert_equals skipped "$(result '.checks[] | select(.id == "ended") | .status')"
}
case_a_folder_without_sources_is_a_usage_error() {
    assert_exit 2 "$check" run "$ending" "$TMPDIR"
    assert_contains "$output" app.c
}
case_a_file_instead_of_its_folder_is_told_as_that() {
    assert_exit 2 "$check" run "$ending" "$submissions/completed/app.c"
    assert_contains "$output" 'app.c is a file; name the folder that it is in'
}
case_cases_are_told_by_their_names_and_our_shell_is_not() {
    code=0
    "$check" run spawn-fate "$BRIGADE_ROOT/exercises/spawn-fate/starter" >"$TMPDIR/text" || code=$?
    assert_equals 1 "$code"
    assert_contains "$(cat "$TMPDIR/text")" 'case sigkill: 9 runs ./app sh -c kill -KILL $$'
    assert_equals '' "$(grep -E '/bin/sh|^ *[0-9.]+  2 ' "$TMPDIR/text")"
}
case_short_lived_children_replace_nobody() {
    mkdir "$TMPDIR/children"
    cat >"$TMPDIR/children/app.c" <<'END'
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            return 0;
        else
            wait(NULL);
    return 0;
}
END
    assert_exit 0 "$check" watch "$TMPDIR/children/app.c"
    assert_contains "$output" '2 forks 4'
    assert_equals '' "$(echo "$output" | grep replaces)"
}
case_what_a_long_line_lacks_is_told() {
    mkdir "$TMPDIR/long"
    cat >"$TMPDIR/long/app.c" <<'END'
#include <stdio.h>

int main(void) {
    for (int i = 0; i < 200000; i++)
        putchar('x');
    return 0;
}
END
    assert_exit 0 "$check" watch "$TMPDIR/long/app.c"
    [ "${#output}" -lt 25000 ] || fail "${#output} bytes"
    assert_contains "$(echo "$output" | tr -d '\n' | tr -s ' ')" ' bytes more)'
}
case_the_folder_here_is_an_exercise_too() {
    cd "$ending"
    assert_exit 0 "$check" run . "$submissions/completed"
}
case_an_unknown_exercise_is_a_usage_error_that_lists_the_known() {
    assert_exit 2 "$check" run nonesuch "$TMPDIR"
    assert_contains "$output" stats
}
case_a_wrong_option_is_a_usage_error() {
    assert_exit 2 "$check" run stats . --nonsense
    assert_contains "$output" --nonsense
}
case_a_language_the_machine_lacks_is_an_error_not_a_mark() {
    mkdir "$TMPDIR/exercise" "$TMPDIR/work"
    cp -R "$ending" "$TMPDIR/exercise/ending"
    sed -i 's/"needs": \["gcc"\]/"needs": ["no-such-compiler"]/' "$TMPDIR/exercise/ending/exercise.json"
    cp "$submissions/completed/app.c" "$TMPDIR/work"
    assert_exit 3 "$check" run "$TMPDIR/exercise/ending" "$TMPDIR/work"
    assert_contains "$output" no-such-compiler
}

# --- nothing is left ---------------------------------------------------------------------------

case_a_daemon_does_not_outlive_the_run() {
    run_ending leaves-a-daemon
    assert_equals 0 "$code"
}

# Starts a run that would go on for long, waits until its program is up, and gives its pid in $runner.
start_long_run() {
    mkfifo "$TMPDIR/events"
    "$check" run "$ending" "$submissions/timed-out" --format events >"$TMPDIR/events" &
    runner=$!
    exec 5<"$TMPDIR/events"
    while read -r line <&5; do
        case $line in *'"type":"exec"'*) break ;; esac
    done
    program=$(pgrep -P "$(pgrep -d, -P "$runner")" | head -n 1)
    [ -n "$program" ] || fail "no box under $runner"
}
# Waits for the end of a process that is not ours to wait for.
await_end() { tail --pid="$1" -f /dev/null; }

case_interrupting_the_checker_ends_the_program() {
    start_long_run
    kill -INT "$runner"
    code=0
    wait "$runner" || code=$?
    assert_equals 3 "$code"
    await_end "$program"
}
case_killing_the_checker_ends_the_program() {
    start_long_run
    kill -KILL "$runner"
    wait "$runner" || :
    await_end "$program"
}
case_a_reader_that_leaves_ends_the_run() {
    start_long_run
    exec 5<&-
    code=0
    wait "$runner" || code=$?
    await_end "$program"
}

# --- logs --------------------------------------------------------------------------------------

case_a_saved_log_gives_the_same_result() {
    "$check" run "$ending" "$submissions/completed" --format json --keep-log "$TMPDIR/log" \
        >"$TMPDIR/first"
    "$check" replay "$TMPDIR/log" "$ending" --format json >"$TMPDIR/second"
    assert_equals "$(jq -S . "$TMPDIR/first")" "$(jq -S . "$TMPDIR/second")"
}
case_what_is_no_log_is_refused() {
    echo '{"type":"fork"}' >"$TMPDIR/log"
    assert_exit 2 "$check" replay "$TMPDIR/log"
    assert_contains "$output" "$TMPDIR/log"
}
case_a_name_in_an_error_cannot_move_the_cursor() {
    assert_exit 2 "$check" run "$ending" "$TMPDIR/"$'no\e]0;such\a'
    assert_contains "$output" 'no\e]0;such\a: No such file'
}
case_every_event_fits_its_form() {
    "$check" run "$ending" "$submissions/completed" --format events >"$TMPDIR/events"
    assert_equals 0 "$(jq -s '[.[] | select((.seq | type) != "number" or .type == null)] | length' \
        "$TMPDIR/events")"
    assert_equals true "$(jq -s '[.[].seq] == [range(1; length + 1)]' "$TMPDIR/events")"
    assert_equals run "$(jq -s -r '.[0].type' "$TMPDIR/events")"
    assert_equals verdict "$(jq -s -r '.[-1].type' "$TMPDIR/events")"
}

# --- one file, watched -------------------------------------------------------------------------

watch() { # the events of a file that is watched, and its exit code
    code=0
    "$check" watch --format events --keep-log "$TMPDIR/log" "$@" >"$TMPDIR/events" || code=$?
}
case_a_file_is_watched_with_its_arguments() {
    watch "$submissions/completed/app.c" -- 'a b' -x
    assert_equals 0 "$code"
    assert_equals '["./app","a b","-x"]' \
        "$(jq -c 'select(.type == "exec" and (.argv[0] == "./app")) | .argv' "$TMPDIR/events")"
    assert_equals completed "$(jq -r 'select(.type == "end") | .outcome' "$TMPDIR/events")"
    assert_exit 0 "$check" replay "$TMPDIR/log"
    assert_contains "$output" ENDED
}
case_a_watched_file_that_waits_for_itself_is_told() {
    watch "$submissions/deadlocked-pipe/app.c"
    assert_equals 1 "$code"
    assert_equals deadlocked "$(jq -r 'select(.type == "end") | .outcome' "$TMPDIR/events")"
}
case_a_watched_crash_is_told() {
    watch "$submissions/crashed/app.c"
    assert_equals 1 "$code"
    assert_equals crashed "$(jq -r 'select(.type == "end") | .outcome' "$TMPDIR/events")"
    assert_equals app.c:4 "$(jq -r 'select(.type == "crash") | "\(.file):\(.line)"' "$TMPDIR/events")"
}
case_what_cannot_be_watched_is_a_usage_error() {
    assert_exit 2 "$check" watch "$TMPDIR/none.c"
    assert_contains "$output" 'none.c: No such file'
    assert_exit 2 "$check" watch "$BRIGADE_ROOT/README.md"
    assert_contains "$output" 'ends in .c'
}
case_a_name_is_no_pattern() {
    cp "$submissions/completed/app.c" "$TMPDIR/[a]*.c"
    echo 'int main(void) { return 1 }' >"$TMPDIR/a1.c"
    watch "$TMPDIR/[a]*.c"
    assert_equals 0 "$code"
}

cases_main "$@"
