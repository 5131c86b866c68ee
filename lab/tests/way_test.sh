#!/usr/bin/env bash
# The way through the course: quizzes, on their screens.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60
export BRIGADE_LESSONS=$BRIGADE_ROOT/lab/tests/fixtures/course

case_a_newcomer_is_welcomed_once() {
    open_lab 80x24 stats-live
    see 'Welcome to Brigade'
    see '1 lesson, 1 quiz and 1 exercise.'
    press Enter
    see 'A single cook does one thing at a time.'
    press Escape q
    see 'left with 0'
    tm kill-session
    rm "$TMPDIR/written"
    open_lab 80x24 stats-live
    see 'continue: 1 Why more than one process, where you stopped reading'
    see_no 'Welcome'
}

write_progress() { # JSON
    mkdir -p "$BRIGADE_WORKSPACE"
    echo "$1" >"$BRIGADE_WORKSPACE/.progress.json"
}

case_the_map_says_what_failed_and_when() {
    write_progress '{"at": {"step": "stats"}, "exercises": {"stats": {"passed": false, "score": 60, "max_score": 100,
        "failed": "truth", "tried_s": '$(($(date +%s) - 200))'}}}'
    open_lab 80x24 stats-live
    see 'continue: 5 stats, check truth failed 3 minutes ago'
    see '>  exercise  stats'
    see 'tried    60 of 100'
    see '19 %   60 of 100 points'
    tm resize-window -x 140 -y 40
    see 'points  check'
    tm resize-window -x 60 -y 20
    see_no 'points  check'
    see '>  exercise  stats                   tried    60 of 100'
    press g
    see '>  lesson    Why more than one'
    press c
    see 'Write a clustered HTTP server'
}

case_a_farewell_when_all_is_done() {
    write_progress '{"at": {"step": "why-quiz"}, "lessons": {"why": {"state": "read"}},
        "exercises": {"stats": {"passed": true, "score": 100, "max_score": 100}}}'
    open_lab 80x24 stats-live
    see 'next: 1 quiz: What stuck'
    press Enter
    see 'Question 1 of 2'
    press b Enter Enter a Enter Enter
    see '2 of 2 right. Well done.'
    press Escape
    see 'That was all of it'
    see '100 of 100 points.'
    press Enter
    see 'all is done'
    see '100 %'
    press Enter
    see 'Question 1 of 2'
    press Escape
    see 'all is done'
}

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

case_a_lesson_is_searched() {
    open_lab 80x24 stats-live why
    see 'Why more than one process'
    press / T H E ' ' c h i l d Enter
    see 'n next found'
    press n
    see 'The child knows its parent.'
    press n n
    see 'fork()     both'
    press N
    see 'Somebody has to wait for the child.'
    press /
    see 'Search:'
    press z e b r a BSpace b Enter
    see '"zebrb" is not in this lesson.'
    press / x Escape
    see 'n next'
}

case_the_outline_leads_to_a_heading() {
    open_lab 60x20 stats-live why
    see 'Why more than one process'
    press o
    see '> Why more than one process'
    press Down Down Down Enter
    see ' Who is who'
    see_no '> Why more'
    see 'The child knows its parent.'
    tm resize-window -x 140 -y 40
    see '│ '
    see '    Who is who'
}

case_an_exercise_that_is_opened_again_tells_what_came_of_it() {
    mkdir -p "$BRIGADE_WORKSPACE"
    echo '{"exercises": {"stats": {"score": 45, "max_score": 100, "failed": "truth"}}}' >"$BRIGADE_WORKSPACE/.progress.json"
    open_lab 80x24 stats-live stats
    see 'best 45 of 100, last time check truth failed'
    assert_lacks "$(screen)" 'not run yet'
}

case_a_quiz_left_half_done_goes_on_there() {
    open_lab 80x24 stats-live why-quiz
    see 'a to c choose'
    press b Enter
    see 'b is right.'
    see 'Enter go on'
    press n
    see 'not run yet'
    press p
    see 'what you answered is kept'
    see 'b is right.'
    press Escape
    see 'Enter open'
    press Enter
    see '1 of 1 right'
    press Enter
    see 'Question 2 of 2'
    press r
    see '0 of 0 right'
}

case_an_example_runs_where_it_stands() {
    open_lab 80x24 stats-free why
    see 'Why more than one process'
    press Tab
    see '> twice.c one two  Enter runs it'
    press Enter
    see 'Why more than one process > twice.c'
    see '11 worker'
    see '5 Output'
    see_no '6 Checks'
    assert_equals "watch $BRIGADE_LESSONS/01-why/examples/twice.c --format events --live --control -- one two" \
        "$(head -1 "$FAKE_HEARD")"
    press s
    see 'r run'
    see 'Esc back'
    press 1
    see 'int main(void) {'
    press Escape
    see '> twice.c one two  Enter runs it'
    press Tab
    see '> missing.c  Enter runs it'
    press r
    see 'missing.c is not among the examples of this lesson.'
}

