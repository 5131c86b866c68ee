#!/usr/bin/env bash
# The lab on its screens: keys pressed, text read, at several sizes.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60

case_the_steps_are_listed_with_what_was_done() {
    mkdir -p "$BRIGADE_WORKSPACE"
    echo '{"version": 1, "exercises": {"stats": {"passed": true, "score": 100, "max_score": 100}}}' \
        >"$BRIGADE_WORKSPACE/.progress.json"
    open_lab 80x24 stats-live
    see 'Why more than one process'
    see 'stats         Count and report'
    see 'passed   100 of 100'
    see '50 %   100 of 100 points'
    see '1  Why more than one process'
    see 'next: 1 Why more than one process'
}

case_the_first_step_that_is_not_done_is_selected() {
    mkdir -p "$BRIGADE_WORKSPACE"
    echo '{"version": 1, "lessons": {"why": {"state": "read"}}}' >"$BRIGADE_WORKSPACE/.progress.json"
    open_lab 80x24 stats-live
    see '>  exercise  stats'
}

case_a_workspace_that_cannot_be_made_is_told() {
    : >"$TMPDIR/file"
    open_lab 80x24 stats-live --workspace "$TMPDIR/file"
    see 'Welcome to Brigade'
    press Escape
    see 'Why more than one process'
    press Down Enter
    see 'cannot make the folder'
    see 'new'
}

case_a_lesson_is_shown_as_text_and_remembered() {
    open_lab 80x24 stats-live
    see 'Welcome to Brigade'
    press Enter
    see '• why one process is one thing at a time'
    see '│ The head chef hands out the orders.'
    see_no '**boils over**'
    press G
    see 'The end.'
    see 'pid_t pid = fork();'
    see '100 %'
    press Escape
    see '50 %'
    assert_contains "$(cat "$BRIGADE_WORKSPACE/.progress.json")" '"read"'
}

case_a_table_fits_into_few_columns() {
    open_lab 40x24 stats-live why
    see 'Why more than one'
    press PageDown PageDown
    see 'waitpid()'
    see 'the parent'
}

case_an_exercise_is_copied_once_and_never_overwritten() {
    open_lab 80x24 stats-live stats
    see 'yours to change'
    see 'Write a clustered HTTP server that counts.'
    assert_contains "$(cat "$BRIGADE_WORKSPACE/stats/app.c")" "A starter"
    echo 'int main;' >"$BRIGADE_WORKSPACE/stats/app.c"
    press Escape
    see 'exercise  stats         Count and report              new'
    press Enter
    see 'Write a clustered'
    assert_equals 'int main;' "$(cat "$BRIGADE_WORKSPACE/stats/app.c")"
}

case_a_run_is_shown_as_it_goes_at_80x24() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    see '> ├ 11 worker  waits in accept'
    see '13 worker  killed by SIGKILL at 9.1 s'
    see 'replaces 13'
    see 'no? truth'
    see 'truth fails so far: Worker 12 reported 30'
    press 3
    see '░ 19 of 20'
    see '░ none yet'
    press 4
    see '5.001  11 > 10  {"pid": 11, "count": 24}'
    press 5
    see '10   Stats from worker 11: { pid: 11, count: 24 }'
    see '15 ! app: SO_REUSEPORT: retrying'
    press s
    see 'stopped, not graded'
    assert_contains "$(cat "$FAKE_HEARD")" '{"do":"stop"}'
}

case_a_failed_check_is_explained() {
    open_lab 80x24 stats-failed stats
    see 'not run yet'
    press r
    see '> no  truth'
    see 'Worker 12 reported 30 requests at 10.0 s, but it had'
    see 'Expected'
    press PageDown
    see 'Hint'
    press Down Down Down Down
    see '> no  responsive'
    see 'inside its accept loop.'
    see 'ok  build'
    press Up
    see '> ok  reaped'
    press Escape
    see 'tried    80 of 100'
}

case_a_crash_is_told_in_a_sentence() {
    open_lab 80x24 stats-crashed stats
    see 'not run yet'
    press r
    see 'Your program died of a signal: process 10'
    see '> no  workers'
}

