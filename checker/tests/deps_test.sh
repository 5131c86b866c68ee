#!/usr/bin/env bash
# `make deps`, on machines made of stand-ins: a PATH with a package manager that only takes notes.
# shellcheck disable=SC2016
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
deps=$BRIGADE_ROOT/.ci/deps
bin=$TMPDIR/bin

stand_in() { # NAME, body on stdin
    { echo '#!/bin/bash'; cat; } >"$bin/$1"
    chmod +x "$bin/$1"
}

# A machine where all is there but jansson; `id -u` says $1, the package managers are the rest.
machine() {
    mkdir "$bin"
    local tool
    for tool in bash env awk cat touch; do ln -s "$(command -v $tool)" "$bin/$tool"; done
    for tool in bwrap tmux; do stand_in $tool </dev/null; done
    stand_in id <<<"echo $1"
    stand_in pkg-config <<<'[ "$2" != jansson ] || [ -e "$TMPDIR/installed" ]'
    stand_in cc </dev/null
    shift
    for tool; do
        stand_in "$tool" <<<"echo $tool \"\$@\" >>\"\$TMPDIR/notes\""
    done
}

apt_that_works() {
    stand_in apt-get <<<'echo apt-get "$@" >>"$TMPDIR/notes"
[ "$2" = -s ] || [ "$1" = update ] || touch "$TMPDIR/installed"'
}

notes() { cat "$TMPDIR/notes" 2>/dev/null || :; }

case_nothing_missing_does_nothing() {
    machine 0 apt-get
    touch "$TMPDIR/installed"
    PATH=$bin assert_exit 0 "$deps" install all
    assert_equals '' "$output$(notes)"
}

case_root_installs_with_apt_and_says_so() {
    machine 0
    apt_that_works
    PATH=$bin assert_exit 0 "$deps" install all
    assert_equals 'Missing: jansson. Running: apt-get install -y libjansson-dev' "$output"
    assert_lacks "$(notes)" update
}

case_package_lists_are_fetched_when_apt_knows_no_such_package() {
    machine 0
    stand_in apt-get <<<'echo apt-get "$@" >>"$TMPDIR/notes"
case $1 in update) touch "$TMPDIR/lists" ;; *) [ -e "$TMPDIR/lists" ] && touch "$TMPDIR/installed" ;; esac'
    PATH=$bin assert_exit 0 "$deps" install all
    assert_contains "$(notes)" 'apt-get update'
}

case_others_go_through_sudo() {
    machine 1000
    apt_that_works
    stand_in sudo <<<'echo sudo >>"$TMPDIR/notes"; exec "$@"'
    PATH=$bin assert_exit 0 "$deps" install all
    assert_contains "$output" 'Running: sudo apt-get install -y libjansson-dev'
    assert_contains "$(notes)" sudo
}

case_without_root_or_sudo_the_command_is_printed() {
    machine 1000 apt-get
    PATH=$bin assert_exit 1 "$deps" install all
    assert_contains "$output" 'apt-get install -y libjansson-dev'
    assert_equals '' "$(notes)"
}

case_on_fedora_the_command_is_printed() {
    machine 0 dnf
    PATH=$bin assert_exit 1 "$deps" install all
    assert_contains "$output" 'dnf install -y jansson-devel'
    assert_equals '' "$(notes)"
}

case_on_arch_the_command_is_printed() {
    machine 0 pacman
    PATH=$bin assert_exit 1 "$deps" install all
    assert_contains "$output" 'pacman -S --needed jansson'
}

case_on_alpine_the_command_is_printed() {
    machine 0 apk
    PATH=$bin assert_exit 1 "$deps" install all
    assert_contains "$output" 'apk add jansson-dev'
}

case_an_unknown_system_is_told_what_is_missing() {
    machine 0
    PATH=$bin assert_exit 1 "$deps" install all
    assert_contains "$output" 'Missing: jansson.'
    assert_contains "$output" 'package manager'
}

case_what_only_tests_need_is_not_asked_for_by_a_build() {
    machine 0 apt-get
    touch "$TMPDIR/installed"
    rm "$bin/tmux"
    PATH=$bin assert_exit 0 "$deps" check build
    PATH=$bin assert_exit 1 "$deps" check all
    assert_contains "$output" 'Missing: tmux.'
}

cases_main "$@"
