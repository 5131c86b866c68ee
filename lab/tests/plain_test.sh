#!/usr/bin/env bash
# The course as plain text: answers in, lines out.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
case_limit_s=60
export BRIGADE_LESSONS=$BRIGADE_ROOT/lab/tests/fixtures/course
export BRIGADE_EXERCISES=$BRIGADE_ROOT/lab/tests/fixtures/exercises
export BRIGADE_CHECK=$BRIGADE_ROOT/lab/tests/fake-checker FAKE_LOG=/dev/null FAKE_HEARD=$TMPDIR/heard
export BRIGADE_WORKSPACE=$TMPDIR/work EDITOR=true LC_ALL=C.UTF-8 TERM=dumb
unset VISUAL
progress=$BRIGADE_WORKSPACE/.progress.json

# Runs the course on answers, a word each; "" is Enter alone. What it said is $output.
plain() { # [OPTION...] -- ANSWER...
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    assert_exit 0 "$brigade" --plain "${options[@]}" < <(printf '%s\n' "$@")
}

case_the_steps_are_listed_and_the_end_of_the_input_ends_it() {
    assert_exit 0 "$brigade" --plain </dev/null
    assert_contains "$output" 'Welcome.'
    assert_contains "$output" 'Chapter 5: Try it yourself'
    assert_contains "$output" '  3  exercise  stats, Count and report: new'
    assert_contains "$output" '0 of 3 steps done, 0 of 100 points.'
    assert_contains "$output" 'Next: 1 Why more than one process.'
}

case_a_lesson_is_read_page_by_page_and_its_place_is_kept() {
    plain why -- '' '/ spawn' o 'o 2' '' q q
    assert_contains "$output" '# Why more than one process'
    assert_contains "$output" '## What you will learn'
    assert_contains "$output" 'Example 1: twice.c one two'
    assert_contains "$output" '  4  Who is who'
    assert_lacks "$output" '───'
    assert_contains "$output" 'Continue: 1 Why more than one process, where you stopped reading.'
    assert_equals reading "$(jq -r .lessons.why.state "$progress")"
    plain why -- '' '' '' '' q
    assert_contains "$output" 'The end.'
    assert_equals read "$(jq -r .lessons.why.state "$progress")"
}

case_examples_run_with_their_arguments() {
    plain why -- 'r 1' 'r 2' 'r 7' q q
    assert_equals "watch $BRIGADE_LESSONS/01-why/examples/twice.c --format=text -- one two" "$(cat "$FAKE_HEARD")"
    assert_contains "$output" 'missing.c is not among the examples of this lesson.'
    assert_contains "$output" 'There is no such example here.'
}

case_examples_run_from_an_installed_tree() {
    mkdir -p "$TMPDIR/i/bin" "$TMPDIR/i/share/brigade"
    cp "$brigade" "$TMPDIR/i/bin/brigade"
    cp "$BRIGADE_CHECK" "$TMPDIR/i/bin/brigade-check"
    cp -R "$BRIGADE_LESSONS" "$TMPDIR/i/share/brigade/lessons"
    cp -R "$BRIGADE_EXERCISES" "$TMPDIR/i/share/brigade/exercises"
    unset BRIGADE_LESSONS BRIGADE_EXERCISES BRIGADE_CHECK
    brigade=$TMPDIR/i/bin/brigade
    plain why -- 'r 1' q q
    assert_lacks "$output" 'not among the examples'
    assert_contains "$(cat "$FAKE_HEARD")" '/examples/twice.c --format=text -- one two'
    plain stats -- '' q q
    assert_contains "$output" 'Count and report'
}

case_an_example_does_not_lead_out_of_its_folder() {
    cp -R "$BRIGADE_LESSONS" "$TMPDIR/course"
    echo 'int main(void) {}' >"$TMPDIR/course/01-why/..c"
    printf '# Out\n\n```c ../../01-why/..c\nx\n```\n\n```c x/../../..c\nx\n```\n' >"$TMPDIR/course/01-why/lesson.md"
    export BRIGADE_LESSONS=$TMPDIR/course
    plain why -- 'r 1' 'r 2' q q
    assert_contains "$output" '..c is not among the examples of this lesson.'
    assert_lacks "$(cat "$FAKE_HEARD" 2>/dev/null || :)" watch
}

