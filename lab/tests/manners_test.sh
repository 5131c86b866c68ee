#!/usr/bin/env bash
# Mouse, themes, the manual page: manners that hold on every screen.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
. "$BRIGADE_ROOT/lab/tests/screens.sh"
case_limit_s=60

# What the terminal that TERM=screen means sends for the mouse: three bytes, each 32 above its value; places from 1.
# In one write, as terminals do: curses waits for what is missing.
mouse() { # BUTTON COLUMN ROW
    local bytes
    printf -v bytes '\\x%02x' $((32 + $1)) $((32 + $2)) $((32 + $3))
    tm set-buffer $'\e[M'"$(printf '%b' "$bytes")"
    tm paste-buffer -r
}
row_of() { screen | grep -nF -- "$1" | head -n 1 | cut -d: -f1; } # TEXT, on the screen
column_of() { screen | grep -F -- "$1" | head -n 1 | awk -v text="$1" '{ print index($0, text) }'; }
release=3
click_on() {
    local column row
    column=$(column_of "$1")
    row=$(row_of "$1")
    mouse 0 "$column" "$row"
    mouse $release "$column" "$row"
}
wheel() { mouse "$([ "$1" = up ] && echo 64 || echo 65)" 5 "$2"; } # up|down ROW

# The lab on its list of steps, past the welcome.
open_list() { # ARGUMENT...
    open_lab 80x24 stats-live "$@"
    see 'Welcome to Brigade'
    press Escape
    see '> '
    see 'stats'
}

case_a_click_selects_a_step_and_one_more_opens_it() {
    open_list
    see '>  lesson'
    click_on 'exercise '
    see '>  exercise'
    click_on 'exercise '
    see 'Write a clustered'
}

case_a_click_on_the_bottom_line_is_its_key() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press 1 # and the notice makes room for the keys
    see 'r run'
    click_on 'r run'
    see 'running'
    click_on 's stop'
    see 'stopped, not graded'
}

case_a_click_brings_a_pane_into_focus() {
    open_lab 80x24 stats-live stats
    see 'not run yet'
    press r
    see 'waits in accept'
    click_on '4 Messages'
    see '> 10'
}

case_a_click_selects_a_process_a_check_and_a_moment() {
    open_lab 100x30 stats-live --log "$BRIGADE_ROOT/lab/tests/fixtures/stats-failed.ndjson"
    see '> no  truth'
    click_on '13 worker'
    see '> ├ 13 worker'
    press 6
    see '> no  truth' # the list, no longer the strip
    click_on 'no  responsive'
    see '> no  responsive'
    press 2 t Home
    see '├─ fork'
    click_on '<─ count 12'
    see 'message 4, 14 > 10'
}

case_the_wheel_scrolls() {
    open_list
    press g Enter
    see 'Esc back'
    local first
    first=$(screen | sed -n 3p)
    wheel down 10
    see_no "$first"
    wheel up 10
    see "$first"
}

case_without_the_mouse_nothing_is_asked_of_the_terminal() {
    open_list --no-mouse
    assert_equals 0 "$(tm display-message -p '#{mouse_any_flag}')"
}

case_the_mouse_is_given_back_whatever_happens() {
    open_list
    assert_equals 1 "$(tm display-message -p '#{mouse_any_flag}')"
    kill -KILL "$(lab_pid)"
    see 'left with 137'
    assert_equals 0 "$(tm display-message -p '#{mouse_any_flag}')"
}

# The colours of the foreground that the screen shows, as SGR numbers.
colours() { tm capture-pane -p -e | grep -oE $'\e\\[[0-9;]*m' | grep -oE '(38;5;[0-9]+|3[1-7]|9[0-7])[;m]' | sort -u | tr '\n' ' '; }

colours_of_theme() { # ARGUMENT... in $shown, since a terminal has to be closed by who opened it
    open_lab 100x30 stats-failed stats "$@"
    see '..  build'
    press r
    see '> no  truth'
    shown=$(colours)
    close_terminal
    rm -f "$TMPDIR/written"
}

case_each_theme_has_colours_of_its_own() {
    local shown dark light
    colours_of_theme
    dark=$shown
    colours_of_theme --theme light
    light=$shown
    BRIGADE_THEME=contrast colours_of_theme
    [ -n "$dark" ] && [ -n "$light" ] && [ -n "$shown" ] || fail 'a theme has no colour'
    [ "$dark" != "$light" ] && [ "$light" != "$shown" ] && [ "$dark" != "$shown" ] ||
        fail "dark: $dark; light: $light; contrast: $shown"
}

case_mono_has_no_colour() {
    local shown
    colours_of_theme --theme mono
    assert_equals '' "$shown"
}

case_a_theme_that_is_not_there_is_told() {
    assert_exit 2 "$brigade" --theme pink
    assert_contains "$output" 'pink'
    assert_contains "$output" 'dark, light, contrast and mono'
}

case_the_manual_has_every_option_and_every_key() {
    local word
    "$brigade" --manual >"$TMPDIR/brigade.1"
    for word in $("$brigade" --help | grep -oE '^  --[a-z-]+'); do
        grep -qF -- "${word//-/\\-}" "$TMPDIR/brigade.1" || fail "$word is not in the manual"
    done
    for word in 'compile, run and grade your program' 'kill the selected process' 'this help'; do
        grep -qF -- "$word" "$TMPDIR/brigade.1" || fail "the manual does not say: $word"
    done
    ! command -v groff >/dev/null || assert_equals '' "$(groff -man -ww -Tascii -z "$TMPDIR/brigade.1" 2>&1)"
}

cases_main "$@"
