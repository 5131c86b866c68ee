#!/usr/bin/env bash
# The checker beside the program it grades.
echo "a graded run of the reference solution of stats"
"$BRIGADE_BUILD/tests/bench/run_bench" "$BRIGADE_BUILD/brigade-check" run stats \
    "$BRIGADE_ROOT/exercises/stats/solutions/prefork-poll" --format json