case_the_place_in_a_lesson_outlives_the_lab_and_a_resize() {
    open_lab 80x24 stats-live why
    see 'Why more than one process'
    press o
    see '> Why more'
    press Down Enter
    see_no 'A single cook'
    press q
    see 'left with 0'
    tm kill-session
    rm "$TMPDIR/written"
    open_lab 60x20 stats-live why
    see ' What you will learn'
    assert_equals ' What you will learn' "$(screen | sed -n '3s/ *[│█]*$//p')"
    tm resize-window -x 44 -y 12
    see_no 'o outline'
    assert_equals ' What you will learn' "$(screen | sed -n '3s/ *[│█]*$//p')"
}

case_the_map_is_searched() {
    write_progress '{}'
    open_lab 80x24 stats-live
    see 'quiz      What stuck'
    press / s t u c k Enter
    see '>  quiz      What stuck'
    press / n o t h i n g Enter
    see '"nothing" is in no step of the course.'
}

case_help_tells_the_keys_of_each_screen() {
    write_progress '{}'
    open_lab 80x24 stats-live
    see '>  lesson    Why more than one'
    press '?'
    see 'go on where you left off'
    press Escape Enter
    see 'A single cook'
    press '?'
    see 'the headings, to go to one'
    press Escape
    see 'A single cook'
    press / c o o k Enter
    see 'n next found'
    press '?'
    see 'the place before where it is found'
}

case_a_workspace_that_turns_read_only_is_told_and_nothing_is_lost() {
    [ "$(id -u)" -ne 0 ] || skip 'root may write everywhere'
    write_progress '{}'
    chmod a-w "$BRIGADE_WORKSPACE"
    open_lab 80x24 stats-live why-quiz
    see 'your progress is not saved: cannot'
    press b Enter Enter a Enter
    chmod u+w "$BRIGADE_WORKSPACE"
    press q
    see 'left with 0'
    assert_equals 2 "$(jq '.quizzes["why-quiz"].right' "$BRIGADE_WORKSPACE/.progress.json")"
}

case_a_full_disk_is_told_and_nothing_is_lost() {
    [ -c /dev/full ] || skip 'there is no /dev/full'
    write_progress '{"lessons": {"why": {"state": "read"}}}'
    # No file may grow: as on a full disk, every write fails.
    open_terminal 80x24 "trap '' XFSZ; ulimit -f 0; FAKE_LOG=/dev/null $brigade why-quiz 2>&1; echo \"left with \$?\"; exec cat"
    see 'your progress is not saved: cannot write'
    press b Enter Enter a Enter Escape
    see 'taken    2 of 2'
    press q
    see 'brigade: your progress is not saved: cannot write'
    see 'left with 0'
    assert_equals '{"lessons": {"why": {"state": "read"}}}' "$(cat "$BRIGADE_WORKSPACE/.progress.json")"
    assert_equals '.progress.json .progress.lock' "$(cd "$BRIGADE_WORKSPACE" && echo .progress*)"
}

case_two_labs_see_what_the_other_did() {
    write_progress '{}'
    open_lab 80x24 stats-live
    see '>  lesson    Why more than one'
    "$brigade" --plain why-quiz >/dev/null < <(printf '%s\n' b a q)
    press Enter
    see 'A single cook'
    press G
    see 'The end.'
    press Escape
    see 'taken    2 of 2'
    assert_equals '"read" 2' "$(jq -c .lessons.why.state "$BRIGADE_WORKSPACE/.progress.json") $(
        jq '.quizzes["why-quiz"].right' "$BRIGADE_WORKSPACE/.progress.json")"
}

case_a_killed_lab_loses_no_place() {
    open_lab 80x24 stats-live why
    see 'Why more than one process'
    press o
    see '> Why more'
    press Down Enter
    see_no 'A single cook'
    local deadline=$((SECONDS + SEE_LIMIT_S))
    until [ "$(jq .lessons.why.place "$BRIGADE_WORKSPACE/.progress.json")" = 2 ]; do
        [ "$SECONDS" -lt "$deadline" ] || fail "the place was not kept: $(cat "$BRIGADE_WORKSPACE/.progress.json")"
        read -rt 0.02 <> <(:) || :
    done
    kill -KILL "$(lab_pid)"
    see 'left with 137'
}

passed_stats='{"exercises": {"stats": {"passed": true, "score": 100, "max_score": 100}}}'

