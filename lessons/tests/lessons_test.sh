#!/usr/bin/env bash
# Every lesson: what it quotes is what its examples are, and what they print.
#
#     ```c bell.c 3          an excerpt of examples/bell.c, which the lab runs with the argument 3
#     ```js bell.js          likewise
#     ```c from bell.c       an excerpt that the lab does not run: alone it has nothing to show
#     ```console             commands behind `$ ` and what each prints; programs land in /tmp
#     ```console unordered   the same, where the lines of a command come in any order
#     ```sh, ```json, ```    anything else: nobody runs it
#
# shellcheck disable=SC2016
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"

# Numbers that no two runs share: times, amounts, process numbers, ports, cores.
mask() {
    sed -E -e 's/[0-9]+ (ms|us|KB|guests|orders)\b/# \1/g' -e 's/on [0-9]+ burners?/on # burners/' \
        -e 's/\b(process|chef|child|parent|master|worker|client|pid|port)(s?"?:? ?)[0-9]{2,}/\1\2#/gI'
}

# One file for each fenced block of a lesson: its first line is the info string.
split_blocks() { # LESSON FOLDER
    mkdir -p "$2"
    awk -v folder="$2" '
        /^ *```/ && inside { inside = 0; close(file); next }
        /^ *```/ { inside = 1; file = sprintf("%s/%03d", folder, ++number)
                   sub(/^ *```/, ""); print > file; next }
        inside { print > file }
        END { if (inside) { print "not closed" > (folder "/open") } }' "$1"
    [ ! -e "$2/open" ] || fail "$1: a fence is not closed"
}

each_block() { # FOLDER-OF-A-CHAPTER FUNCTION: FUNCTION INFO FILE, in the folder of the examples
    local lesson block info blocks
    cd "$1/examples"
    for lesson in ../*.md; do
        blocks=$TMPDIR/blocks.$(basename "$lesson")
        split_blocks "$lesson" "$blocks"
        for block in "$blocks"/*; do
            [ -e "$block" ] || continue
            info=$(head -n 1 "$block")
            "$2" "$info" <(tail -n +2 "$block")
        done
    done
}

# --- what a block must be -------------------------------------------------------------------------

is_an_excerpt() { # INFO FILE
    local kind file
    read -r kind file _ <<<"${1/ from / }"
    case $kind in c | js) ;; *) return 0 ;; esac
    [ -n "$file" ] || fail "a block of $kind names no example: $(cat "$2")"
    [ -f "$file" ] || fail "there is no examples/$file"
    assert_contains "$(cat -- "$file")" "$(cat "$2")"
    echo "$file" >>"$TMPDIR/shown"
}

runs_and_prints() { # COMMAND WANTED ORDER
    [ -n "$1" ] || fail "a console block does not begin with a command: $2"
    case $1 in node\ *) command -v node >/dev/null || return 0 ;; esac
    assert_exit 0 bash -c "${1//\/tmp\//$TMPDIR/}" </dev/null
    assert_equals "\$ $1
$(mask <<<"$2" | "$3")" "\$ $1
$(mask <<<"$output" | "$3")"
}

is_true() { # INFO FILE
    local kind order=cat command='' wanted='' line first=1
    kind=${1%% *}
    [ "$kind" = console ] || return 0
    case $1 in console) ;; 'console unordered') order='sort' ;; *) fail "what is \`\`\`$1?" ;; esac
    while IFS= read -r line; do
        case $line in
        '$ '*)
            [ $first = 1 ] || runs_and_prints "$command" "${wanted%$'\n'}" $order
            command=${line#\$ } wanted='' first=0
            ;;
        *) wanted+=$line$'\n' first=0 ;;
        esac
    done <"$2"
    runs_and_prints "$command" "${wanted%$'\n'}" $order
    echo "$command" >>"$TMPDIR/ran"
}

# --- the cases: four for each chapter -------------------------------------------------------------

examples_compile() { # CHAPTER
    local source
    for source in "$1"/examples/*.c; do
        assert_exit 0 "${CC:-cc}" -std=gnu17 -Wall -Wextra -Wshadow -O2 -pthread \
            -o "$TMPDIR/example" "$source" -ljansson
        assert_equals '' "$output"
    done
}

code_is_an_excerpt() {
    local example
    each_block "$1" is_an_excerpt
    for example in *; do
        grep -qxF "$example" "$TMPDIR/shown" || fail "no block shows examples/$example"
    done
}

console_is_true() {
    each_block "$1" is_true
    [ -s "$TMPDIR/ran" ] || fail "$1 runs nothing"
}

fits_78_columns() { # code 75: a page of the lab sets it in from the edge
    local wide
    wide=$(awk '{ gsub(/[\200-\277]/, "") } length > 78 { print FILENAME ": " $0 }' \
        "$1"/*.md "$1"/examples/*)
    assert_equals '' "$wide"
    wide=$(awk 'FNR == 1 { code = 0 } /^ *```/ { code = !code; next }
        { gsub(/[\200-\277]/, "") } code && length > 75 { print FILENAME ": " $0 }' "$1"/*.md)
    assert_equals '' "$wide"
}

cases_list() { declare -F | sed -n "s/^declare -f case_//p"; }

for chapter in "$BRIGADE_ROOT"/lessons/[0-9]*/; do
    chapter=${chapter%/}
    name=$(basename "$chapter" | tr - _)
    for what in examples_compile code_is_an_excerpt console_is_true fits_78_columns; do
        eval "case_${name}_$what() { $what $(printf %q "$chapter"); }"
    done
done

cases_main "$@"
