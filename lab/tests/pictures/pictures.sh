#!/usr/bin/env bash
# Takes the README's pictures from real screens: the lab in tmux, the real checker, solutions of this tree.
# `make pictures` runs it and writes lab/pictures/*.svg.
set -eu
TMPDIR=$(mktemp -d)
export TMPDIR
. "$BRIGADE_ROOT/checker/tests/harness/cases.sh"
skip() { fail "$@"; }
. "$BRIGADE_ROOT/lab/tests/screens.sh"
SEE_LIMIT_S=60
unset BRIGADE_CHECK
export BRIGADE_EXERCISES=$BRIGADE_ROOT/exercises BRIGADE_LESSONS=$BRIGADE_ROOT/lessons
export TERM=xterm-256color

leave() {
    local code=$?
    close_terminal
    rm -rf "$TMPDIR"
    exit "$code"
}

open_here() { # SIZE [ARGUMENT...]
    size=$1
    open_lab "$size" stats-live "${@:2}"
    trap leave EXIT
}
close_here() {
    press q
    see 'left with 0'
    close_terminal
    rm "$TMPDIR/written"
}

write_program() { # EXERCISE FOLDER
    mkdir -p "$BRIGADE_WORKSPACE/$1"
    cp -r "$BRIGADE_ROOT/exercises/$1/$2/." "$BRIGADE_WORKSPACE/$1"
}

picture() { # NAME TITLE
    tm capture-pane -e -p -N | "$BRIGADE_BUILD/tests/lab/pictures/svg" "${size%x*}" "${size#*x}" "$2" >"$TMPDIR/svg"
    mv "$TMPDIR/svg" "$BRIGADE_ROOT/lab/pictures/$1.svg"
    echo "lab/pictures/$1.svg"
}

# Back from the end of a run into its second $1, some events at a time.
wind_back_to() { # SECOND
    local now i
    for i in {1..500}; do
        tm send-keys -N 3 ,
        timeout 0.3 dd bs=64k count=1 of=/dev/null status=none <&9 || :
        now=$(screen | tail -n 1 | sed -nE 's/.*paused ([0-9]+)\..*/\1/p')
        [ -z "$now" ] || [ "$now" -gt "$1" ] || return 0
    done
    fail "the run has no second $1"
}

# The verdict of a program of this tree, seen in the lab.
try() { # EXERCISE FOLDER WORDS
    write_program "$1" "$2"
    open_here 100x30 "$1"
    see 'not run yet'
    press r
    see "$3"
    close_here
}

a_run() {
    write_program stats solutions/prefork-poll
    open_here 110x30 stats
    see 'not run yet'
    press r
    see 'passed: all'
    press 2 Home End
    wind_back_to 14
    picture run 'A run of stats, before its third reports: processes, counts, messages, output, checks'
    press t Home d
    see 'is killed by SIGKILL'
    tm send-keys -N 12 Down
    see_no 'is killed by SIGKILL'
    picture timeline 'The same run as a timeline: forks, requests, reports, deaths and replacements'
    close_here
}

a_course() {
    try blocking solutions/spawn-epoll 'passed: '
    try spawn solutions/poll-fork 'passed: '
    try spawn-pipes starter 'failed: '
    open_here 110x30 why
    press G
    see '100 %'
    close_here
    open_here 110x30 children
    press Space Space
    close_here
    open_here 110x30
    see 'continue: '
    see 'points'
    picture map 'The course map: lessons, exercises and quizzes with their state'
    close_here
}

"${1:-a_run}"
[ $# -gt 0 ] || a_course
