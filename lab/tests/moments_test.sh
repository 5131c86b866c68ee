#!/usr/bin/env bash
# Runs wound to their moments: the timeline, playback, what concerns one process, searches, and what is done to
# a running program.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60

logs=$BRIGADE_ROOT/lab/tests/fixtures

open_log() { # SIZE LOG [ARGUMENT...]
    local size=$1 log=$logs/$2.ndjson
    shift 2
    open_lab "$size" stats-live --log "$log" "$@"
}

case_the_timeline_has_five_processes_at_80x24() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press 2 t Home
    see '10 master     11 worker     12 worker     13 worker     14 worker'
    see '├─ fork ─────>┬'
    see '■ 24 requests ■ 16 requests ■ 8 requests  ■ 12 requests'
    see '│<─ count 12 ───────────────────────────────────────────┤'
    see 'overview'
}

case_the_timeline_has_room_for_all_at_140x40() {
    open_log 140x40 stats-failed
    see '> no  truth'
    press 2 t
    see '15 worker'
    press D
    see '╳ SIGKILL'
    see '13 is killed by SIGKILL, which the lab sent'
    see '├ reap 13'
    see '>   9.100'
}

case_the_timeline_fits_into_60x20_and_scrolls_sideways() {
    open_log 60x20 stats-failed
    see '> no  truth'
    press 2
    see '> 10 master' # the panes have chosen a process
    press t Home
    see '10 master       11 worker       12 worker        ›'
    press Right Right Right
    see '10 master       12 worker       13 worker        ›'
    see '‹'
    press Left Left Left
    see '10 master       11 worker       12 worker        ›'
}

case_keys_jump_to_messages_births_deaths_and_failed_checks() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press 2 t Home m
    see 'message 1, 11 > 10: {"pid": 11, "count": 24}'
    press m
    see 'message 2, 12 > 10'
    press M
    see 'message 1, 11 > 10'
    press d
    see '13 is killed by SIGKILL'
    press d
    see 'No further death.'
    press b
    see '15 is born: fork by 10'
    press c
    see 'check truth: failed so far.'
    press B B
    see '14 is born: fork by 10'
}

case_a_failed_check_leads_to_what_shows_it() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press t
    see 'Timeline, what shows truth: 1 event'
    see '12 > 10: {"pid": 12, "count": 19}'
    see '>  10.001'
    press Escape
    see '> no  truth'
    press 2 t Home c Enter
    see 'what shows truth'
    see '>  10.001'
    press Escape
    see_no 'what shows'
    press Escape
    see 'paused 10.001/13.000 s'
}

case_zooming_unfolds_requests_and_then_everything() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press 2 t Home m Up
    see '60 requests answered: 24 by 11'
    press +
    see 'requests and output'
    see '■ 200, '
    see_no '24 requests'
    press +
    see 'every event'
    press Home
    see 'event 1 of 544'
    press - -
    see 'overview'
    see '■ 24 requests'
}

case_panes_show_the_moment_chosen() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press 2 t Home d t
    see '13 worker  zombie since 9.1 s'
    see_no '15 worker'
    see 'paused 9.100/13.000 s'
    press 4
    see '5.001  11 > 10'
    see_no '10.001'
    press , ,
    see 'paused 9.000/13.000 s'
    press 2
    see '13 worker  waits in accept'
    press . . 3
    see '░ 8'
    press End
    see '░ 19 of 20'
    see_no 'paused'
}

case_a_run_is_played_paused_and_followed_to_its_end() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press 2 Space
    see 'plays '
    press ] ] ]
    see 's x8'
    press Space
    see 'paused '
    press [
    see 's x4'
    press Space
    see 'plays '
    press ] ] ] ] ] ]
    see_no 'plays '
    see '15 worker'
}

case_one_process_can_be_all_that_panes_show() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press 2 Down Down Down
    see '> ├ 13 worker'
    press Enter
    see '2 Processes, only 13'
    see_no '12 worker'
    press 4
    see '4 Messages, only 13'
    see '13 > 10'
    see_no '12 > 10'
    press t
    see 'Timeline, only 13'
    see '├─ fork'
    see_no 'listen 8000 │             │             │             ├ listen'
    press t 6
    see 'No check speaks of this process.'
    press o
    see '> no  truth'
}

case_a_pane_is_searched() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press / i n t e r v a l Enter
    see '> ok  interval'
    press 4 / '"pid":' ' ' 1 2 Enter
    see 'n next found'
    press n N
    see '12 > 10'
    press / z e b r a Enter
    see '"zebra" is not on this pane.'
    press t / k i l l e d Enter
    see '13 is killed by SIGKILL'
    press / z e b r a Enter
    see '"zebra" is nowhere in the timeline.'
}

case_the_task_and_the_compilers_words_are_searched() {
    open_lab 80x24 stats-no-compile stats
    see 'not run yet'
    press / c l u s t e r e d Enter
    see 'n next found'
    press r
    see '> app.c:42    error'
    press / w a r n i n g Enter
    see '> app.c:31'
}