case_a_quiz_is_answered_by_letters() {
    plain why-quiz -- x A b q
    assert_contains "$output" ' a  x once'
    assert_contains "$output" 'A letter, please.'
    assert_contains "$output" 'a is not it.'
    assert_contains "$output" 'Right is b.'
    assert_contains "$output" 'b is not it.'
    assert_contains "$output" '0 of 2 right.'
    plain why-quiz -- b a q
    assert_contains "$output" '2 of 2 right.'
    assert_equals '{"count":2,"right":2}' "$(jq -cS '.quizzes["why-quiz"]' "$progress")"
}

case_an_exercise_gives_hints_and_its_starter_again() {
    plain stats -- h h h R n q q
    assert_contains "$output" '# Count and report'
    assert_contains "$output" '2 hints, from gentle to plain.'
    assert_contains "$output" 'Hint 2 of 2'
    assert_contains "$output" 'These are all the hints'
    assert_equals 2 "$(jq .exercises.stats.hints "$progress")"
    echo 'int mine;' >"$BRIGADE_WORKSPACE/stats/app.c"
    plain stats -- R y q q
    assert_contains "$(cat "$BRIGADE_WORKSPACE/stats/app.c")" 'A starter'
    assert_equals 'int mine;' "$(cat "$BRIGADE_WORKSPACE"/stats.2*/app.c)"
}

case_solutions_are_compared_once_passed_and_nothing_is_written_raw() {
    plain stats -- S q q
    assert_contains "$output" 'The solutions are shown once you have passed.'
    echo '{"exercises": {"stats": {"passed": true, "score": 100, "max_score": 100}}}' >"$progress"
    printf '/* \033[31mMine\302\233 */\nint main(void) {\n\treturn 42;\n}\n' >"$BRIGADE_WORKSPACE/stats/app.c"
    plain stats -- S 'S 1' q q
    assert_contains "$output" '  1  plain'
    assert_contains "$output" '-/* \e[31mMine\x9b */'
    assert_contains "$output" '+/* A plain one. */'
    assert_contains "$output" '     return 42;'
    assert_lacks "$output" $'\033'
}

case_the_editor_gets_the_file() {
    printf '#!/bin/sh\necho "editing $*"\n' >"$TMPDIR/vi"
    chmod +x "$TMPDIR/vi"
    EDITOR=$TMPDIR/vi plain stats -- e q q
    assert_contains "$output" 'editing app.c'
}

case_a_workspace_that_cannot_be_written_is_told() {
    : >"$TMPDIR/file"
    plain why --workspace "$TMPDIR/file" -- q q
    assert_contains "$output" 'Your progress is not saved: cannot make the folder'
    plain stats --workspace "$TMPDIR/file" -- q
    assert_contains "$output" 'cannot make the folder'
}

case_without_utf8_all_is_ascii() {
    LC_ALL=C plain why -- '' q q
    assert_contains "$output" 'why one process is one thing at a time'
    assert_equals '' "$(LC_ALL=C grep -n '[^ -~]' <<<"$output" || :)"
}

case_a_step_that_is_not_there_is_told() {
    assert_exit 2 "$brigade" --plain nothing </dev/null
    assert_contains "$output" 'there is no step "nothing"'
    plain -- nothing 77 q
    assert_contains "$output" 'There is no step "nothing"'
    assert_contains "$output" 'There is no step "77"'
}

case_a_full_disk_under_the_output_is_told() {
    [ -c /dev/full ] || skip 'there is no /dev/full'
    assert_exit 2 bash -c "'$brigade' --plain why-quiz 2>&1 >/dev/full" < <(printf '%s\n' b a q)
    assert_contains "$output" 'brigade: the course could not be written to the standard output'
    assert_equals 2 "$(jq '.quizzes["why-quiz"].right' "$progress")"
}

case_a_solution_is_graded_by_the_same_engine() {
    [ -x "$check" ] || skip "$check is not built"
    unset BRIGADE_CHECK
    export BRIGADE_EXERCISES=$BRIGADE_ROOT/exercises
    mkdir -p "$BRIGADE_WORKSPACE/stats"
    cp "$BRIGADE_ROOT"/exercises/stats/solutions/prefork-poll/* "$BRIGADE_WORKSPACE/stats/"
    plain stats -- r q q
    assert_contains "$output" 'PASSED'
    assert_equals '{"max_score":100,"passed":true,"score":100}' \
        "$(jq -cS '.exercises.stats | del(.tried_s)' "$progress")"
    plain why -- 'r 1' q q
    assert_contains "$output" 'forks'
}

cases_main "$@"
