#!/usr/bin/env bash
# Every lesson: what it quotes is what its examples are, and what they print.
# shellcheck disable=SC2016
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"

# Numbers that no two runs share: times, process numbers, cores.
mask() {
    sed -E 's/[0-9]+ ms/# ms/g; s/(process|chef) [0-9]{2,}/\1 #/g; s/on [0-9]+ burners?/on # burners/'
}

# Prints block NUMBER (from 1) of KIND in a lesson; nothing if there is no such block.
block() { # LESSON KIND NUMBER
    awk -v want="\`\`\`$2" -v number="$3" '
        /^```/ && inside { inside = 0; next }
        /^```/ { inside = 1; shown = $0 == want && ++seen == number; next }
        inside && shown' "$1"
}

each_lesson() { # FUNCTION
    local lesson
    for lesson in "$BRIGADE_ROOT"/lessons/*/lesson.md; do
        cd "$(dirname "$lesson")/examples"
        "$1" "$lesson"
    done
}

examples_compile() {
    local source
    for source in *.c; do
        assert_exit 0 "${CC:-cc}" -std=gnu17 -Wall -Wextra -Wshadow -O2 -pthread \
            -o "$TMPDIR/example" "$source"
        assert_equals '' "$output"
    done
}

# A console block is a command behind `$ ` and what it prints. Programs land in $TMPDIR.
console_blocks_are_true() {
    local number=1 text command
    while text=$(block "$1" console $number) && [ -n "$text" ]; do
        command=$(head -n 1 <<<"$text")
        command=${command#\$ }
        number=$((number + 1))
        case $command in node\ *) command -v node >/dev/null || continue ;; esac
        assert_exit 0 bash -c "${command//\/tmp\//$TMPDIR/}"
        assert_equals "\$ $command
$(tail -n +2 <<<"$text" | mask)" "\$ $command
$(mask <<<"$output")"
    done
    [ $number -gt 1 ] || fail "$1 has no console block"
}

code_blocks_are_excerpts() {
    local kind number text
    for kind in c js; do
        number=1
        while text=$(block "$1" $kind $number) && [ -n "$text" ]; do
            number=$((number + 1))
            assert_contains "$(cat -- *.$kind)" "$text"
        done
    done
}

code_and_tables_fit_78_columns() {
    local wide
    wide=$(awk 'length > 78 { print FILENAME ": " $0 }' "$1" ./*)
    assert_equals '' "$wide"
}

case_examples_compile_without_a_warning() { each_lesson examples_compile; }
case_console_blocks_show_what_the_examples_print() { each_lesson console_blocks_are_true; }
case_code_blocks_stand_in_the_examples() { each_lesson code_blocks_are_excerpts; }
case_everything_fits_78_columns() { each_lesson code_and_tables_fit_78_columns; }

cases_main "$@"
