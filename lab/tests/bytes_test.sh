#!/usr/bin/env bash
# Bytes of learners and authors: escape sequences, C1 codes, bidirectional and invisible characters, stacks of
# combining marks, very long lines, wherever text comes from. They are shown, not obeyed.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60
logs=$BRIGADE_ROOT/lab/tests/fixtures

# In JSON: red, clear, the title of the terminal, a reset, C1, right to left, isolates, zero width, marks.
hostile='\u001b[31mred\u001b[2J\u001b]2;owned\u0007\u001bc \u009b1m\u0085 \u202e \u2066 \u200b \ufeff e\u0301\u0301\u0301 \r\b'
shown='\e[31mred\e[2J' # how the screen shows it, as far as it fits everywhere

# Puts it before all that a log says in words. LONG=1: a very long line behind it, too.
spoil() { # LOG
    jq -c --arg more "${LONG:+$(printf 'x%.0s' {1..3000})}" "(.. | objects | (
        .text?, .title?, .message?, .expected?, .actual?, .hint?, .detail?, .file?, .raw?, .target?, .path?) | strings) |=
        \"$hostile\" + \$more + ." <(grep -v '^#' "$logs/$1.ndjson")
}

obeyed() { # prints what was
    [ "$(tm display-message -p '#{pane_title}')" != owned ] || echo 'the title was set'
    screen | grep -nP '[\x01-\x08\x0b-\x1f\x7f\x{80}-\x{9f}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\x{fffd}]' || :
    screen | head -n 1 | grep -q '^ Brigade' || echo 'the header is gone'
}
assert_nothing_is_obeyed() { assert_equals '' "$(obeyed)"; }

open_spoilt() { # LOG SIZE [ARGUMENT...]
    spoil "$1" >"$TMPDIR/log"
    open_lab "$2" "$TMPDIR/log" "${@:3}"
}

each_pane() {
    local key
    for key in 1 2 3 4 5 6 7 t + + '?' Escape Escape; do
        press "$key"
        see Brigade
        assert_nothing_is_obeyed
    done
}

case_a_run_of_such_words_obeys_none_on_any_pane() {
    open_spoilt stats-failed 100x30 stats
    see 'not run yet'
    press r
    see '> no  '
    see "$shown"
    press 5
    see "$shown"
    each_pane
}

case_very_long_lines_are_cut() {
    LONG=1 open_spoilt stats-failed 80x24 stats
    see 'not run yet'
    press r
    see '> no  '
    press 5
    see "$shown"
    each_pane
}

case_compiler_messages_and_file_names_are_shown() {
    open_spoilt stats-no-compile 100x30 stats
    see 'not run yet'
    press r 7
    see "$shown"
    see '42'
    each_pane
}

case_a_crash_is_shown() {
    open_spoilt stats-crashed 100x30 stats
    see 'not run yet'
    press r
    see "$shown"
    each_pane
}

case_ascii_shows_them_as_well() {
    open_spoilt stats-failed 80x24 stats --no-unicode
    see 'not run yet'
    press r 5
    see "$shown"
    assert_equals '' "$(screen | LC_ALL=C grep -n '[^ -~]' || :)"
    each_pane
}

case_invalid_utf8_of_a_checker_is_told_and_not_shown_raw() {
    {
        head -n 8 "$logs/stats-failed.ndjson" | grep -v '^#'
        printf '{"type": "output", "text": "\xff\xfe\x1b[31m"}\n\x1b[2J\x9b1m\xc3(\n#wait stop\n'
    } >"$TMPDIR/log"
    open_lab 80x24 "$TMPDIR/log" stats
    see 'not run yet'
    press r
    see 'running'
    press 7
    see '7 Problems'
    assert_nothing_is_obeyed
}

case_titles_of_authors_are_shown() {
    cp -r "$logs/exercises" "$TMPDIR/exercises"
    cp -r "$logs/course" "$TMPDIR/lessons"
    jq ".title = \"$hostile\" | .checks[].title = \"$hostile\"" "$logs/exercises/stats/exercise.json" \
        >"$TMPDIR/exercises/stats/exercise.json"
    jq ".title = \"$hostile\" | .subtitle = \"$hostile\" | .chapters[].title = \"$hostile\"" \
        "$logs/course/course.json" >"$TMPDIR/lessons/course.json"
    jq ".title = \"$hostile\" | .questions[].ask = \"$hostile\" | .questions[].choices[].text = \"$hostile\"" \
        "$logs/course/01-why/quiz.json" >"$TMPDIR/lessons/01-why/quiz.json"
    { jq -r . <<<"\"# $hostile\""; printf '\n\n    code %b\n\nend\n' '\e[31m'; } >"$TMPDIR/lessons/01-why/lesson.md"
    export BRIGADE_EXERCISES=$TMPDIR/exercises BRIGADE_LESSONS=$TMPDIR/lessons
    open_lab 100x30 stats-failed
    see 'Welcome to'
    assert_nothing_is_obeyed
    press Escape
    see '>  lesson'
    assert_nothing_is_obeyed
    press Enter
    see 'end'
    assert_nothing_is_obeyed
    press n
    see 'Question 1'
    assert_nothing_is_obeyed
    press n
    see 'Write a clustered'
    press r
    see '> no  truth'
    each_pane
}

case_a_workspace_of_an_odd_name_is_shown() {
    export BRIGADE_WORKSPACE=$TMPDIR/$'odd \e[31m \u202e'
    open_lab 100x30 stats-failed stats
    see 'yours to change'
    assert_nothing_is_obeyed
    cmp "$BRIGADE_WORKSPACE/stats/app.c" "$logs/exercises/stats/starter/app.c"
}

case_a_log_of_an_odd_name_is_shown() {
    spoil stats-failed | grep -v '^#' >"$TMPDIR/"$'odd\e[31m\u202e.ndjson'
    open_terminal 100x30 "$brigade --log '$TMPDIR/'odd*; exec cat"
    see 'Processes'
    assert_nothing_is_obeyed
    each_pane
}

cases_main "$@"
