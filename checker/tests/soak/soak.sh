#!/usr/bin/env bash
# Do verdicts wobble? Solutions and mutants again and again, many side by side, with every CPU kept busy by somebody else:
# not one verdict, not one check may be other than claimed, and nothing may be left over.
#
#     make soak                           1,000 runs of solutions and 1,000 of mutants: half an hour on two CPUs
#     make soak SOAK_RUNS=50 SOAK_JOBS=8 SOAK_EXERCISES=stats
set -u
check=$BRIGADE_BUILD/brigade-check
runs=${SOAK_RUNS:-1000} jobs=${SOAK_JOBS:-8} exercises=${SOAK_EXERCISES:-}
mark=brigade-soak-$$
folder=$(mktemp -d)
mkdir "$folder/tmp" "$folder/logs"
export TMPDIR=$folder/tmp BRIGADE_SOAK=$mark
hogs=()

finish() {
    for hog in "${hogs[@]}"; do kill "$hog" 2>/dev/null; done
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

keep_cpus_busy() {
    for cpu in $(seq "$(nproc)"); do
        env -u BRIGADE_SOAK bash -c 'while :; do :; done' &
        hogs+=($!)
    done
}

# Processes of ours: the mark is in the environment of all that we start, the box's own included.
left_processes() {
    local file count=0
    for file in /proc/[0-9]*/environ; do
        tr '\0' '\n' 2>/dev/null <"$file" | grep -qx "BRIGADE_SOAK=$mark" || continue
        [[ ${file//[^0-9]/} == "$$" || ${file//[^0-9]/} == "$BASHPID" ]] && continue
        case $(tr '\0' ' ' 2>/dev/null <"/proc/${file//[^0-9]/}/cmdline") in
        *brigade-check* | *bwrap*) count=$((count + 1)) ;;
        esac
    done
    echo "$count"
}

mounts() { wc -l </proc/self/mountinfo; }
files() { find "$folder/tmp" -mindepth 1 | wc -l; }

# So many rounds of all submissions of a kind that there are as many runs as asked for.
rounds() { # folder of the kind
    local count=0 path
    for path in "$BRIGADE_ROOT"/exercises/${exercises:-*}/"$1"/*/; do count=$((count + 1)); done
    echo $(((runs + count - 1) / count))
}

greatest() { # first|next, of the logs of stats
    local log worst=0 figure
    for log in "$folder"/logs/stats-solution-*.ndjson; do
        figure=$(jq -s -f "$BRIGADE_ROOT/checker/tests/soak/deviation.jq" "$log" | jq ".$1")
        worst=$(printf '%s\n%s\n' "$worst" "$figure" | sort -g | tail -1)
    done
    echo "$worst"
}

play() { # folder of the kind, options
    local kind=$1 left done_ wrong=0 all=0 first=0 next=0
    left=$(rounds "$kind")
    while ((left > 0)); do
        local now=$((left < 10 ? left : 10)) # the logs of ten rounds are kept at once
        # shellcheck disable=SC2086
        "$check" validate $exercises --only "/$kind/" -j "$jobs" --repeat "$now" --logs "$folder/logs" \
            >"$folder/out"
        grep '^FAIL' "$folder/out"
        done_=$(grep -c '^ok\|^FAIL' "$folder/out")
        all=$((all + done_)) wrong=$((wrong + $(grep -c '^FAIL' "$folder/out")))
        if [[ $kind == solutions ]] && command -v jq >/dev/null; then
            first=$(printf '%s\n%s\n' "$first" "$(greatest first)" | sort -g | tail -1)
            next=$(printf '%s\n%s\n' "$next" "$(greatest next)" | sort -g | tail -1)
        fi
        rm -f "$folder"/logs/*
        left=$((left - now))
    done
    echo "$kind: $all runs, $wrong not as claimed"
    [[ $kind == solutions ]] && echo "greatest deviation from the 5 s grid of stats: $next ms between" \
        "reports, $first ms from a worker's start to its first"
    ((wrong == 0))
}

mounts_before=$(mounts) began=$SECONDS code=0
keep_cpus_busy
echo "$jobs runs side by side on $(nproc) CPUs, each kept busy by somebody else too"
play solutions || code=1
play mutants || code=1
for hog in "${hogs[@]}"; do kill "$hog"; done
wait 2>/dev/null
hogs=()
echo "left over: $(left_processes) processes, $(($(mounts) - mounts_before)) mounts, $(files) files"
[[ $(left_processes) == 0 && $(mounts) == "$mounts_before" && $(files) == 0 ]] || code=1
echo "$((SECONDS - began)) s"
exit $code
