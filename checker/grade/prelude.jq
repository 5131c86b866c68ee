# The words for checks, over the log of a run. README.md beside this file explains each.
#
# First part: the index, built once for all checks that are judged together. In comes what the grader has
# gathered: {events: {TYPE: [event...]}, lines, cpus, port, final, now_ns, wanted}. Whatever is done once an
# event is done by group_by and by `. + {...}`, which jq does in linear time; `.[k] = v` and map_values are not.

def text_of: if type == "string" then . else tojson end;

# An array as an object by f, the last of equals (or what g makes of it); and as lists.
def by(f; g): reduce .[] as $x ({}; . + {($x | f | tostring): ($x | g)});
def by(f): by(f; .);
def grouped(f): reduce group_by(f)[] as $g ({}; . + {($g[0] | f | tostring): $g});
def set: reduce .[] as $x ({}; . + {($x | tostring): true});

def find_processes:
  .events as $e
  | ($e.exit | by(.pid)) as $exits
  | ($e.reap | by(.pid)) as $reaps
  | ($e.exec | grouped(.pid)) as $execs
  | [ $e.fork[]
      | (.pid | tostring) as $key
      | { pid, parent, kind, born_ns: .t_ns, born_seq: .seq,
          execs: ($execs[$key] // []), exit: $exits[$key], reap: $reaps[$key] } ];

# Who reads requests, answers them, or sends its parent a message.
def find_active($processes):
  .events as $e
  | ($processes | by(.pid; .parent)) as $parents
  | ([ $e.reply[].pid, $e.taken[].pid ] | unique)
    + ([ $e.message[] | select(.complete and .to != null and .to == $parents[.from | tostring]) | .from ]
       | unique)
  | set;

# Generations looked through at most: numbers may be given out again, and then run in a circle.
def deepest: 64;

# Those below whom somebody is active.
def find_above($processes; $active):
  ($processes | by(.pid; .parent)) as $parents
  | [ $active | keys_unsorted[] | [ limit(deepest; recurse($parents[tostring]; . != null)) ] | .[1:][] ]
  | unique | set;

# The first process; or, where none of its children is active and only one has anybody active below it (a
# launcher has), that one, and so on.
def find_master($processes; $active; $above):
  ($processes | grouped(.parent)) as $children
  | def down:
      . as $pid
      | ($children[$pid | tostring] // []) as $mine
      | if any($mine[]; $active[.pid | tostring]) then $pid
        else [ $mine[] | select($above[.pid | tostring]) ]
             | if length == 1 then .[0].pid | down else $pid end
        end;
    if ($processes | length) == 0 then null else $processes[0].pid | down end;

# For each process, the child of the master that it is or descends from.
def find_worker_of($processes; $master):
  ($processes | map(select(.parent != null)) | grouped(.parent)) as $children
  | def below($depth): ., (select($depth < deepest) | $children[tostring][]?.pid | below($depth + 1));
    [ $children[$master | tostring][]?.pid | . as $worker | below(1) | {(tostring): $worker} ] | add // {};

def index:
  . as $in
  | .events as $e
  | find_processes as $processes
  | find_active($processes) as $active
  | find_above($processes; $active) as $above
  | find_master($processes; $active; $above) as $master
  | find_worker_of($processes; $master) as $worker_of
  | ($e.request | by(.request)) as $requests
  | ($e.received | by(.message)) as $received
  | ($e.reply | by(.seq)) as $replies
  | $in + {
      master: $master,
      worker_of: $worker_of,
      processes: [ $processes[]
        | (.pid | tostring) as $key
        | . + { worker: $worker_of[$key], acts: ($active[$key] // false),
                active: ($active[$key] or $above[$key] or false),
                died_ns: .exit.t_ns, until_ns: (.exit.t_ns // $in.now_ns) } ],
      messages: [ $e.message[]
        | $received[.message | tostring] as $r
        | . + { worker: $worker_of[.from | tostring], reader: ($r.pid // .to), received: $r } ],
      answers: [ $e.answer[]
        | $requests[.request | tostring] as $q
        | . + { worker: $worker_of[.pid | tostring], sent_seq: ($q.seq // .seq),
                sent_ns: ($q.t_ns // .t_ns), step: $q.step, target: $q.target,
                replied_ns: ($replies[.last_seq | tostring].t_ns // .t_ns) } ],
      unanswered: [ $e.unanswered[]
        | $requests[.request | tostring] as $q
        | . + { worker: $worker_of[.pid | tostring], sent_seq: ($q.seq // .seq),
                sent_ns: ($q.t_ns // .t_ns), step: $q.step, target: $q.target } ]
    };

# Second part: the words themselves. They mean the same wherever they stand, whatever `.` is.
index as $run
| def cpus: $run.cpus;
def port: $run.port;
def final: $run.final;
def now_ns: $run.now_ns;
def events($type): $run.events[$type] // error("there are no events of type \"\($type)\"");

def processes: $run.processes;
def process($pid): first($run.processes[] | select(.pid == $pid)) // null;
def master: $run.master;
def children: [ $run.processes[] | select(.parent == $run.master) ];
def workers: [ children[] | select(.active) ];
def worker_of($pid): $run.worker_of[$pid | tostring];
def alive_at($ns): .born_ns <= $ns and (.died_ns == null or .died_ns > $ns);
def died: .died_ns != null;
def exits: [ children[] | select(.exit != null) ];
def lived_ns: .until_ns - .born_ns;
def children_of($pid): [ $run.processes[] | select(.parent == $pid) ];
# PIDs: itself, and all who descend from it.
def family($pid):
  ($run.processes | map(select(.parent != null)) | grouped(.parent)) as $children
  | def below($depth): ., (select($depth < deepest) | $children[tostring][]?.pid | below($depth + 1));
    [ $pid | below(1) ];
def end_words:
  if .exit == null then "was still running when the run ended"
  elif .exit.signal then "died of \(.exit.signal)" else "exited with code \(.exit.code)" end;

# Of an exercise with cases: the processes that a shell, the first process, started for them, in order; the arguments
# that one got; whether an exec is that of a command and its arguments, wherever the program was found.
def programs: [ $run.processes[0].pid | numbers | children_of(.)[] ];
def arguments: (.execs[0].argv // [])[($run.events.run[0].command // []) | length:];
def is_run_of($words):
  (.argv // []) as $argv
  | ($argv | length) == ($words | length) and $argv[1:] == $words[1:]
    and ($argv[0] | split("/")[-1]) == ($words[0] | split("/")[-1]);
def is_shell: .path | split("/")[-1] | IN("sh", "dash", "bash", "ash", "ksh", "mksh", "zsh", "busybox");

def messages: $run.messages;
def to_master: .reader == $run.master or (.reader == null and .worker != null);
def reports($member):
  [ $run.messages[]
    | select(.complete and .worker != null and (.value | type) == "object" and (.value | has($member)))
    | select(to_master) ];

def requests: $run.events.request;
def answers: $run.answers;
def unanswered: $run.unanswered;
def excused: .killed == true;

def outputs: $run.events.output;
def lines: [ $run.lines[] | select(.stream == "stdout") ];
def lines($pid): [ $run.lines[] | select(.stream == "stdout" and .pid == $pid) ];
def errors($pid): [ $run.lines[] | select(.stream == "stderr" and .pid == $pid) ];

def listens: $run.events.listen;
def signals: $run.events.signal;
def outcome: ($run.events.end[-1] // {}).outcome;
def outcome_detail: ($run.events.end[-1] // {}).detail;
def steps: [ $run.events.step[] | select(.state == "end") ];
def step($id): first($run.events.step[] | select(.state == "end" and .step == $id)) // null;
def step_begin($id): first($run.events.step[] | select(.state == "begin" and .step == $id)) // null;

# For messages.
def pad($width): tostring | "0" * ($width - length) + .;
def fixed($digits):
  (if . < 0 then "-" else "" end) as $sign
  | pow(10; $digits) as $scale
  | (fabs * $scale + 0.5 | floor) as $whole
  | if $digits == 0 then "\($sign)\($whole)"
    else "\($sign)\($whole / $scale | floor).\($whole % $scale | pad($digits))" end;
def seconds: . / 1e9 | fixed(2) | . + " s";
def count_of($one; $many): "\(.) \(if . == 1 then $one else $many end)";
def count_of($one): count_of($one; $one + "s");
def enumerated:
  map(tostring)
  | if length <= 1 then .[0] // "none"
    elif length > 8 then (.[0:7] | join(", ")) + " and \(length - 7) more"
    else (.[0:-1] | join(", ")) + " and " + .[-1] end;
def shortened($most): text_of | if length > $most then .[0:$most] + "..." else . end;
def shown: tojson | shortened(80);

# What a check may give, beside true and false.
def pass: {ok: true};
def skip($why): {skip: $why};
def seqs: [ .[] | numbers ] | unique | .[0:50];
def fail($message; $expected; $actual; $events):
  {ok: false, message: $message, expected: $expected, actual: $actual, events: ($events | seqs)};
def fail($message; $expected): fail($message; $expected; null; []);
def fail($message): fail($message; null; null; []);
# The first of these results that is not a pass; a pass if there is none.
def first_fault(results): first(results | select(.ok != true)) // pass;
