#!/usr/bin/env bash
# The terminal that the lab borrows: given back whole, whatever happens.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60

case_the_terminal_is_sane_after_quit() {
    open_sane stats-live
    press q
    see 'left with 0'
    assert_terminal_is_sane "$before"
}

case_the_terminal_is_sane_after_every_deadly_signal() {
    local signal
    open_terminal 80x24 "stty -g >'$TMPDIR/before'; export ASAN_OPTIONS=handle_segv=0:handle_abort=0 FAKE_LOG=$BRIGADE_ROOT/lab/tests/fixtures/stats-live.ndjson
for signal in KILL SEGV ABRT TERM HUP INT; do $brigade; echo \"left with \$? after \$signal\"; read -r _; done; exec cat"
    for signal in KILL SEGV ABRT TERM HUP INT; do
        see 'q quit'
        before=$(cat "$TMPDIR/before")
        kill -$signal "$(lab_pid)"
        see "left with $((128 + $(kill -l $signal))) after $signal"
        assert_terminal_is_sane "$before"
        press Enter
    done
}

case_a_killed_lab_is_told_in_words_and_takes_its_checker_along() {
    open_sane stats-live stats
    press r
    see 'running  1'
    local lab fake
    lab=$(lab_pid)
    fake=$(only_child "$lab")
    kill -KILL "$lab"
    see 'ended by SIGKILL'
    see 'left with 137'
    assert_terminal_is_sane "$before"
    while kill -0 "$fake" 2>/dev/null; do read -rt 0.01 <> <(:) || :; done
}

case_a_killed_keeper_ends_the_lab_cleanly() {
    open_sane stats-live
    local lab
    lab=$(lab_pid)
    kill -KILL "$(keeper_pid)"
    while kill -0 "$lab" 2>/dev/null; do read -rt 0.01 <> <(:) || :; done
    see_no 'q quit'
    assert_terminal_is_sane "$before"
}

case_ctrl_z_and_fg_work() {
    open_terminal 80x24 "PS1='shell> ' FAKE_LOG=$BRIGADE_ROOT/lab/tests/fixtures/stats-live.ndjson exec bash --norc --noprofile -i"
    see 'shell>'
    press "$brigade" Enter
    see 'q quit'
    local lab
    press C-z
    see 'Stopped'
    ! on_alternate_screen || fail 'still on the alternate screen'
    press 'fg' Enter
    see 'q quit'
    on_alternate_screen || fail 'not back on the alternate screen'
    press Escape
    see 'next: 1'
    press Down Enter
    see 'not run yet'
    press C-z
    see 'Stopped'
    press 'fg' Enter
    see 'not run yet'
    press q
    see_no 'not run yet'
    press 'echo code $?' Enter
    see 'code 0'
    # The shell goes on below what it had written before.
    assert_contains "$(screen)" $'Stopped'
    assert_contains "$(screen | grep -A 9 Stopped)" 'code 0'
}

case_a_stop_from_outside_gives_the_terminal_back_as_well() {
    open_terminal 80x24 "PS1='shell> ' FAKE_LOG=$BRIGADE_ROOT/lab/tests/fixtures/stats-live.ndjson exec bash --norc --noprofile -i"
    see 'shell>'
    press "$brigade" Enter
    see 'q quit'
    kill -STOP "$(lab_pid)"
    see 'Stopped'
    ! on_alternate_screen || fail 'still on the alternate screen'
    press 'fg' Enter
    see 'q quit'
    press q
    see_no 'q quit'
    press 'echo code $?' Enter
    see 'code 0'
    assert_contains "$(screen | grep -A 9 Stopped)" 'code 0'
}

case_ctrl_l_draws_everything_again() {
    open_sane stats-live
    tm clear-history
    printf '\033[2J' >"$(tm display-message -p '#{pane_tty}')"
    see_no 'q quit'
    press C-l
    see 'q quit'
    see 'Welcome to Brigade'
}

case_no_terminal_is_told_with_the_way_without_one() {
    assert_exit 2 "$brigade" </dev/null
    assert_contains "$output" 'needs a terminal'
    assert_contains "$output" 'brigade --plain'
}

case_a_terminal_that_cannot_draw_is_told() {
    open_terminal 80x24 "for TERM in dumb no-such-terminal ''; do export TERM; $brigade; echo \"left with \$?, '\$TERM'\"; done; exec cat"
    see "left with 2, ''"
    see "left with 2, 'dumb'"
    see "left with 2, 'no-such-terminal'"
    see 'cannot place text'
    see 'not known here'
    see 'TERM is not set'
    see 'brigade --plain'
}

case_options_are_told_and_mistakes_are_usage_errors() {
    assert_exit 0 "$brigade" --help
    assert_contains "$output" '--workspace DIR'
    assert_exit 0 "$brigade" --version
    assert_contains "$output" brigade
    assert_exit 2 "$brigade" --colour
    assert_contains "$output" 'unknown option: --colour'
}

case_a_step_that_is_not_there_is_told() {
    open_terminal 80x24 "$brigade nonsense; echo \"left with \$?\"; exec cat"
    see 'left with 2'
    see 'there is no step "nonsense"'
}

cases_main "$@"