case_a_passed_exercise_is_remembered() {
    open_lab 80x24 stats-passed stats
    see 'not run yet'
    press r
    see 'Passed: all 11 checks, 100 of 100 points.'
    press Escape
    see 'passed   100 of 100'
    press q
    see 'left with 0'
    assert_equals '{"max_score":100,"passed":true,"score":100}' \
        "$(jq -cS '.exercises.stats | del(.tried_s)' "$BRIGADE_WORKSPACE/.progress.json")"
}

case_all_panes_stand_side_by_side_at_100x30() {
    open_lab 100x30 stats-live stats
    see '1 Task'
    see '> ..  build'
    press r
    see 'running  1'
    see '2 Processes'
    see '3 Counts'
    see '4 Messages'
    see '5 Output'
    see '6 Checks, 5 of 11 pass'
    press 1
    see 'Write a clustered HTTP server'
    see 'Worker 13 died'
}

case_the_task_stands_beside_the_panes_at_140x40() {
    open_lab 140x40 stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    see 'Write a clustered HTTP server'
    see '{"pid": 11, "count": 24}'
    see 'Stats from worker 11'
}

case_one_pane_is_left_at_60x20() {
    open_lab 60x20 stats-live stats
    see 'Write a clustered'
    press r
    see '2 Processes'
    see 'waits in accept'
    see_no '6 Checks'
    press 6
    see 'no? truth'
}

case_a_terminal_that_is_too_small_says_so() {
    open_lab 24x5 stats-live
    see 'too small'
    tm resize-window -x 80 -y 24
    see 'Welcome to Brigade'
}

case_a_resize_keeps_the_place() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    press Down Down
    see '> ├ 13 worker'
    tm resize-window -x 100 -y 30
    see '5 Output'
    see '> ├ 13 worker'
    tm resize-window -x 60 -y 20
    see_no '5 Output'
    see '> ├ 13 worker'
}

case_compiler_messages_are_listed_and_edit_jumps_to_the_line() {
    cat >"$TMPDIR/vi" <<'END'
#!/bin/sh
printf 'in the editor with %s, ' "$*"; stty -a | grep -o ' -\{0,1\}icanon'
read -r _
END
    chmod +x "$TMPDIR/vi"
    export EDITOR=$TMPDIR/vi
    open_lab 80x24 stats-no-compile stats
    see 'not run yet'
    press r
    see 'does not compile'
    see '> app.c:42    error'
    press e
    see 'in the editor with +42 app.c,  icanon'
    press Enter
    see '> app.c:42    error'
    press Down e
    see 'in the editor with +57 app.c,  icanon'
    press Enter
    see 'does not compile'
}

case_an_editor_that_is_missing_is_told() {
    EDITOR=no-such-editor open_lab 80x24 stats-live stats
    see 'not run yet'
    press e
    see '"no-such-editor" cannot be started'
}

case_vi_is_not_opened_before_it_was_said_how_to_leave_it() {
    mkdir "$TMPDIR/bin"
    printf '#!/bin/sh\necho "vi opened $1"; read -r _\n' >"$TMPDIR/bin/vi"
    chmod +x "$TMPDIR/bin/vi"
    unset EDITOR
    PATH=$TMPDIR/bin:$PATH open_lab 80x24 stats-live stats
    see 'not run yet'
    press e
    see ':q! leaves without.'
    assert_lacks "$(screen)" 'vi opened'
    press e
    see 'vi opened app.c'
    press Enter
    see 'not run yet'
}

case_a_free_run_takes_load_and_kills() {
    open_lab 80x24 stats-free stats
    see 'not run yet'
    press f
    see 'free run'
    see '> ├ 11 worker'
    see 'f fast-forward'
    press f
    see 'On to the next deadline'
    press l
    see 'How many requests? 20'
    press x
    see 'How many requests? 20   digits only'
    press Enter
    see 'How many at a time? 10'
    press Enter
    see '        5     none'
    press k
    see '11 worker  killed by SIGKILL at 4.0 s'
    press s
    see 'ended'
    assert_contains "$(head -1 "$FAKE_HEARD")" 'run stats'
    assert_contains "$(head -1 "$FAKE_HEARD")" '--format events --live --control --free --clock=paced'
    assert_contains "$(cat "$FAKE_HEARD")" '{"do":"load","requests":20,"concurrency":10}'
    assert_contains "$(cat "$FAKE_HEARD")" '{"do":"kill","pid":11}'
    assert_contains "$(cat "$FAKE_HEARD")" '{"do":"skip"}'
}

