#!/usr/bin/env bash
# The lab and the real checker together: a student's program compiled, run, steered and judged.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=90
SEE_LIMIT_S=40

unset BRIGADE_CHECK
export BRIGADE_EXERCISES=$BRIGADE_ROOT/exercises
[ -x "$check" ] || skip "$check is not built"

# Puts a program into the workspace, as a student would have left it.
write_program() { # FILE...
    mkdir -p "$BRIGADE_WORKSPACE/stats"
    cp "$@" "$BRIGADE_WORKSPACE/stats/"
}

case_a_program_that_ends_too_early_is_told() {
    printf '#include <stdio.h>\nint main(void) { puts("bye"); return 3; }\n' >"$TMPDIR/app.c"
    write_program "$TMPDIR/app.c"
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'Your program ended too early'
    see 'before the run was over'
    press 5
    see 'bye'
    press 2
    see 'ended with code 3'
}

case_a_program_that_does_not_compile_is_told_with_its_line() {
    printf 'int main(void) {\n    return nothing;\n}\n' >"$TMPDIR/app.c"
    write_program "$TMPDIR/app.c"
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'does not compile'
    see '> app.c:2'
}

case_a_warning_shows_that_it_is_there_at_every_size() {
    printf 'int main(void) {\n    int unused;\n    return 0;\n}\n' >"$TMPDIR/app.c"
    write_program "$TMPDIR/app.c"
    open_lab 100x30 stats-live stats
    see 'not run yet'
    press r
    see 'ended too early'
    press 2
    see '7 Problems'
    press 7
    see '> app.c:2     warning unused variable'
    tm resize-window -x 80 -y 24
    see ' 7 Problems '
}

case_a_solution_runs_freely_and_takes_load_and_a_kill() {
    write_program "$BRIGADE_ROOT"/exercises/stats/solutions/prefork-poll/*
    open_lab 100x30 stats-live stats
    see 'not run yet'
    press f
    see 'free run'
    see '> ├ 3 worker'
    press l
    see 'How many requests? 20'
    press Enter
    see 'How many at a time? 10'
    press Enter
    see '█'
    press k
    see 'replaces 3'
    press s
    see 'ended with the run'
    press q
    see 'left with 0'
}

case_a_graded_run_can_be_stopped() {
    printf 'int main(void) {\n    for (;;)\n        continue;\n}\n' >"$TMPDIR/app.c"
    write_program "$TMPDIR/app.c"
    open_lab 100x30 stats-live stats
    see 'not run yet'
    press r
    see '2 program'
    press q
    see 'Stop it and quit?'
    press n s
    see 'stopped, not graded'
    press Escape
    see 'exercise  stats'
    see_no 'tried'
}

cases_main "$@"
