#!/usr/bin/env bash
# The way through the course: quizzes, on their screens.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60
export BRIGADE_LESSONS=$BRIGADE_ROOT/lab/tests/fixtures/course

case_a_quiz_asks_explains_and_keeps_the_result() {
    open_lab 80x24 stats-live why-quiz
    see 'Question 1 of 2'
    see 'puts("x");'
    see '>    a  x once'
    press Enter
    see 'a is not it.'
    see 'fork gives two processes'
    see 'Right is b.'
    see '0 of 1 right'
    press Enter
    see 'Question 2 of 2'
    press b
    see '>    b  its own PID'
    press Up Enter
    see 'a is right.'
    press Enter
    see '1 of 2 right.'
    see 'no 1  What does this print?'
    press r
    see 'Question 1 of 2'
    press Escape
    see 'taken    1 of 2'
    assert_equals '{"count":2,"right":1}' "$(jq -cS '.quizzes["why-quiz"]' "$BRIGADE_WORKSPACE/.progress.json")"
}

case_a_quiz_scrolls_at_60x20_and_centres_at_140x40() {
    open_lab 60x12 stats-live why-quiz
    see 'Question 1 of 2'
    press c
    see '>    c  nothing'
    press Enter
    see 'c is not it.'
    press PageDown
    see 'Both processes go on'
    tm resize-window -x 140 -y 40
    see 'What does this print?'
    see 'Right is b.'
}

cases_main "$@"