case_a_checker_that_dies_and_talks_nonsense_is_told_in_words() {
    open_lab 80x24 stats-dies stats
    see 'not run yet'
    press r
    see 'the checker failed'
    see 'The checker was killed by SIGKILL'
    see 'tracer: ptrace: No such process'
    see 'does not understand, 3 times'
    press 2
    see '11 worker'
    press r
    see 'the checker failed'
}

case_a_checker_that_is_missing_is_told() {
    export BRIGADE_CHECK=$TMPDIR/nothing
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'The checker could not be started'
}

case_no_byte_of_the_program_reaches_the_terminal_raw() {
    open_lab 80x24 stats-hostile stats
    see 'not run yet'
    press r 5
    see '11   \e[31mred\e[2J\a bell \x9b1m <U+202E> rtl'
    see $'日本語のテキスト wide e\u0301 combined 😀 end'
    see 'no newline at the end'
    press 4
    see '12 > ?  \xff\xfenot json'
    see '(no newline)'
}

case_a_key_that_does_nothing_now_says_why() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press k
    see 'Nothing is running that could be killed'
    press r
    see 'running  1'
    press r
    see 'running already; s stops it'
    press n
    see 'Stop the run first'
}

case_quit_asks_only_while_something_runs() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    press q
    see 'Stop it and quit? y/n'
    press n
    see 'waits in accept'
    press q
    see 'Stop it and quit?'
    press y
    see 'left with 0'
}

case_going_back_stops_the_run_first() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    press Escape
    see 'Stop it and go back? y/n'
    press y
    see 'exercise  stats'
    assert_contains "$(cat "$FAKE_HEARD")" '{"do":"stop"}'
}

case_help_lists_the_keys_of_the_place() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press '?'
    see 'compile, run and grade your program'
    press G
    see 'A process has one colour on every pane.'
    press Up Up Up Up
    see 'so it stands now'
    press q
    see 'Write a clustered'
}

case_a_saved_log_is_shown_and_nothing_runs() {
    open_lab 80x24 stats-failed --log "$BRIGADE_ROOT/lab/tests/fixtures/stats-failed.ndjson"
    see 'failed: 9 of 11 checks'
    see '> no  truth'
    press r 2
    see '13 worker  killed by SIGKILL'
    [ ! -e "$FAKE_HEARD" ] || fail 'the checker was started'
    press q
    see 'left with 0'
}

case_ascii_is_enough() {
    open_lab 80x24 stats-live --no-unicode stats
    see 'not run yet'
    press r
    see 'running  1'
    see '> + 11 worker'
    press 3
    see '#### '
    LC_ALL=C assert_equals '' "$(screen | LC_ALL=C grep -n '[^ -~]' || :)"
}

case_a_locale_without_utf8_gets_ascii() {
    LC_ALL=C open_lab 80x24 stats-hostile stats
    see 'not run yet'
    press r 5
    see 'no newline at the end'
    assert_equals '' "$(screen | LC_ALL=C grep -n '[^ -~]' || :)"
}

coloured() { tm capture-pane -p -e | grep -c $'\e\\[[0-9;]*3[0-7]m' || :; }

case_colours_are_there_and_can_be_turned_off() {
    open_lab 80x24 stats-failed stats
    see 'not run yet'
    press r
    see '> no  truth'
    [ "$(coloured)" -gt 0 ] || fail 'nothing has a colour'
}

case_NO_COLOR_gives_no_colour_and_loses_no_meaning() {
    NO_COLOR=1 open_lab 80x24 stats-failed stats
    see 'not run yet'
    press r
    see '> no  truth'
    assert_equals 0 "$(coloured)"
}

case_a_process_has_one_colour_on_every_pane() {
    open_lab 100x30 stats-live stats
    see 'not run yet'
    press r
    see 'answering'
    see '15 ! app'
    # 12 is the second worker: yellow
    local yellow=$'\e[33m12' shown
    shown=$(tm capture-pane -p -e | grep -o $'\e\\[[0-9;]*33m12' | wc -l)
    [ "$shown" -ge 4 ] || fail "12 has its colour ($yellow) in $shown places only"
}

cases_main "$@"
