#!/usr/bin/env bash
# The architecture, held against the sources: who may include whom, and what every header owes.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
cd "$BRIGADE_ROOT"

# A folder of checker/, and the folders that it may include beside itself.
checker_layers='
base
proto     base
exercise  base proto
build     base proto exercise
sandbox   base proto
trace     base proto
drive     base proto exercise
grade     base proto exercise
report    base proto exercise
session   base proto exercise build sandbox trace drive grade report
'
# The same for lab/; what the lab may use of the checker stands in every line.
lab_layers='
text   base proto exercise
model  base proto exercise
term   base proto exercise
ui     base proto exercise text model term
views  base proto exercise text model term ui
app    base proto exercise text model term ui views
plain  base proto exercise text model app
'

# Prints every include of a folder that the table does not grant.
forbidden_includes() { # ROOT TABLE
    local folder allowed
    while read -r folder allowed; do
        [ -d "$1/${folder:-nowhere}" ] || continue
        grep -HnoE '^ *# *include "[a-z_]+/[^"]*"' -r "$1/$folder" --include='*.[ch]' |
            grep -vE "\"($folder${allowed:+|${allowed// /|}})/" || :
    done <<<"$2"
}

headers() { find "$@" -name '*.h' ! -path '*/tests/*'; }

case_checker_folders_include_only_what_lies_below_them() {
    assert_equals '' "$(forbidden_includes checker "$checker_layers")"
}

case_lab_folders_include_only_what_lies_below_them() {
    assert_equals '' "$(forbidden_includes lab "$lab_layers")"
}

case_every_folder_has_its_place_in_the_order() {
    local folder
    for folder in checker/*/ lab/*/; do
        folder=$(basename "$folder")
        [ "$folder" = tests ] || [ "$folder" = pictures ] || [ "$folder" = '*' ] ||
            grep -q "^$folder\b" <<<"$checker_layers$lab_layers" || fail "$folder/ is in no layer"
    done
}

case_only_the_term_folder_knows_ncurses() {
    assert_equals '' "$(grep -lE 'include <(ncurses|curses|panel|term\.h)' -r checker lab --include='*.[ch]' |
        grep -v '^lab/term/' || :)"
}

case_every_header_compiles_alone() {
    local header
    while read -r header; do
        assert_exit 0 "${CC:-cc}" -std=c17 -D_GNU_SOURCE -Wall -Wextra -fsyntax-only -xc \
            -Ilab -Ichecker "$header"
    done < <(headers checker lab)
}

case_every_header_opens_with_its_purpose() {
    local header
    while read -r header; do
        head -c 2 "$header" | grep -q '/\*' || fail "$header does not open with a comment"
    done < <(headers checker lab)
}

case_no_source_grows_past_600_lines() {
    assert_equals '' "$(find checker lab -name '*.[ch]' -exec awk 'END { if (NR > 600) print FILENAME, NR }' {} \;)"
}

case_the_top_level_is_as_agreed() {
    assert_equals '' "$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
        grep -vxE 'lessons|lab|exercises|checker|Makefile|README\.md|LICENSE|\..*' || :)"
}

cases_main "$@"
