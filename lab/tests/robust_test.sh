#!/usr/bin/env bash
# What goes wrong around the lab: disks, files, processes, editors, terminals. It says where and what helps,
# loses nothing, and leaves no process and no spoilt terminal.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60
logs=$BRIGADE_ROOT/lab/tests/fixtures

# A course of our own, to be spoilt.
own_course() {
    cp -r "$logs/course" "$TMPDIR/lessons"
    cp -r "$logs/exercises" "$TMPDIR/exercises"
    export BRIGADE_LESSONS=$TMPDIR/lessons BRIGADE_EXERCISES=$TMPDIR/exercises
}

# What is read across lines that were wrapped, waited for.
see_words() { # TEXT
    local deadline=$((SECONDS + SEE_LIMIT_S)) shown
    while :; do
        shown=$(screen | tr -s ' \n' ' ')
        case $shown in *"$1"*) return ;; esac
        [ "$SECONDS" -lt "$deadline" ] || break
        timeout 2 dd bs=64k count=1 of=/dev/null status=none <&9 || :
    done
    fail "$(printf 'waited for the words:\n%s\nthe screen showed:\n%s' "$1" "$(screen)")"
}

# --- disks ---

# Opens the lab in mounts of its own, prepared by a command; $inside is what its files are seen through.
open_in_mounts() { # COMMAND [ARGUMENT...]
    local prepare=$1
    shift
    unshare -Urm sh -c "mkdir -p '$BRIGADE_WORKSPACE' && mount -t tmpfs -o size=64k none '$BRIGADE_WORKSPACE'" \
        2>/dev/null || skip 'no mount namespace may be made here'
    mkdir -p "$BRIGADE_WORKSPACE"
    export FAKE_LOG=$logs/stats-passed.ndjson
    open_terminal 80x24 "exec unshare -Urm sh -c '$prepare; echo \$\$ >$TMPDIR/shell; $brigade $*; echo \"left with \$?\"; exec cat'"
    see 'Brigade  '
    inside=/proc/$(cat "$TMPDIR/shell")/root$BRIGADE_WORKSPACE
}
small_disk="mount -t tmpfs -o size=64k,mode=755 none $BRIGADE_WORKSPACE"
fill() { ! head -c 200000 /dev/zero >"$inside/big" 2>/dev/null || fail 'the disk took it all'; }

case_a_full_disk_loses_no_progress_and_leaves_no_half_starter() {
    open_in_mounts "$small_disk"
    see 'Welcome to Brigade'
    press Escape
    see '> '
    fill
    press g Enter
    see_words 'your progress is not saved: cannot write'
    see_words '.progress.json: No space left on device. Make room there, or take another folder: brigade --workspace DIR.'
    press Escape Down Enter
    see_words 'the exercise is not opened: cannot write'
    see_words 'No space left on device. Make room there'
    assert_equals '.progress.lock big' "$(ls -A "$inside" | sort | tr '\n' ' ' | sed 's/ $//')"
    rm "$inside/big"
    press Enter
    see 'Write a clustered'
    cmp "$inside/stats/app.c" "$logs/exercises/stats/starter/app.c"
    assert_equals reading "$(jq -r .lessons.why.state "$inside/.progress.json")"
    press q
    see 'left with 0'
}

case_a_full_disk_at_the_end_is_told_on_the_terminal() {
    open_in_mounts "$small_disk"
    see 'Welcome to Brigade'
    fill
    press Enter
    see_words 'your progress is not saved'
    press q
    see 'left with 0'
    see_words 'brigade: your progress is not saved: cannot write'
    see_words 'Make room there'
}

case_a_limit_on_files_is_told_as_a_full_disk_is() {
    export FAKE_LOG=$logs/stats-passed.ndjson
    open_terminal 80x24 "(ulimit -f 0; $brigade; echo \"left with \$?\"); exec cat"
    see 'Welcome to Brigade'
    press Enter
    see_words '.progress.json: File too large. Make room there'
    press q
    see 'left with 0'
}

case_a_read_only_workspace_is_told_and_can_be_looked_at() {
    open_in_mounts "$small_disk; mkdir $BRIGADE_WORKSPACE/stats; echo mine >$BRIGADE_WORKSPACE/stats/app.c; mount -o remount,ro $BRIGADE_WORKSPACE" stats
    see 'Write a clustered'
    see_words '.progress.lock: Read-only file system. Make it writable, or take another folder'
    press r
    see 'Passed: all 11 checks'
    see_words 'your progress is not saved'
    press R
    see 'Put the starter back?'
    press y
    see_words 'the starter is not put back: cannot make the folder'
    see_words 'Read-only file system. Make it writable'
    assert_equals mine "$(cat "$inside/stats/app.c")"
    press q
    see 'left with 0'
}

