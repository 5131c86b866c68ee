# The events of one run, as a list: how far its reports were from the 5 s grid, in milliseconds: "first" from a worker's
# start to its first report, "next" between any two that follow each other. A report at the start itself is the start.
def off: fabs | . * 1000 | round / 1000;
(map(select(.type == "fork") | {key: (.pid | tostring), value: .t_ns}) | from_entries) as $born
| map(select(.type == "message" and (.value | type) == "object" and (.value | has("count"))))
| group_by(.from)
| map(($born[.[0].from | tostring]) as $start
      | map((.t_ns - $start) / 1e6 | select(. > 1000)))
| {first: (map(.[0] // empty | . - 5000 | off) | max // 0),
   next: (map([.[1:], .[:-1]] | transpose | map(.[0] - .[1] - 5000 | off)) | flatten | max // 0)}
