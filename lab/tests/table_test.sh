#!/usr/bin/env bash
# Every screen at every size, in colour and without, in UTF-8 and in ASCII: one walk through all of them, and what is
# true of each held against it. A row: the screen, the keys that lead to it, text that shows it is there, and for the
# screens with a selection the text that the cursor stands at. SHOW=1 prints the screens.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=120
logs=$BRIGADE_ROOT/lab/tests/fixtures
export BRIGADE_LESSONS=$logs/course

walk='
welcome              |                |Welcome to Brigade
map                  |Escape          |>  lesson            |>  lesson
search on the map    |/               |Search
found on the map     |s t a t s Enter |>  exercise          |>  exercise
lesson               |g Enter         |A single cook
help on a lesson     |?               |the headings
outline              |Escape o        |> Why more           |> Why more
search               |Escape /        |Search:
found                |c h i l d Enter |next found           |child
end of the lesson    |Escape G        |100 %
the top again        |g               |A single cook
words in it          |/ p r i n t s Space o n c e Enter|prints once
an example           |Enter           |11 worker            |>
back from it         |s Escape        |next found
the search forgotten |Escape         |n next  
quiz                 |n               |Question 1 of 2      |>    a
answer               |b Enter         |b is right
second question      |Enter           |Question 2 of 2      |>    a
end of the quiz      |a Enter Enter   |2 of 2 right
exercise             |n               |Write a clustered
a hint               |h               |Hint 1 of 2
processes before     |2               |not run yet
help on the bench    |?               |compile, run and
play:stats-live
run                  |Escape r        |waits in accept      |>
counts               |3               |none yet
messages             |4               |11 > 10
output               |5               |Stats from worker
checks in a run      |6               |truth
load                 |l               |How many requests
faults               |Escape x        |short reads          |>
question             |Escape q        |Stop it and quit
timeline in a run    |n t             |10
stopped              |Escape s        |stopped, not graded
play:stats-failed
failed               |r               |no  truth            |> no  truth
processes after      |2               |11 worker            |>
counts after         |3               |answered
messages after       |4               |> 10
output after         |5               |orker
timeline             |6 t             |truth
unfolded             |+ +             |every event
playback             |Escape 2 Home   |paused
a step on            |. . .           |10
play:stats-no-compile
does not compile     |End r           |does not compile
problems             |7               |app.c:               |> app.c:
play:stats-crashed
crashed              |r               |was killed by
play:stats-hostile
hostile              |r 5             |\e[31mred
hostile stopped      |s               |r run  e edit
play:stats-passed
passed               |r               |Passed: all 11
solutions            |S               |plain                |> plain
another              |Down            |script               |> script
farewell             |Escape Escape   |That was all of it
map at the end       |Enter           |all is done          |>
'

complain() { fail "$(printf '%s, %s: %s\n%s' "$combination" "$name" "$1" "$shown")"; }

hold_text() {
    local line
    while IFS= read -r line; do
        [ ${#line} -le "$columns" ] || complain "a line of ${#line} columns"
    done <<<"$shown"
    case $shown in ' Brigade'*) ;; *) complain 'no header' ;; esac
    [ "$(wc -l <<<"$shown")" -eq "$rows" ] || complain 'nothing on the bottom line'
    ! grep -qP '[\x01-\x08\x0b-\x1f\x7f]|\x{80}-\x{9f}|\x{fffd}' <<<"$shown" || complain 'a control or replacement character'
    case $shown in *'too small'*) complain 'it calls itself too small' ;; esac
    [ "$charset" = utf8 ] || ! LC_ALL=C grep -q '[^ -~]' <<<"$shown" || complain 'more than ASCII'
}

hold_colours() {
    local colours
    colours=$(tm capture-pane -p -e | grep -cE $'\e\\[([0-9]+;)*([34][0-7]|9[0-7]|[34]8;5;[0-9]+)(;[0-9]+)*m' || :)
    case $theme in
    mono) [ "$colours" -eq 0 ] || complain 'colours, though mono' ;;
    *) [ "$colours" -gt 0 ] || complain 'no colour' ;;
    esac
}

hold_cursor() { # TEXT that it stands at
    local x y flag line
    read -r x y flag <<<"$(tm display-message -p '#{cursor_x} #{cursor_y} #{cursor_flag}')"
    [ "$flag" = 1 ] || complain 'the cursor is hidden'
    line=$(sed -n "$((y + 1))p" <<<"$shown")
    case ${line:x} in "$1"*) ;; *) complain "the cursor at $x,$y, not on $1" ;; esac
}