# --- files ---

case_a_workspace_that_is_deleted_meanwhile_is_told_and_made_again() {
    open_lab 80x24 stats-passed stats
    see 'not run yet'
    rm -r "$BRIGADE_WORKSPACE"
    local key
    for key in r e f w; do
        press h $key
        see_words "The folder $BRIGADE_WORKSPACE/stats is gone. Put it back, or press R for the starter."
    done
    press R
    see 'Put the starter back?'
    press y
    see_words "The starter is now in $BRIGADE_WORKSPACE/stats"
    cmp "$BRIGADE_WORKSPACE/stats/app.c" "$logs/exercises/stats/starter/app.c"
    press r
    see 'Passed: all 11 checks'
    assert_equals true "$(jq .exercises.stats.passed "$BRIGADE_WORKSPACE/.progress.json")"
}

case_a_watched_folder_that_goes_away_is_told() {
    open_lab 80x24 stats-passed stats
    see 'not run yet'
    press w
    see 'Passed: all 11 checks'
    rm -r "$BRIGADE_WORKSPACE/stats"
    see_words "The folder $BRIGADE_WORKSPACE/stats is gone, and no longer watched."
}

case_a_file_in_the_place_of_the_folder_stays_and_is_told() {
    mkdir -p "$BRIGADE_WORKSPACE"
    echo precious >"$BRIGADE_WORKSPACE/stats"
    open_lab 80x24 stats-passed stats
    see_words "the exercise is not opened: cannot make the folder $BRIGADE_WORKSPACE/stats: Not a directory. Something else has that name: move it away."
    assert_equals precious "$(cat "$BRIGADE_WORKSPACE/stats")"
    mv "$BRIGADE_WORKSPACE/stats" "$BRIGADE_WORKSPACE/notes"
    press Down Down Enter
    see 'Write a clustered'
    rm -r "$BRIGADE_WORKSPACE/stats"
    echo again >"$BRIGADE_WORKSPACE/stats"
    press e
    see_words 'is gone. Put it back, or press R'
    press R
    see 'Put the starter back?'
    press y
    see_words 'What you had is in stats.'
    assert_equals again "$(cat "$BRIGADE_WORKSPACE"/stats.2*)"
}

case_a_source_that_was_deleted_can_be_had_again() {
    write_editor 'echo "int main(void) { return 0; }" >"$1"'
    open_lab 80x24 stats-passed stats
    see 'not run yet'
    rm "$BRIGADE_WORKSPACE/stats/app.c"
    press r
    see_words "There is no $BRIGADE_WORKSPACE/stats/app.c: e writes one, R puts the starter there."
    press e
    see 'not run yet'
    press r
    see 'Passed: all 11 checks'
}

case_an_exercise_without_its_starter_is_told() {
    own_course
    rm -r "$TMPDIR/exercises/stats/starter"
    open_lab 80x24 stats-passed stats
    see_words "$TMPDIR/exercises/stats/exercise.json: starter is missing beside it"
    see '> '
    press q
    see 'left with 0'
}

case_a_broken_progress_is_kept_aside() {
    mkdir -p "$BRIGADE_WORKSPACE"
    echo '{"version": 1, "lessons": {' >"$BRIGADE_WORKSPACE/.progress.json"
    open_lab 80x24 stats-passed
    see_words "$BRIGADE_WORKSPACE/.progress.json cannot be read; it will be kept as .progress.json.broken"
    press g Enter
    see 'A single cook'
    press q
    see 'left with 0'
    assert_equals '{"version": 1, "lessons": {' "$(cat "$BRIGADE_WORKSPACE/.progress.json.broken")"
    assert_equals reading "$(jq -r .lessons.why.state "$BRIGADE_WORKSPACE/.progress.json")"
}

case_a_progress_of_odd_values_is_read_as_far_as_it_makes_sense() {
    mkdir -p "$BRIGADE_WORKSPACE"
    echo '{"version": "x", "exercises": [1], "lessons": {"why": 3}, "at": 5, "said": "x",
        "quizzes": {"why-quiz": {"right": 99, "count": 2}}}' >"$BRIGADE_WORKSPACE/.progress.json"
    BRIGADE_LESSONS=$logs/course open_lab 80x24 stats-passed
    see '>  lesson    Why more than one process                   new'
    see 'quiz      What stuck                                  new'
    press Enter
    see 'A single cook'
    press q
    see 'left with 0'
}

