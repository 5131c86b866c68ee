#!/usr/bin/env bash
# How the lab feels.
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
"$BRIGADE_BUILD/tests/lab/bench/lab_bench" "$BRIGADE_BUILD/brigade" "$work"
