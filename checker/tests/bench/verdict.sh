#!/usr/bin/env bash
# How long a verdict takes: the reference solution of stats, compiled and run over its whole scenario (four rounds of reports,
# one every 5 s, a kill and a replacement), with the virtual clock and once with the real one.
# To reach: 1.0 s at the median, aimed at 0.5 s; 20 times as fast as in real time.
set -u
check=$BRIGADE_BUILD/brigade-check
solution=$BRIGADE_ROOT/exercises/stats/solutions/prefork-poll
runs=${BENCH_RUNS:-15}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# "TOTAL COMPILE" in milliseconds, and what the run says of itself on the line after.
run() { # CLOCK
    local began
    began=$(now_ms)
    "$check" run stats "$solution" --clock "$1" --format events >"$folder/events" || {
        echo "the reference solution of stats did not pass with the $1 clock" >&2
        return 1
    }
    echo "$(($(now_ms) - began)) $(sed -nE 's/.*"ms":([0-9]+).*"type":"built".*/\1/p' "$folder/events")"
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
column() { cut -d ' ' -f "$1" "$folder/virtual"; }
of_seconds() { awk -v ms="$1" 'BEGIN {printf "%.2f s", ms / 1000}'; }

echo "a verdict on the reference solution of stats"
for _ in $(seq "$runs"); do run virtual >>"$folder/virtual" || exit 1; done
total=$(column 1 | median) compile=$(column 2 | median)
rest=$(awk '{print $1 - $2}' "$folder/virtual" | median)
echo "  $(of_seconds "$total") at the median of $runs runs (to reach: 1.00 s; aimed at: 0.50 s):" \
    "compiling $(of_seconds "$compile"), all else $(of_seconds "$rest")"
echo "  from $(of_seconds "$(column 1 | sort -n | head -1)") to $(of_seconds "$(column 1 | sort -n | tail -1)")," \
    "$(sed -nE 's/.*"virtual_ms":([0-9]+).*"type":"end".*/\1/p' "$folder/events" | awk '{printf "%.1f s", $1 / 1000}')" \
    "of the program's time"
read -r real _ <<<"$(run real)"
[[ -n $real ]] || exit 1
echo "  with the real clock $(of_seconds "$real"): $((real / total)) times as long (to reach: 20)"

sleep_a_thousand_times() { # CLOCK: milliseconds without the compiler's
    "$check" run "$BRIGADE_ROOT/checker/tests/fixtures/exercises/ending" \
        "$BRIGADE_ROOT/checker/tests/submissions/thousand-sleeps" --clock "$1" --format events >"$folder/events"
    local compile wall
    compile=$(sed -nE 's/.*"ms":([0-9]+).*"type":"built".*/\1/p' "$folder/events")
    wall=$(sed -nE 's/.*"wall_ms":([0-9]+).*"type":"end".*/\1/p' "$folder/events")
    echo $((wall - compile))
}

virtual=$(sleep_a_thousand_times virtual)
jumps=$(grep -c '"type":"jump"' "$folder/events")
echo "  a thousand sleeps of 1 ms: $jumps jumps in $(of_seconds "$virtual")," \
    "$(of_seconds "$(sleep_a_thousand_times real)") with the real clock"