case_hints_come_one_at_a_time_and_are_remembered() {
    open_lab 80x24 stats-live stats
    see 'Write a clustered HTTP server'
    press G
    see '2 hints, from gentle to plain.'
    press h
    see 'Hint 1 of 2'
    see_no 'Hint 2'
    press h
    see 'poll() waits for many.'
    press h
    see 'These are all the hints.'
    press Escape
    see 'exercise  stats'
    press Enter G
    see 'Hint 2 of 2'
    assert_equals 2 "$(jq .exercises.stats.hints "$BRIGADE_WORKSPACE/.progress.json")"
}

case_a_reset_asks_first_and_keeps_what_was_there() {
    local kept
    open_lab 80x24 stats-live stats
    see 'not run yet'
    echo 'int mine;' >"$BRIGADE_WORKSPACE/stats/app.c"
    press R
    see 'Put the starter back? Your files are kept beside it. y/n'
    press n
    see 'r run'
    assert_equals 'int mine;' "$(cat "$BRIGADE_WORKSPACE/stats/app.c")"
    press R y
    see 'The starter is back. What you had is in stats.2'
    assert_contains "$(cat "$BRIGADE_WORKSPACE/stats/app.c")" 'A starter'
    kept=$(echo "$BRIGADE_WORKSPACE"/stats.2*)
    assert_equals 'int mine;' "$(cat "$kept/app.c")"
}

case_solutions_are_shown_beside_ones_own_once_passed() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press S
    see 'The solutions are shown once you have passed.'
    press q
    see 'left with 0'
    tm kill-session
    rm "$TMPDIR/written"
    write_progress "$passed_stats"
    printf '/* Mine. */\nint main(void) {\n\treturn 42;\n}\n' >"$BRIGADE_WORKSPACE/stats/app.c"
    open_lab 80x24 stats-live stats
    see 'passed, 100 of 100'
    press S
    see '> plain'
    see '- yours   + plain'
    see '-/* Mine. */'
    see '+/* A plain one. */'
    see '     return 42;'
    press Down
    see '+print(42)'
    see '+++ app.py'
    tm resize-window -x 140 -y 40
    see '─ Solutions ─'
    press Escape
    see 'Write a clustered HTTP server'
}

# What an editor does: writes beside the file, and renames.
save() { # TEXT
    echo "$1" >"$BRIGADE_WORKSPACE/stats/.new"
    mv "$BRIGADE_WORKSPACE/stats/.new" "$BRIGADE_WORKSPACE/stats/app.c"
}

heard() { # COUNT: waits until the checker was started so often
    local deadline=$((SECONDS + SEE_LIMIT_S))
    until [ "$(grep -c '^run stats' "$FAKE_HEARD")" -ge "$1" ]; do
        [ "$SECONDS" -lt "$deadline" ] || fail "the checker was not started $1 times: $(cat "$FAKE_HEARD")"
        read -rt 0.02 <> <(:) || :
    done
}

case_every_save_is_checked_while_the_folder_is_watched() {
    open_lab 80x24 stats-passed stats
    see 'not run yet'
    press w
    see 'is watched.'
    see 'Passed: all 11 checks'
    heard 1
    save 'int one;'
    heard 2
    echo 'int two;' >"$BRIGADE_WORKSPACE/stats/app.c"
    heard 3
    see 'Passed: all 11 checks'
    echo 'notes' >"$BRIGADE_WORKSPACE/stats/notes.txt"
    : >"$BRIGADE_WORKSPACE/stats/.app.c.swp"
    press 2
    see 'watching saves'
    press w
    see 'Saving no longer starts a check.'
    save 'int three;'
    press 3
    see 'r run'
    assert_equals 3 "$(grep -c '^run stats' "$FAKE_HEARD")"
}

case_a_save_during_a_run_starts_it_again() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press w
    see 'running  1'
    save 'int one;'
    heard 2
    see 'running  1'
    assert_contains "$(cat "$FAKE_HEARD")" '{"do":"stop"}'
    rm -r "$BRIGADE_WORKSPACE/stats"
    see 'is gone, and no longer'
}

case_a_check_that_names_a_line_leads_the_editor_there() {
    printf '#!/bin/sh\nprintf "editing %%s" "$*"\nread -r _\n' >"$TMPDIR/vi"
    chmod +x "$TMPDIR/vi"
    sed 's/Worker 12 reported 30/See app.c:7. Worker 12 reported 30/' \
        "$BRIGADE_ROOT/lab/tests/fixtures/stats-failed.ndjson" >"$TMPDIR/named.ndjson"
    export EDITOR=$TMPDIR/vi
    open_lab 80x24 "$TMPDIR/named.ndjson" stats
    see 'not run yet'
    press r
    see 'app.c:7: press e to go there'
    press e
    see 'editing +7 app.c'
    press Enter
    see '> no  truth'
}

cases_main "$@"
