#!/usr/bin/env bash
# The test runner itself: does it catch what it must?
# shellcheck disable=SC2016
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
runner=$BRIGADE_BUILD/tests/runner

# Writes $TMPDIR/sample_test with one case `it` whose body is read from stdin.
sample() {
    cat >"$TMPDIR/sample_test" <<END
#!/usr/bin/env bash
[ "\$1" = --list ] && { echo "it${limit_s:+	$limit_s}"; exit; }
$(cat)
END
    chmod +x "$TMPDIR/sample_test"
}

last() { tail -n 1 <<<"$output"; }

gone() { # PID...: dead, or its death not yet collected
    local pid
    for pid; do
        ! grep -qs '^State:.[^ZX]' "/proc/$pid/status" || fail "process $pid still runs"
    done
}

case_a_passing_case_is_told_on_one_line() {
    sample <<<'echo noise'
    assert_exit 0 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" 'sample_test it'
    assert_lacks "$output" noise
    assert_equals '1 passed, 0 failed' "$(last)"
}

case_a_failing_case_shows_its_output() {
    sample <<<'echo noise; exit 3'
    assert_exit 1 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" noise
    assert_equals '0 passed, 1 failed' "$(last)"
}

case_death_by_a_signal_is_a_failure() {
    sample <<<'kill -SEGV $$'
    assert_exit 1 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" 'killed by signal 11'
}

case_a_skipped_case_says_why_and_fails_nothing() {
    sample <<<'echo no such kernel; exit 77'
    assert_exit 0 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" 'it: no such kernel'
    assert_equals '0 passed, 0 failed, 1 skipped' "$(last)"
}

case_a_case_that_never_ends_is_stopped_at_its_own_limit() {
    limit_s=1 sample <<<'echo $$ >"$PIDS"; exec sleep 1000'
    PIDS=$TMPDIR/pids assert_exit 1 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" TIMEOUT
    assert_contains "$output" 'still running after 1 s'
    gone "$(cat "$TMPDIR/pids")"
}

case_a_left_over_child_fails_the_case_and_is_killed() {
    sample <<<'sleep 1000 & echo $! >"$PIDS"'
    PIDS=$TMPDIR/pids assert_exit 1 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" LEFT
    assert_contains "$output" "left running: process $(cat "$TMPDIR/pids") (sleep)"
    gone "$(cat "$TMPDIR/pids")"
}

case_a_daemon_in_a_session_of_its_own_is_found_too() {
    sample <<<'(setsid bash -c "echo \$\$ >$PIDS.new; mv $PIDS.new $PIDS; exec sleep 1000" &)
until [ -e "$PIDS" ]; do read -rt 0.01 <> <(:) || :; done'
    PIDS=$TMPDIR/pids assert_exit 1 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" LEFT
    gone "$(cat "$TMPDIR/pids")"
}

case_a_child_that_dies_with_its_parent_is_not_left_over() {
    sample <<<'read -rt 0.2 <> <(:) & exit 0'
    assert_exit 0 "$runner" "$TMPDIR/sample_test"
}

case_a_file_of_ours_left_in_TMPDIR_fails_the_case() {
    sample <<<'mkdir "$TMPDIR/brigade-run-1"; touch "$TMPDIR/other"'
    assert_exit 1 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" 'left behind: $TMPDIR/brigade-run-1'
    assert_lacks "$output" other
}

case_the_scratch_folder_is_removed() {
    sample <<<'mkdir "$TMPDIR/deep"; touch "$TMPDIR/deep/file"; echo "$TMPDIR" >"$PLACE"'
    PLACE=$TMPDIR/place assert_exit 0 "$runner" "$TMPDIR/sample_test"
    [ ! -e "$(cat "$TMPDIR/place")" ] || fail "$(cat "$TMPDIR/place") is still there"
}

case_a_program_that_lists_nothing_is_a_failure() {
    printf '#!/bin/sh\nexit 0\n' >"$TMPDIR/sample_test"
    chmod +x "$TMPDIR/sample_test"
    assert_exit 1 "$runner" "$TMPDIR/sample_test"
    assert_contains "$output" 'did not answer'
}

case_only_picks_cases_by_name() {
    sample <<<'exit 1'
    assert_exit 2 "$runner" --only nothing "$TMPDIR/sample_test"
    assert_exit 1 "$runner" --only 'ample*i' "$TMPDIR/sample_test"
}

case_an_interrupt_kills_the_running_cases() {
    sample <<<'echo $$ >"$PIPE"; exec sleep 1000'
    mkfifo "$TMPDIR/pipe"
    # A job in the background ignores SIGINT in a shell without job control: the same path, SIGTERM.
    PIPE=$TMPDIR/pipe "$runner" "$TMPDIR/sample_test" >"$TMPDIR/out" &
    read -r pid <"$TMPDIR/pipe"
    kill -TERM $!
    code=0
    wait $! || code=$?
    assert_equals 130 "$code"
    assert_contains "$(cat "$TMPDIR/out")" Interrupted
    gone "$pid"
}

case_a_killed_runner_takes_its_cases_with_it() {
    sample <<<'echo $$ >"$PIPE"; exec sleep 1000 >"$PIPE"'
    mkfifo "$TMPDIR/pipe"
    PIPE=$TMPDIR/pipe "$runner" "$TMPDIR/sample_test" >/dev/null 2>&1 &
    exec 3<"$TMPDIR/pipe"
    read -r pid <&3
    kill -KILL $!
    read -rt 10 <&3 || [ $? -le 128 ] || fail "process $pid still holds the pipe" # end of file
    wait $! 2>/dev/null || :
}

cases_main "$@"
