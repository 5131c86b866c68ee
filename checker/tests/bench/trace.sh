#!/usr/bin/env bash
# What watching costs: to reach are 0.9 of bare without reads, 0.7 with them, 1.5 times strace.
"$BRIGADE_BUILD/tests/bench/trace_bench" "$BRIGADE_BUILD/tests/programs/bench_server"
