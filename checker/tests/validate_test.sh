#!/usr/bin/env bash
# Every exercise proves itself: solutions pass, the starter fails, each mutant fails where it must. Runs are in real
# time, some 17 s each, several side by side.
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

cases_main "$@"
