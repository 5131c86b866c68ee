#!/usr/bin/env bash
# What a student reads of an exercise: every task.md fits a terminal of 80 columns.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"

# Lines of fenced blocks are shown as they are; the lab sets them in from the edge, which leaves 75 columns.
wide_code() { # FILE...
    awk 'FNR == 1 { code = 0 } /^ *```/ { code = !code; next }
        { gsub(/[\200-\277]/, "") } code && length > 75 { print FILENAME ":" FNR ": " length }' "$@"
}

case_code_in_tasks_fits_75_columns() {
    assert_equals '' "$(wide_code "$BRIGADE_ROOT"/exercises/*/task.md)"
}
case_every_fence_in_tasks_is_closed() {
    for task in "$BRIGADE_ROOT"/exercises/*/task.md; do
        [ $(($(grep -c '^ *```' "$task") % 2)) = 0 ] || fail "$task: a fence is not closed"
    done
}
case_a_line_too_wide_is_found() {
    wide=$(printf '%076d' 0)
    printf '%s\n```\n%s\n%s\n```\n' "$wide" "$wide" "${wide%0}" >"$TMPDIR/task.md"
    assert_equals "$TMPDIR/task.md:3: 76" "$(wide_code "$TMPDIR/task.md")"
}

cases_main "$@"