hold_all() { # TEXT at the cursor, "" where there is no selection
    shown=$(screen)
    hold_text
    hold_colours
    [ -z "$1" ] || hold_cursor "$1"
}

# A frame reaches the terminal in pieces: what does not hold yet is looked at again after more of it.
hold() {
    local tries
    for tries in {1..40}; do
        (hold_all "$1") 2>/dev/null && return
        timeout 0.2 dd bs=64k count=1 of=/dev/null status=none <&9 || :
    done
    hold_all "$1"
}

trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }

every_screen() { # SIZE dark|mono utf8|ascii
    local name keys text at shown columns=${1%x*} rows=${1#*x} theme=$2 charset=$3 combination="$*" options="--theme $2"
    [ "$charset" = utf8 ] || options="$options --no-unicode"
    cp "$logs/stats-live.ndjson" "$TMPDIR/log"
    open_lab "$1" "$TMPDIR/log" $options
    while IFS='|' read -r name keys text at; do
        case $name in
        '') continue ;;
        play:*) cp "$logs/${name#play:}.ndjson" "$TMPDIR/log"; continue ;;
        esac
        name=$(trim "$name")
        text=$(sed 's/ *$//' <<<"$text")
        # shellcheck disable=SC2086
        [ -z "$(trim "$keys")" ] || press $keys
        see "$text"
        hold "$(trim "$at")"
        [ -z "${SHOW-}" ] || printf '=== %s\n%s\n' "$name" "$(screen)"
    done <<<"$walk"
}

case_every_screen_at_80x24() { every_screen 80x24 dark utf8; }
case_every_screen_at_80x24_in_ascii() { every_screen 80x24 dark ascii; }
case_every_screen_at_80x24_in_mono() { every_screen 80x24 mono utf8; }
case_every_screen_at_80x24_in_mono_ascii() { every_screen 80x24 mono ascii; }
case_every_screen_at_60x20() { every_screen 60x20 dark utf8; }
case_every_screen_at_60x20_in_ascii() { every_screen 60x20 dark ascii; }
case_every_screen_at_60x20_in_mono() { every_screen 60x20 mono utf8; }
case_every_screen_at_60x20_in_mono_ascii() { every_screen 60x20 mono ascii; }
case_every_screen_at_140x40() { every_screen 140x40 dark utf8; }
case_every_screen_at_140x40_in_ascii() { every_screen 140x40 dark ascii; }
case_every_screen_at_140x40_in_mono() { every_screen 140x40 mono utf8; }
case_every_screen_at_140x40_in_mono_ascii() { every_screen 140x40 mono ascii; }

# --- to the letter ---

assert_screen() { # TEXT, once it is there
    local tries
    for tries in {1..20}; do
        [ "$(screen | sed 's/ *$//')" != "$1" ] || return 0
        timeout 0.2 dd bs=64k count=1 of=/dev/null status=none <&9 || :
    done
    assert_equals "$1" "$(screen | sed 's/ *$//')"
}

case_a_quiz_to_the_letter_at_60x12_in_ascii() {
    open_lab 60x12 stats-live why-quiz --no-unicode
    see 'Question 1 of 2'
    assert_screen " Brigade  1 What stuck                         0 of 0 right
- Question 1 of 2 ------------------------------------------

  What does this print?

    fork();
    puts(\"x\");

  >    a  x once
       b  x twice
       c  nothing
 Enter answer  a to c choose  Esc back  ? help  q quit"
}

case_counts_to_the_letter_at_60x12() {
    open_lab 60x12 stats-failed stats
    see 'not run yet'
    press r
    see 'no  truth'
    press 3
    see 'none yet'
    assert_screen " Brigade  st… failed: 9 of 11 checks pass, 80 of 100 points
─ 3 Counts ─────────────────────────────────────────────────
 worker █ answered  ░ reported
 11    █████████████████████████ 34     ░ 32  +2 since
 12    █████████████████ 22             ░ 19 of 20
 13    ██████ 8                         ░ 8
 14    █████████████████ 22             ░ 16  +6 since
 15    █████ 6                          ░ none yet



 r run  e edit  w watch  h hint  ? help  q quit  real clock"
}

cases_main "$@"