case_a_course_that_cannot_be_read_is_told_with_its_place() {
    own_course
    echo '{"title": 3' >"$TMPDIR/lessons/course.json"
    assert_course_is_told 'course.json: line 2'
    echo '[]' >"$TMPDIR/lessons/course.json"
    assert_course_is_told '"chapters" must be a list'
    rm "$TMPDIR/lessons/course.json"
    assert_course_is_told 'course.json: No such file or directory'
}

assert_course_is_told() { # WORDS
    open_lab 80x24 stats-passed
    see_words "$1"
    see 'left with 2'
    close_terminal
    rm "$TMPDIR/written"
}

case_lessons_and_quizzes_that_are_gone_or_broken_are_told() {
    own_course
    rm "$TMPDIR/lessons/01-why/lesson.md"
    printf '{"title": "What stuck",\n "questions": 3}' >"$TMPDIR/lessons/01-why/quiz.json"
    open_lab 80x24 stats-passed why
    see_words "cannot open $TMPDIR/lessons/01-why/lesson.md: No such file or directory"
    press Down Enter
    see_words "$TMPDIR/lessons/01-why/quiz.json:2: /questions: must be a list"
    press Down Enter
    see 'Write a clustered'
}

case_a_lesson_of_any_bytes_is_shown_and_not_obeyed() {
    own_course
    {
        printf '# Bad \xff\xfe bytes \x1b[31mred\x1b[0m\n\nText \xc3\x28 \xe2\x80\xae rtl \x9b2J \xc2\x9b3J nul \x00 bell \x07\n\n'
        printf '```weird lang {foo}\nint x = \x1b[31m;\n```\n\n```console unordered\n$ ls\n```\n\n%s\n\nEnd.\n' "$(printf 'x%.0s' {1..5000})"
    } >"$TMPDIR/lessons/01-why/lesson.md"
    open_lab 80x24 stats-passed why
    see 'Bad \xff\xfe bytes \e[31mred\e[0m'
    see 'Text \xc3( <U+202E> rtl \x9b2J \x9b3J nul \x00 bell \a'
    see 'int x = \e[31m;'
    see_no 'Enter runs it'
    press G
    see 'End.'
    see '100 %'
}

# --- processes ---

case_a_lost_terminal_ends_the_lab_and_its_checker_in_a_run() {
    open_sane stats-live stats
    press r
    see 'running  1'
    local keeper lab fake
    keeper=$(keeper_pid)
    lab=$(lab_pid)
    fake=$(only_child "$lab")
    tm kill-session
    await_end "$lab" "$keeper" "$fake"
    assert_equals true "$(jq 'has("at")' "$BRIGADE_WORKSPACE/.progress.json")"
}

case_a_hangup_during_a_run_stops_it_first() {
    open_sane stats-live stats
    press r
    see 'running  1'
    local fake
    fake=$(only_child "$(lab_pid)")
    kill -HUP "$(lab_pid)"
    see 'left with 129'
    assert_terminal_is_sane "$before"
    await_end "$fake"
}

case_a_killed_checker_is_told_and_the_next_run_works() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    kill -KILL "$(only_child "$(lab_pid)")"
    see 'The checker was killed by SIGKILL'
    see 'not of your program'
    press r
    see 'running  1'
    press s
    see 'stopped, not graded'
}

case_a_killed_keeper_takes_the_run_along() {
    open_sane stats-live stats
    press r
    see 'running  1'
    local lab fake
    lab=$(lab_pid)
    fake=$(only_child "$lab")
    kill -KILL "$(keeper_pid)"
    await_end "$lab" "$fake"
    assert_terminal_is_sane "$before"
}

# A shell with job control, and the lab started from it.
open_from_shell() { # LOG [ARGUMENT...]
    open_terminal 80x24 "PS1='shell> ' FAKE_LOG=$logs/$1.ndjson exec bash --norc --noprofile -i"
    shift
    see 'shell>'
    press "$brigade $*" Enter
    see 'Brigade  '
}

case_ctrl_z_during_a_run_and_back() {
    open_from_shell stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    press C-z
    see 'Stopped'
    press 'jobs; echo in the shell' Enter
    see 'in the shell'
    press fg Enter
    see 'running  1'
    see 'waits in accept'
    press s
    see 'stopped, not graded'
    press q
    see_no 'not graded'
    press 'echo code $?' Enter
    see 'code 0'
}

# An editor of a few lines of sh, in $EDITOR.
write_editor() { # LINE...
    printf '%s\n' '#!/bin/sh' "$@" >"$TMPDIR/editor"
    chmod +x "$TMPDIR/editor"
    export EDITOR=$TMPDIR/editor
}