case_a_graded_run_shows_its_verdict_and_is_played_back() {
    sed 's/"clock": *"real"/"clock": "virtual"/' "$logs/stats-failed.ndjson" >"$TMPDIR/virtual.ndjson"
    export FAKE_LOG=$TMPDIR/virtual.ndjson
    open_terminal 80x24 "$brigade stats; exec cat"
    see 'not run yet'
    press r
    see 'failed: 9 of 11 checks pass, 80 of 100 points'
    see 'This is how it went. Esc: to its end'
    see 'plays 0.'
    see '2 Processes'
    see 'truth failed: Worker 12 reported 30'
    press Escape
    see '> no  truth'
    see 'virtual clock'
}

case_the_words_on_a_playback_end_with_it() {
    sed 's/"clock": *"real"/"clock": "virtual"/' "$logs/stats-failed.ndjson" >"$TMPDIR/virtual.ndjson"
    export FAKE_LOG=$TMPDIR/virtual.ndjson
    open_terminal 80x24 "$brigade stats; exec cat"
    see 'not run yet'
    press r
    see 'This is how it went. Esc: to its end'
    see_no 'This is how it went' # nobody pressed a key
    see '> no  truth'
    assert_contains "$(screen | tail -1)" '? help  q quit'
    assert_lacks "$(screen)" 'plays '
}

case_a_running_program_is_stopped_goes_on_and_meets_faults() {
    open_lab 80x24 stats-free stats
    see 'not run yet'
    press f
    see '> ├ 11 worker'
    press z
    see 'SIGSTOP to 11: z again lets it go on'
    press x
    see '─ Fault for process 11 ─'
    see '> short reads'
    press Down Down Enter
    see 'interrupted calls: the next 5 calls fail with EINTR'
    press l
    see 'How many requests? 20'
    press BSpace BSpace 7 Enter
    see 'How many at a time? 7'
    press BSpace 3 Enter
    see '7 requests, 3 at a time'
    press l BSpace x Enter
    see 'Requests: a number from 1 to'
    press s
    see 'ended'
    local heard
    heard=$(cat "$FAKE_HEARD")
    assert_contains "$heard" '{"do":"signal","pid":11,"signal":"SIGSTOP"}'
    assert_contains "$heard" '{"do":"fault","what":"eintr","times":5,"pid":11}'
    assert_contains "$heard" '{"do":"load","requests":7,"concurrency":3}'
}

case_a_step_that_the_checker_refuses_is_told() {
    sed 's/^#wait kill/#stderr brigade-check: control: "pid": 99 is no live process\n&/' \
        "$logs/stats-free.ndjson" >"$TMPDIR/refusing.ndjson"
    export FAKE_LOG=$TMPDIR/refusing.ndjson
    open_terminal 80x24 "$brigade stats; exec cat"
    see 'not run yet'
    press f
    see '> ├ 11 worker'
    press l Enter Enter
    see 'not done: "pid": 99 is no live process'
}

case_the_timeline_is_readable_in_ascii_and_without_colour() {
    NO_COLOR=1 open_log 80x24 stats-failed --no-unicode
    see '> no  truth'
    press t
    see '+- fork'
    see '|<- count 24 -+'
    assert_equals '' "$(screen | LC_ALL=C grep -n '[^ -~]' || :)"
    assert_equals 0 "$(tm capture-pane -p -e | grep -c $'\e\\[[0-9;]*3[0-7]m' || :)"
}

case_a_process_has_its_colour_in_the_timeline_too() {
    open_log 140x40 stats-failed
    see '> no  truth'
    press 2 t
    see '├─ fork'
    # 12 is the second worker: yellow
    assert_contains "$(tm capture-pane -p -e)" $'\e[33m12 worker'
    assert_contains "$(tm capture-pane -p -e)" $'\e[33m■'
}

case_help_lists_the_keys_of_the_timeline() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press t '?'
    see 'the next message'
    see 'the next death'
    press G
    see 'everybody waits, and the clock goes on'
    press q
    see 'Timeline'
}

# Keys at random, the same every time (KEYS_SEED chooses others), on a screen whose size changes.
press_at_random() { # KEY...
    local sizes=(80x24 60x20 140x40 30x6 100x30) some i n
    RANDOM=${KEYS_SEED:-7}
    for ((i = 0; i < 30; i++)); do
        some=()
        for ((n = 0; n < 10; n++)); do some+=("${@:RANDOM % $# + 1:1}"); done
        press "${some[@]}"
        [ $((i % 6)) != 5 ] || tm resize-window -x "${sizes[i / 6]%x*}" -y "${sizes[i / 6]#*x}"
    done
    tm resize-window -x 80 -y 24
}

moving_keys=(Up Down Left Right PageUp PageDown Home End Enter Escape Tab BTab Space , . '[' ']' + - / t o m M d D c C b
    B n N g G 1 2 3 4 5 6 7 x z k l '?' a)

case_no_order_of_keys_harms_a_saved_run() {
    open_log 80x24 stats-failed
    see '> no  truth'
    press_at_random "${moving_keys[@]}" r e s f
    press Escape Escape Escape Escape 6
    see '6 Checks'
    press Escape q
    see 'left with 0'
}

case_no_order_of_keys_harms_a_run_that_goes_on() {
    open_lab 80x24 stats-free stats
    see 'not run yet'
    press f
    see '> ├ 11 worker'
    press_at_random "${moving_keys[@]}" f s r 7
    # a question or a line that is asked for may be open, and the run may have to be stopped
    press Escape Escape Escape n C-c y C-c y
    see 'left with 0'
}

cases_main "$@"
