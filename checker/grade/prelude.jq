# The words for checks, over the log of a run. README.md beside this file explains each.
#
# First part: the index, built once for all checks that are judged together. In comes what the grader has
# gathered: {events: {TYPE: [event...]}, ends, lines, cpus, port, final, now_ns, wanted}. Whatever is done once an
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
  | (.ends | by(.pid; .cpu_ms)) as $cpu_at_end
  | ($e.reap | by(.pid)) as $reaps
  | ($e.exec | grouped(.pid)) as $execs
  | [ $e.fork[]
      | (.pid | tostring) as $key
      | { pid, parent, kind, born_ns: .t_ns, born_seq: .seq,
          execs: ($execs[$key] // []), exit: $exits[$key], reap: $reaps[$key],
          cpu_ms: ($exits[$key].cpu_ms // $cpu_at_end[$key]) } ];

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
def line_words: "\(.text | shortened(80) | tojson) at \(.t_ns | seconds)";

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

# Third part: a master, its workers, and clients, as several exercises have them. What is done for each pair of things is
# done for so many at most, so that a wild program cannot keep the checker busy.
def most_workers: 200;
def master_lives: process(master).exit == null;
def deaths: [ workers[] | select(died) ] | .[0:most_workers];
def death_words: "Worker \(.pid) \(end_words) at \(.died_ns | seconds)";

# The largest number of them alive at one time, and those. Who dies has closed its channels a moment before it is dead,
# so its replacement may come a moment before, too.
def crowd($workers):
  $workers[0:most_workers] as $some
  | [ $some[] | .born_ns as $ns | [ $some[] | select(.born_ns <= $ns and (.died_ns == null or .died_ns > $ns + 0.1e9)) ] ]
  | reverse | max_by(length) // [];
def crowd: crowd(workers);

# Workers that were alive when this event came.
def workers_at($seq): [ workers[] | select(.born_seq < $seq and (.exit == null or .exit.seq > $seq)) ];

def one_worker_per_cpu($workers; $to_do):
  crowd($workers) as $crowd
  | ($crowd | map(.pid) | enumerated) as $who
  | ($workers | by(.pid; true)) as $busy
  | [ children[] | select($busy[.pid | tostring] | not) | .pid ] as $idle
  | [ processes[] | select(.acts and .worker == null and .pid != master) ] as $strangers
  | ([ events("taken")[].pid, events("reply")[].pid ] | set) as $serves
  | [ processes[] | select($serves[.pid | tostring] and .worker != null and .worker != .pid and $serves[.worker | tostring]) ] as $grand
  | "\(cpus | count_of("worker")), one per CPU" as $expected
  | if ($crowd | length) == 0 then
      fail("No child process of the master (\(master)) was seen to \($to_do)."
           + (if ($idle | length) > 0 then " It started \($idle | enumerated), which did not." else " It has started none." end);
           $expected; "none"; [])
    elif ($crowd | length) > cpus then
      fail("\($crowd | length) workers were alive at once: \($who). The machine shows \(cpus | count_of("CPU")).";
           $expected; $crowd | length; $crowd | map(.born_seq))
    elif ($crowd | length) < cpus then
      fail("Only \($crowd | length | count_of("child process"; "child processes")) of the master (\(master)) \(if ($crowd | length) == 1 then "was" else "were" end) seen to \($to_do): \($who)."
           + (if ($idle | length) > 0 then " \($idle | enumerated) did not." else "" end)
           + " The machine shows \(cpus | count_of("CPU")).";
           $expected; $crowd | length; $crowd | map(.born_seq))
    elif ($strangers | length) > 0 then
      fail("\($strangers | map("\(.pid) (child of \(.parent))") | enumerated) were seen to \($to_do), too, but are no children of the master \(master).";
           "all workers are children of one master"; null; $strangers | map(.born_seq))
    elif ($grand | length) > 0 then
      fail("\($grand | map("\(.pid) (child of \(.parent))") | enumerated) served requests, too. The master (\(master)) did not start \(if ($grand | length) == 1 then "it: a worker did" else "them: workers did" end). Does the child go on in the loop that forks?";
           $expected; ($grand | length) + ($crowd | length); $grand | map(.born_seq))
    else pass end;

# How the reads cut the stream: "in 3 pieces", "together with another"; null where one read brought this message alone.
def how_read:
  . as $r
  | if .received == null then null
    elif .received.parts > 1 then "in \(.received.parts) pieces"
    elif any(messages[]; .channel == $r.channel and .message != $r.message and .received != null
                         and (.received.seq - $r.received.seq | fabs) == 1) then "together with another"
    else null end;

# Requests.
def request_words: "request \(.request) (\(.target // "?"), \(.sent_ns | seconds))";
def why_no_request:
  [ steps[] | select(.met == false) ][0] as $step
  | if $step then "No request could be sent: \($step.why // $step.title // $step.step)."
    elif outcome != null and outcome != "completed" then
      "No request could be sent: \(outcome_detail // "the program ended before")."
    else "No request was sent." end;
def judge_form:
  if .status != 200 then
    fail("Process \(.pid) answered \(request_words) with status \(.status)."; "status 200, whatever the path"; .status; [.first_seq, .seq])
  elif .well_formed | not then
    fail("The answer of process \(.pid) to \(request_words) is not well-formed HTTP: \(.detail // "no reason known").";
         "an HTTP/1.1 answer with Content-Length, chunked, or ended by closing"; null; [.first_seq, .seq])
  else pass end;
def judge_unanswered:
  if excused then pass
  else
    process(.pid) as $p
    | fail("\(request_words | "R" + .[1:]) was not answered: \(.detail // .why)."
           + (if $p.exit then " Process \($p.pid) \($p | end_words) at \($p.died_ns | seconds)." else "" end);
           "every request is answered"; .why; [.seq, $p.exit.seq])
  end;
# Where the body is "Handled by worker <pid>".
def names_itself:
  . as $a
  | ([ .pid, .worker ] + (.pids // []) | map(select(. != null)) | unique) as $who
  | any($who[]; $a.body == "Handled by worker \(.)\n");
def judge_name:
  if names_itself | not then
    fail("Process \(.pid) answered \(request_words) with the body \(.body | shown)."
         + (if .body == "Handled by worker \(.pid)" then " It lacks the newline."
            elif .body == "Handled by worker \(process(.pid).parent)\n" then " That is the PID of its parent." else "" end);
         "Handled by worker \(.pid)\n"; .body; [.first_seq, .seq])
  else pass end;
def requests_served($answers; $unanswered; judge):
  if ($answers | length) + ($unanswered | length) == 0 then fail(why_no_request; "every request is answered")
  else first_fault(($answers[] | judge_form, judge), ($unanswered[] | judge_unanswered)) end;
def requests_served(judge): requests_served(answers; unanswered; judge);

# Requests of these steps that a process had begun to read, and had not answered, when this event came; that they were
# answered then. $came is a sentence that tells of the event: "SIGTERM came at 2.00 s".
def in_hand($event; $steps):
  (events("taken") | grouped(.connection)) as $taken
  | ([ answers[] | select(.seq < $event.seq) ] | by(.request; true)) as $answered
  | [ requests[] | . as $q
      | select(.seq < $event.seq and any($steps[]; . == $q.step))
      | select($answered[.request | tostring] | not)
      | ([ ($taken[.connection | tostring] // [])[] | select(.seq > $q.seq) ][0]) as $t
      | select($t != null and $t.seq < $event.seq)
      | . + {taken: $t} ];
def judge_in_hand($event; $came; $answers; $unanswered):
  .request as $n
  | $answers[$n | tostring] as $a
  | $unanswered[$n | tostring] as $u
  | process(.taken.pid) as $p
  | if $a != null then first_fault($a | judge_form, judge_name)
    elif $u == null and outcome == null then pass
    else
      fail("\($came), and process \($p.pid) had begun to read request \($n) at \(.taken.t_ns | seconds). It was never answered: "
           + (if $u then $u.detail // $u.why else "the run was over before" end) + "."
           + (if $p.exit then " Process \($p.pid) \($p | end_words) at \($p.died_ns | seconds)."
              elif process(master).exit then " The master \(process(master) | end_words) at \(process(master).died_ns | seconds)." else "" end);
           "whatever is in hand is finished"; ($u.why // "lost"); [.taken.seq, $event.seq, $u.seq, $p.exit.seq])
    end;
def in_hand_finished($event; $came; $steps):
  in_hand($event; $steps) as $held
  | (answers | by(.request)) as $answers
  | (unanswered | by(.request)) as $unanswered
  | if ($held | length) == 0 then skip("no request was in hand then")
    else first_fault($held[] | judge_in_hand($event; $came; $answers; $unanswered)) end;

# Whether several workers answered in these loads of many connections at once (`spread`), and nobody else.
def load_is_shared($steps):
  [ answers[] | select(.worker == null and .pid != null) ] as $by_others
  | [ $steps[] | . as $step
      | select(([ requests[] | select(.step == $step) | .connection ] | unique | length) >= 32) ] as $crowded
  | if ($by_others | length) > 0 then
      fail("\($by_others | length | count_of("request")) \(if ($by_others | length) == 1 then "was" else "were" end) answered by \($by_others | map(.pid) | unique | enumerated), which is no worker: \($by_others[0] | request_words)\(if ($by_others | length) > 1 then " first" else "" end).";
           "the workers answer, the master (\(master)) none"; $by_others | length; $by_others | map(.seq))
    elif ($crowded | length) == 0 then skip(why_no_request)
    else
      first_fault(
        $crowded[] as $step
        | [ answers[] | select(.step == $step) ]
        | (map(.worker) - [null] | unique) as $who
        | if length == 0 then skip("none of the \([ requests[] | select(.step == $step) ] | length) requests at once was answered")
          elif ($who | length) == 1 then
            fail("All \(length) answers of one load (step \($step)) came from worker \($who[0]), while the others (\([ workers[].pid ] - $who | enumerated)) answered nothing.";
                 "at least two workers answer a load of many connections at once"; $who; map(.seq))
          else pass end)
    end;

# The dead. How long the tracer made forks of the master wait between the two moments (a slow-fork step).
def slowed_ns($from_ns; $to_ns):
  [ events("fault")[]
    | select(.kind == "slow-fork" and .t_ns >= $from_ns and .t_ns <= $to_ns)
    | . as $f
    | ([ $run.events.fork[] | select(.by == $f.pid and .seq > $f.seq) | .t_ns ][0] // now_ns) - $f.t_ns ]
  | add // 0;

# Each death with a child of the master born after it, and that no earlier death has: the first that became a worker,
# else the first of all; null if there is none. What dies has closed its channels a moment before it is dead, and its
# place may be taken then.
def successors($deaths):
  [ children[0:5 * most_workers][] | {pid, born_ns, born_seq, active} ] as $births
  | reduce ($deaths | sort_by(.exit.seq)[]) as $d ({taken: {}, pairs: []};
      .taken as $taken
      | [ $births[]
          | select(.born_seq > $d.exit.seq or (.born_ns > $d.died_ns - 0.1e9 and .born_ns > $d.born_ns + 0.5e9))
          | select($taken[.pid | tostring] | not) ] as $free
      | ([ $free[] | select(.active) ][0] // $free[0]) as $b
      | .pairs += [{death: $d, new: (if $b then process($b.pid) else null end)}]
      | if $b then .taken += {($b.pid | tostring): true} else . end)
  | .pairs;

# judge sees {death, new}, once a new one is there in time.
def dead_are_replaced($deaths; judge):
  if ($deaths | length) == 0 then skip("no worker died in this run")
  elif master_lives | not then skip("the master itself ended: \(outcome_detail // "see the end of the run")")
  else
    first_fault(
      successors($deaths)[]
      | .death as $d
      | .new as $n
      | (1e9 + slowed_ns($d.died_ns; $n.born_ns // now_ns)) as $within_ns
      | if $n == null then
          if now_ns - $d.died_ns <= $within_ns then pass
          else fail("\($d | death_words), and no new worker took its place until \(now_ns | seconds)."; "a new worker within 1 s"; "none"; [$d.exit.seq]) end
        elif $n.born_ns > $d.died_ns + $within_ns then
          fail("\($d | death_words); the next worker, \($n.pid), was started only at \($n.born_ns | seconds), \($n.born_ns - $d.died_ns | seconds) later.";
               "a new worker within 1 s"; $n.born_ns - $d.died_ns | seconds; [$d.exit.seq, $n.born_seq])
        else judge end)
  end;

# of {death, new}
def judge_served($asked_at_least):
  .death as $d
  | .new as $n
  | ([ answers[] | select(.worker == $n.pid) ] | length) as $own
  | ([ requests[] | select(.seq > $n.born_seq) ] | length) as $asked
  | if ($n.active | not) and $n.exit != null then
      fail("Process \($n.pid) took the place of \($d.pid) at \($n.born_ns | seconds), but \($n | end_words) at \($n.died_ns | seconds), before it served.";
           "the new worker serves"; $n | end_words; [$d.exit.seq, $n.born_seq, $n.exit.seq])
    elif $own == 0 and $n.exit == null and $asked >= $asked_at_least then
      fail("Worker \($n.pid), started at \($n.born_ns | seconds) in the place of \($d.pid), answered none of \($asked) requests.";
           "the new worker serves"; 0; [$d.exit.seq, $n.born_seq])
    else pass end;

# Whether the master has printed "Worker <pid> died" about it.
def judge_obituary:
  . as $d
  | [ lines[] | select(.bare == "Worker\($d.pid)died") ] as $told
  | [ $told[] | select(.pid == master and .t_ns > $d.died_ns - 0.1e9) ][0] as $line
  | [ lines[] | select(.pid == master and .t_ns > $d.died_ns - 0.1e9 and (.bare | test("died|\($d.pid)"; "i"))) ][0] as $near
  | if $line == null and now_ns - $d.died_ns <= 1e9 then pass
    elif $line == null then
      fail("\($d | death_words), and the master (\(master)) did not report it."
           + (if ($told | length) > 0 then " Process \($told[0].pid) printed \($told[0] | line_words), which is not the master."
              elif $near then " What it printed then is \($near | line_words)." else "" end);
           "Worker \($d.pid) died"; ($told[0] // $near).text; [$d.exit.seq, ($told[0] // $near).seq])
    elif $line.t_ns > $d.died_ns + 1e9 + slowed_ns($d.died_ns; $line.t_ns) then
      fail("\($d | death_words), and the master (\(master)) reported it only at \($line.t_ns | seconds).";
           "Worker \($d.pid) died, at once"; $line.t_ns - $d.died_ns | seconds; [$d.exit.seq, $line.seq])
    else pass end;

def dead_are_reported_and_replaced($deaths; judge):
  [ $deaths[] | select(.exit.by_lab) ] as $struck
  | if ($struck | length) > 0 and (master_lives | not) then
      process(master)
      | fail("\($struck[0] | death_words), and then the master (\(.pid)) itself \(end_words) at \(.died_ns | seconds).";
             "the master lives on, and replaces the dead worker"; end_words; [$struck[0].exit.seq, .exit.seq])
    else first_fault(($deaths[] | judge_obituary), dead_are_replaced($deaths; judge)) end;

def dead_are_reaped($deaths):
  if ($deaths | length) == 0 then skip("no worker died in this run")
  else
    first_fault(
      $deaths[] | select(.reap == null and now_ns - .died_ns > 1e9)
      | fail("\(death_words) and was still a zombie at \(now_ns | seconds): nobody has waited for it.";
             "the master (\(master)) waits for each dead worker"; "a zombie for \(now_ns - .died_ns | seconds)"; [.exit.seq]))
  end;
