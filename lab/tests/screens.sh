# shellcheck shell=bash disable=SC2154
# The lab in a terminal of tmux: keys in, text out. Sourced by the tests of screens.
#
#     open_lab 80x24 stats-live          # plays that log (or a path) as the checker; more words are arguments
#     press Down Enter r
#     see 'waits in accept'              # waits until the screen shows it
#     assert_contains "$(screen)" ...
#
# Waiting is for output of the terminal, never for time.

export BRIGADE_EXERCISES=$BRIGADE_ROOT/lab/tests/fixtures/exercises
export BRIGADE_LESSONS=$BRIGADE_ROOT/lab/tests/fixtures/lessons
export BRIGADE_CHECK=$BRIGADE_ROOT/lab/tests/fake-checker
export BRIGADE_WORKSPACE=$TMPDIR/work FAKE_HEARD=$TMPDIR/heard EDITOR=true LC_ALL=C.UTF-8
unset TMUX VISUAL NO_COLOR
# ncurses keeps its tables to the end of the program.
printf 'leak:%s\n' libtinfo libncursesw >"$TMPDIR/leaks"
export LSAN_OPTIONS=suppressions=$TMPDIR/leaks:print_suppressions=0
SEE_LIMIT_S=20

command -v tmux >/dev/null || skip 'tmux is not installed'
[ -x "$brigade" ] || fail "$brigade is not built"

tm() { tmux -S "$TMPDIR/tmux" -f /dev/null "$@"; }

close_terminal() {
    local server
    server=$(tm display-message -p '#{pid}' 2>/dev/null) || return 0
    tm kill-server 2>/dev/null || :
    exec 9<&- || :
    while kill -0 "$server" 2>/dev/null; do read -rt 0.01 <> <(:) || :; done
}

# Opens a terminal of COLUMNSxROWS with a command in it, what it writes readable on 9.
open_terminal() { # SIZE COMMAND
    trap close_terminal EXIT
    mkfifo "$TMPDIR/written"
    tm new-session -d -x "${1%x*}" -y "${1#*x}" "read -r _; $2"
    tm pipe-pane "exec cat >'$TMPDIR/written'"
    exec 9<"$TMPDIR/written"
    tm send-keys Enter # only now: nothing is written that is not seen
}

open_lab() { # SIZE LOG [ARGUMENT...]
    local size=$1
    export FAKE_LOG=$BRIGADE_ROOT/lab/tests/fixtures/$2.ndjson
    case $2 in /*) FAKE_LOG=$2 ;; esac
    shift 2
    open_terminal "$size" "$brigade $*; echo \"left with \$?\"; exec cat"
}

press() { tm send-keys "$@"; }
screen() { tm capture-pane -p; }

# Waits until the screen matches (see), or no longer does (see_no).
await_screen() { # yes|no TEXT
    local shown deadline=$((SECONDS + SEE_LIMIT_S)) matches
    while :; do
        shown=$(screen)
        case $shown in *"$2"*) matches=yes ;; *) matches=no ;; esac
        [ "$matches" != "$1" ] || return 0
        [ "$SECONDS" -lt "$deadline" ] || break
        timeout 2 dd bs=64k count=1 of=/dev/null status=none <&9 || : # one read(2) of what there is
    done
    fail "$(printf 'waited for the screen to %s:\n%s\nit showed:\n%s' \
        "$([ "$1" = yes ] && echo show || echo lose)" "$2" "$shown")"
}
see() { await_screen yes "$1"; }
see_no() { await_screen no "$1"; }

# The pane's command is a shell, its only child the keeper, the keeper's only child the lab.
only_child() { # PID
    local children
    read -r children <"/proc/$1/task/$1/children" || :
    echo "${children%% *}"
}
keeper_pid() { only_child "$(tm display-message -p '#{pane_pid}')"; }
lab_pid() { only_child "$(keeper_pid)"; }

# The terminal's settings, as the pane's tty has them.
settings() { stty -g <"$(tm display-message -p '#{pane_tty}')"; }
on_alternate_screen() { [ "$(tm display-message -p '#{alternate_on}')" = 1 ]; }

assert_terminal_is_sane() { # SETTINGS BEFORE
    assert_equals "$1" "$(settings)"
    ! on_alternate_screen || fail 'still on the alternate screen'
    assert_equals 1 "$(tm display-message -p '#{cursor_flag}')"
}

# Opens the lab from a terminal whose settings are kept in $before.
open_sane() { # LOG [ARGUMENT...]
    open_terminal 80x24 "stty -g >'$TMPDIR/before'; FAKE_LOG=$BRIGADE_ROOT/lab/tests/fixtures/$1.ndjson \
$brigade ${*:2}; echo \"left with \$?\"; exec cat"
    see 'Brigade  '
    before=$(cat "$TMPDIR/before")
    on_alternate_screen || fail 'not on the alternate screen'
    [ "$before" != "$(settings)" ] || fail 'the lab changed nothing'
}

# Waits until no process of that id is left.
await_end() { # PID...
    local pid
    for pid; do
        while kill -0 "$pid" 2>/dev/null; do read -rt 0.01 <> <(:) || :; done
    done
}
