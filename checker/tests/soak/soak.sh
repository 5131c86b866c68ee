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
mkfifo "$folder/never" # to wait for, a second at a time
descriptors=0
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

# "NEXT FIRST": the greatest deviations in the logs of stats, and those given.
greatest() { # NEXT FIRST
    local log
    for log in "$folder"/logs/stats-solution-*.ndjson; do
        [[ -f $log ]] && jq -r -s -f "$BRIGADE_ROOT/checker/tests/soak/deviation.jq" "$log"
    done | jq -r '"\(.next) \(.first)"' | awk -v next_="$1" -v first="$2" '
        $1 > next_ {next_ = $1} $2 > first {first = $2} END {print next_, first}'
}

# Runs all submissions of a kind so many times, and keeps an eye on the descriptors of who runs them.
some_rounds() { # folder of the kind, rounds
    local pid count
    # shellcheck disable=SC2086
    "$check" validate $exercises --only "/$1/" -j "$jobs" --repeat "$2" --logs "$folder/logs" >"$folder/out" &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        count=$(ls "/proc/$pid/fd" 2>/dev/null | wc -l)
        ((count > descriptors)) && descriptors=$count
        read -r -t 1 <>"$folder/never"
    done
    wait "$pid"
}

play() { # folder of the kind
    local kind=$1 left ended wrong=0 all=0 next=0 first=0
    left=$(rounds "$kind")
    while ((left > 0)); do
        local now=$((left < 10 ? left : 10)) # the logs of ten rounds are kept at once
        some_rounds "$kind" "$now"
        grep '^FAIL' "$folder/out"
        ended=$(grep -c '^ok\|^FAIL' "$folder/out")
        all=$((all + ended)) wrong=$((wrong + $(grep -c '^FAIL' "$folder/out")))
        ((ended == 0)) && break
        [[ $kind == solutions ]] && command -v jq >/dev/null && read -r next first <<<"$(greatest "$next" "$first")"
        rm -f "$folder"/logs/*
        left=$((left - now))
    done
    echo "$kind: $all runs, $wrong not as claimed"
    [[ $kind == solutions ]] && echo "greatest deviation from the 5 s grid of stats: $next ms between" \
        "reports, $first ms from a worker's start to its first"
    ((wrong == 0 && all >= runs))
}

mounts_before=$(mounts) began=$SECONDS code=0
keep_cpus_busy
echo "$jobs runs side by side on $(nproc) CPUs, each kept busy by somebody else too"
play solutions || code=1
play mutants || code=1
for hog in "${hogs[@]}"; do kill "$hog"; done
wait 2>/dev/null
hogs=()
echo "left over: $(left_processes) processes, $(($(mounts) - mounts_before)) mounts, $(files) files;" \
    "never more than $descriptors descriptors in who ran them all"
# each run has a pipe, and a few more are there from the start
[[ $(left_processes) == 0 && $(mounts) == "$mounts_before" && $(files) == 0 ]] || code=1
((descriptors <= jobs + 16)) || code=1
echo "$((SECONDS - began)) s"
exit $code
