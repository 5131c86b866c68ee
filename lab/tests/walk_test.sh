#!/usr/bin/env bash
# A whole walk through a small course, as a student takes it, with the real checker: from the welcome to the farewell.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=120
SEE_LIMIT_S=40

unset BRIGADE_CHECK
export BRIGADE_EXERCISES=$BRIGADE_ROOT/exercises BRIGADE_LESSONS=$BRIGADE_ROOT/lab/tests/fixtures/course
[ -x "$check" ] || skip "$check is not built"

walk() { # SIZE
    local solution=$BRIGADE_ROOT/exercises/stats/solutions/prefork-poll/app.c
    # The editor of a student who knows the answer.
    printf '#!/bin/sh\ncat %s >app.c\n' "$solution" >"$TMPDIR/editor"
    chmod +x "$TMPDIR/editor"
    EDITOR=$TMPDIR/editor open_lab "$1" stats-live
    see 'Welcome to Brigade'
    press Enter
    see 'A single cook does one thing at a time.'
    press Tab
    see '> twice.c one two  Enter runs it'
    press Enter
    see 'completed'
    press 5
    see '3    x'
    press Escape
    see '> twice.c one two  Enter runs it'
    press G
    see 'The end.'
    press n
    see 'Question 1 of 2'
    press b Enter Enter a Enter Enter
    see '2 of 2 right. Well done.'
    press n
    see 'not run yet'
    press r
    see 'failed: '
    see 'r run' # its playback is over, and so is the checker
    press h
    see 'Hint 1 of 3'
    press Escape
    see 'continue: 5 stats, check '
    press c
    see 'last time check '
    press e
    see 'r run'
    press r
    see 'passed: '
    see 'r run'
    press S
    see '> one-pipe'
    press Down Down
    see 'The same as yours.'
    press Escape
    see 'passed: '
    press Escape
    see 'That was all of it'
    see '100 of 100 points.'
    press Enter
    see '100 %'
    see 'passed   100 of 100'
    press q
    see 'left with 0'
}

case_a_walk_through_the_course_at_80x24() { walk 80x24; }
case_a_walk_through_the_course_at_140x40() { walk 140x40; }
case_a_walk_through_the_course_at_60x20() { walk 60x20; }

case_a_crash_leads_the_editor_to_its_line() {
    mkdir -p "$BRIGADE_WORKSPACE/stats"
    printf 'static int *where;\n\nint main(void) {\n    *where = 3;\n    return 0;\n}\n' \
        >"$BRIGADE_WORKSPACE/stats/app.c"
    printf '#!/bin/sh\nprintf "editing %%s" "$*"\nread -r _\n' >"$TMPDIR/vi"
    chmod +x "$TMPDIR/vi"
    EDITOR=$TMPDIR/vi open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'failed: '
    press 6
    see 'It was at app.c:4; press e to go there.'
    press e
    see 'editing +4 app.c'
    press Enter
    see 'failed: '
}

# Each save is checked, whatever made it; the verdict is there at once.
case_saving_in_another_window_brings_the_verdict() {
    local file=$BRIGADE_WORKSPACE/stats/app.c
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press w
    see 'failed: '
    cp "$BRIGADE_ROOT/exercises/stats/solutions/prefork-poll/app.c" "$file.new"
    mv "$file.new" "$file"
    see 'passed: '
    echo 'int main(void) { return 1 }' >"$file"
    see 'does not compile'
    see '> app.c:1'
}

cases_main "$@"
