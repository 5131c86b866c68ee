#!/usr/bin/env bash
# Every exercise proves itself: solutions pass, the starter fails, each mutant fails where it must. Runs are in virtual
# time, well below a second each on a quiet machine, several side by side.
. "${BRIGADE_ROOT:-.}/checker/tests/harness/cases.sh"
case_limit_s=600

# Under sanitizers our own programs are several times slower than what they watch, so fewer runs go side by side, and
# only those that tell whether the engine still works.
case_every_exercise_is_what_it_claims() {
    case $BRIGADE_BUILD in
    */san-*) "$check" validate -j 2 --only solutions/ ;;
    *) "$check" validate ;;
    esac
}

case_a_mutant_that_is_not_caught_is_told() {
    mkdir -p "$TMPDIR/ending/mutants/innocent"
    cp -R "$BRIGADE_ROOT/checker/tests/fixtures/exercises/ending" "$TMPDIR"
    cp "$BRIGADE_ROOT/checker/tests/submissions/completed/app.c" "$TMPDIR/ending/mutants/innocent"
    echo '{"caught_by": "ended", "about": "nothing is wrong with it"}' \
        >"$TMPDIR/ending/mutants/innocent/mutant.json"
    assert_exit 1 "$check" validate "$TMPDIR/ending"
    assert_contains "$output" 'FAIL ending mutant innocent'
    assert_contains "$output" 'check ended must fail, but is passed'
}

# A mistake of the author's is told once, with its place, and nothing is run.
broken() { # SED-COMMAND
    rm -rf "$TMPDIR/ending"
    cp -R "$BRIGADE_ROOT/checker/tests/fixtures/exercises/ending" "$TMPDIR"
    mkdir "$TMPDIR/ending/solutions"
    cp -R "$TMPDIR/ending/starter" "$TMPDIR/ending/solutions/same"
    sed -i "$1" "$TMPDIR/ending/exercise.json"
    assert_exit 2 "$check" validate "$TMPDIR/ending"
    assert_equals 1 "$(echo "$output" | wc -l)"
}

case_a_mistake_in_the_scenario_is_told_once() {
    broken 's/"for": "exit"/"for": "exti"/'
    line=$(grep -n exti "$TMPDIR/ending/exercise.json" | cut -d: -f1)
    assert_contains "$output" "ending/exercise.json:$line: /scenario/0: \"for\" must be listen"
}
case_a_mistake_in_jq_is_told_once() {
    broken 's/process(master)/proces(master)/'
    line=$(grep -n proces\( "$TMPDIR/ending/exercise.json" | cut -d: -f1)
    assert_contains "$output" "ending/exercise.json:$line: /checks/0: "
    assert_contains "$output" 'proces/1 is not defined'
}

claiming() { # TEXT-OF-MUTANT.JSON
    cp -R "$BRIGADE_ROOT/checker/tests/fixtures/exercises/ending" "$TMPDIR"
    mkdir -p "$TMPDIR/ending/mutants/one"
    cp "$BRIGADE_ROOT/checker/tests/submissions/exited/app.c" "$TMPDIR/ending/mutants/one"
    [ -z "$1" ] || echo "$1" >"$TMPDIR/ending/mutants/one/mutant.json"
}

case_a_claim_names_a_check_that_there_is() {
    claiming '{"caught_by": "zwo"}'
    assert_exit 2 "$check" validate "$TMPDIR/ending"
    assert_contains "$output" 'mutants/one/mutant.json: the manifest has no check "zwo"; there are build, ended'
    claiming '{"caught_by": "ended", "also": ["drei"]}'
    assert_exit 2 "$check" validate "$TMPDIR/ending"
    assert_contains "$output" 'no check "drei"'
}
case_a_missing_claim_is_told_with_what_to_write() {
    claiming ''
    assert_exit 2 "$check" validate "$TMPDIR/ending"
    assert_contains "$output" 'mutants/one/mutant.json cannot be read: No such file or directory; write {"caught_by"'
}
case_the_folder_for_logs_is_made() {
    claiming '{"caught_by": "ended"}'
    assert_exit 0 "$check" validate "$TMPDIR/ending" --only mutants/one --logs "$TMPDIR/logs"
    [ -s "$TMPDIR/logs/ending-mutant-one-1.ndjson" ] || fail "no log"
    assert_exit 2 "$check" validate "$TMPDIR/ending" --only mutants/one --logs "$TMPDIR/logs/no/where"
    assert_contains "$output" 'cannot make the folder'
}

cases_main "$@"