case_ctrl_z_in_an_editor_and_back() {
    write_editor 'echo "editing $1"; read line; echo "$line" >>"$1"'
    open_from_shell stats-live stats
    see 'not run yet'
    press e
    see 'editing app.c'
    press C-z
    see 'Stopped'
    press fg Enter
    see_no 'Stopped (' # the editor reads on, below
    press 'more' Enter
    see 'not run yet'
    assert_contains "$(cat "$BRIGADE_WORKSPACE/stats/app.c")" more
    press q
    press 'echo code $?' Enter
    see 'code 0'
}

case_an_editor_that_crashes_in_raw_mode_spoils_nothing() {
    write_editor "stty raw -echo; printf '\\033[?1049h\\033[?1000h\\033[?25l\\033[44m'; kill -SEGV \$\$"
    open_sane stats-live stats
    see 'not run yet'
    press e
    see_words 'was ended by SIGSEGV'
    press Down h
    see 'Hint 1 of 2'
    press q
    see 'left with 0'
    assert_terminal_is_sane "$before"
    assert_equals 0 "$(tm display-message -p '#{mouse_any_flag}')"
}

case_an_editor_that_leaves_the_terminal_raw_spoils_nothing() {
    write_editor 'stty raw -echo'
    open_sane stats-live stats
    see 'not run yet'
    press e
    see 'not run yet'
    press Down h
    see 'Hint 1 of 2'
    press q
    see 'left with 0'
    assert_terminal_is_sane "$before"
}

case_an_editor_that_fails_is_told() {
    write_editor 'exit 3'
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press e
    see_words 'editor" ended with code 3.'
}

case_a_lab_killed_under_its_editor_says_so_and_leaves_the_editor_alone() {
    write_editor 'echo "editing $1"; read line; echo "$line" >>"$1"; echo written'
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press e
    see 'editing app.c'
    kill -KILL "$(lab_pid)"
    see 'ended by SIGKILL'
    see 'left with 137'
}

# --- at rest ---

# Wakes of the lab within a second in which nobody does anything.
wakes() {
    local lab before
    lab=$(lab_pid)
    before=$(awk '/^voluntary/ { print $2 }' "/proc/$lab/status")
    read -rt 1 <> <(:) || :
    echo $(($(awk '/^voluntary/ { print $2 }' "/proc/$lab/status") - before))
}

case_nothing_ticks_while_nothing_happens() {
    open_lab 80x24 stats-failed stats
    see 'not run yet'
    press r
    see '> no  truth'
    press t
    see 'Timeline'
    wakes >"$TMPDIR/settled" # the last frame, and the place that is kept
    assert_equals 0 "$(wakes)"
}

# --- in plain text ---

case_plain_text_tells_the_same() {
    mkdir -p "$BRIGADE_WORKSPACE"
    : >"$BRIGADE_WORKSPACE/stats"
    output=$("$brigade" --plain stats </dev/null | tr -s ' \n' ' ')
    assert_contains "$output" "cannot make the folder $BRIGADE_WORKSPACE/stats: Not a directory. Something else has that name: move it away."
}

case_plain_text_tells_of_a_program_that_is_gone() {
    write_editor 'rm "$1"'
    output=$(printf '%s\n' e r q | "$brigade" --plain stats 2>&1 | tr -s ' \n' ' ')
    assert_contains "$output" "There is no $BRIGADE_WORKSPACE/stats/app.c: e writes one, R puts the starter there."
    write_editor 'rm -r ../stats'
    output=$(printf '%s\n' e r R y q | "$brigade" --plain stats 2>&1 | tr -s ' \n' ' ')
    assert_contains "$output" "The folder $BRIGADE_WORKSPACE/stats is gone."
    assert_contains "$output" "The starter is now in $BRIGADE_WORKSPACE/stats."
}

# --- terminals ---

case_every_size_is_drawn_or_told() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'running  1'
    tm resize-window -x 30 -y 6
    see 'Brigade'
    see 'q quit'
    tm resize-window -x 29 -y 6
    see 'too small'
    tm resize-window -x 30 -y 5
    see 'min 30x6'
    tm resize-window -x 1 -y 1
    see_no 'min'
    press Down Up Tab
    tm resize-window -x 500 -y 100
    see 'running  1'
    see 'Write a clustered HTTP server that counts.'
    tm resize-window -x 80 -y 24
    see 'running  1'
    press s
    see 'stopped, not graded'
}

case_a_storm_of_sizes_during_a_run_loses_nothing() {
    local i
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    for i in {1..60}; do
        tm resize-window -x $((1 + i * 37 % 150)) -y $((1 + i * 13 % 50))
        [ $((i % 7)) != 0 ] || press Tab Down
    done
    tm resize-window -x 100 -y 30
    see 'running  1'
    see 'q quit'
    see '15 worker'
    press s
    see 'stopped, not graded'
}

cases_main "$@"
