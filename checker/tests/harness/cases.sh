# shellcheck shell=bash disable=SC2034
# Gives a shell test the command line that the runner expects (--list, --case NAME).
#
#     #!/usr/bin/env bash
#     . "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
#     case_prints_its_version() { assert_contains "$("$check" --version)" brigade; }
#     cases_main "$@"
#
# Every function case_NAME is a case; it runs with `set -eu` in a process of its own, and may leave
# files in $TMPDIR. case_limit_s=N gives the script's cases N seconds instead of the runner's limit.

BRIGADE_ROOT=${BRIGADE_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)}
BRIGADE_BUILD=${BRIGADE_BUILD:-$BRIGADE_ROOT/build}
check=$BRIGADE_BUILD/brigade-check
brigade=$BRIGADE_BUILD/brigade
case_limit_s=

fail() { # WORDS...
    echo "failed: $*" >&2
    exit 1
}

skip() { # WHY...
    echo "$*"
    exit 77
}

assert_equals() { # WANTED GOT
    [ "$1" = "$2" ] || fail "$(printf 'expected:\n%s\ngot:\n%s' "$1" "$2")"
}

assert_contains() { # TEXT PART
    case $1 in *"$2"*) ;; *) fail "$(printf 'expected to find:\n%s\nin:\n%s' "$2" "$1")" ;; esac
}

assert_lacks() { # TEXT PART
    case $1 in *"$2"*) fail "$(printf 'expected not to find:\n%s\nin:\n%s' "$2" "$1")" ;; esac
}

assert_exit() { # CODE COMMAND [ARG...]: runs it, keeps its output (both streams) in $output
    local wanted=$1 code=0
    shift
    output=$("$@" 2>&1) || code=$?
    [ "$code" = "$wanted" ] || fail "$(printf 'exit code %s, not %s, of: %s\n%s' \
        "$code" "$wanted" "$*" "$output")"
}

cases_list() { # in the order of the script
    sed -nE 's/^case_([A-Za-z0-9_]+) *\(\).*/\1/p' "$0" | sed "s/\$/${case_limit_s:+\t$case_limit_s}/"
}

cases_main() {
    case ${1-} in
    --list) cases_list ;;
    --case)
        declare -F "case_$2" >/dev/null || { echo "no case $2 in $0" >&2; exit 2; }
        set -eu
        "case_$2"
        ;;
    *) echo "usage: $0 --list | --case NAME" >&2; exit 2 ;;
    esac
}
