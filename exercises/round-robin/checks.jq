# The checks of `round-robin`. Each word named in exercise.json is one check; the words of the log (workers, answers,
# events, ...) are explained in checker/grade/README.md.

# --- what several checks use -------------------------------------------------------------------

# What is done for each pair of things is done for so many at most, so that a wild program cannot keep the checker busy.
def most_workers: 200;

def deaths: [ workers[] | select(died) ] | .[0:most_workers];
def master_lives: process(master).exit == null;
def end_words: if .exit.signal then "died of \(.exit.signal)" else "exited with code \(.exit.code)" end;
def request_words: "request \(.request) (\(.target // "?"), \(.sent_ns | seconds))";

def why_no_request:
  [ steps[] | select(.met == false) ][0] as $step
  | if $step then "No request could be sent: \($step.why // $step.title // $step.step)."
    elif outcome != null and outcome != "completed" then
      "No request could be sent: \(outcome_detail // "the program ended before")."
    else "No request was sent." end;

# --- workers -----------------------------------------------------------------------------------

# The largest number of workers alive at one time, and those.
def crowd:
  workers[0:most_workers] as $workers
  | [ $workers[] | .born_ns as $ns | [ $workers[] | select(.born_ns <= $ns and (.died_ns == null or .died_ns > $ns + 0.1e9)) ] ]
  | reverse | max_by(length) // [];

def one_worker_per_cpu:
  crowd as $crowd
  | ($crowd | map(.pid) | enumerated) as $who
  | [ children[] | select(.active | not) ] as $idle
  | "\(cpus | count_of("worker")), one per CPU" as $expected
  | if ($crowd | length) == cpus then pass
    elif ($crowd | length) == 0 then
      fail("No child process of the master (\(master)) answers requests."
           + (if ($idle | length) > 0 then " It started \($idle | map(.pid) | enumerated), which answered none." else " It has started none." end);
           $expected; "none"; [])
    elif ($crowd | length) > cpus then
      fail("\($crowd | length) workers were alive at once: \($who). The machine shows \(cpus | count_of("CPU")).";
           $expected; $crowd | length; $crowd | map(.born_seq))
    else
      fail("Only \($crowd | length | count_of("child process"; "child processes")) of the master (\(master)) answered requests: \($who)."
           + (if ($idle | length) > 0 then " \($idle | map(.pid) | enumerated) answered none." else "" end)
           + " The machine shows \(cpus | count_of("CPU")).";
           $expected; $crowd | length; $crowd | map(.born_seq))
    end;

# --- serves ------------------------------------------------------------------------------------

def names_itself:
  . as $a
  | ([ .pid, .worker ] + (.pids // []) | map(select(. != null)) | unique) as $who
  | any($who[]; $a.body == "Handled by worker \(.)\n");

def judge_answer:
  if .status != 200 then
    fail("Process \(.pid) answered \(request_words) with status \(.status)."; "status 200, whatever the path"; .status; [.first_seq, .seq])
  elif .well_formed | not then
    fail("The answer of process \(.pid) to \(request_words) is not well-formed HTTP: \(.detail // "no reason known").";
         "an HTTP/1.1 answer with Content-Length, chunked, or ended by closing"; null; [.first_seq, .seq])
  elif names_itself | not then
    fail("Process \(.pid) answered \(request_words) with the body \(.body | shown)."
         + (if .body == "Handled by worker \(.pid)" then " It lacks the newline."
            elif .body == "Handled by worker \(process(.pid).parent)\n" then " That is the PID of its parent." else "" end);
         "Handled by worker \(.pid)\n"; .body; [.first_seq, .seq])
  else pass end;

def judge_unanswered:
  if excused then pass
  else
    process(.pid) as $p
    | fail("\(request_words | "R" + .[1:]) was not answered: \(.detail // .why)."
           + (if $p.exit then " Process \($p.pid) \($p | end_words) at \($p.died_ns | seconds)." else "" end);
           "every request is answered"; .why; [.seq, $p.exit.seq])
  end;

def every_request_served:
  if (answers | length) + (unanswered | length) == 0 then fail(why_no_request; "every request is answered")
  else first_fault((answers[] | judge_answer), (unanswered[] | judge_unanswered)) end;

# --- dealt -------------------------------------------------------------------------------------

# Who accepted a connection, and who passed it to whom, last. Another process may be seen to answer before the call
# that passed it the connection is seen to return; and a connection's number may serve again later.
def of_connection($log): $log[.connection | tostring] // [];
def last_of($log; $calls):
  . as $a
  | ([ of_connection($log.requests)[] | select(.seq > $a.seq) ][0].seq // infinite) as $until
  | [ of_connection($calls)[] | select(.seq > $a.sent_seq and .seq < $until) ][-1];

def judge_deal($log):
  . as $a
  | last_of($log; $log.accepts) as $accept
  | last_of($log; $log.passes) as $pass
  | if $a.worker == null then
      fail("The master (\(.pid)) answered \(request_words) itself."; "the worker that it passed the connection to answers"; .pid; [.first_seq, .seq])
    elif $accept != null and $accept.pid != master then
      fail("Connection \(.connection) was accepted by \($accept.pid), which is not the master (\(master)).";
           "the master alone calls accept()"; $accept.pid; [$accept.seq])
    elif $pass == null then
      fail("Worker \(.worker) answered \(request_words), but nobody passed it connection \(.connection) over a channel.";
           "sendmsg() with SCM_RIGHTS from the master to the worker"; null; [$accept.seq, .seq])
    elif $pass.from != master then
      fail("Connection \(.connection) was passed by \($pass.from), which is not the master (\(master)).";
           "the master passes it"; $pass.from; [$pass.seq])
    elif $pass.to != null and $pass.to != .pid and (worker_of($pass.to) // $pass.to) != .worker then
      fail("The master passed connection \(.connection) to \($pass.to), but \(.pid) answered \(request_words).";
           "who gets the connection answers it"; .pid; [$pass.seq, .seq])
    else pass end;

def connections_are_dealt:
  if (answers | length) == 0 then skip("no request was answered")
  else
    { requests: (requests | grouped(.connection)),
      accepts: (events("accept") | grouped(.connection)),
      passes: ([ events("pass")[] | select(.connection != null) ] | grouped(.connection)) } as $log
    | first_fault(answers[] | judge_deal($log))
  end;

# --- turn --------------------------------------------------------------------------------------

# The worker of each connection of a step, in order; and where the order first breaks: [place, worker due].
def dealt_in($step): [ answers[] | select(.step == $step) ] | sort_by(.request);

def breaks_turn:
  map(.worker) as $who
  | ($who | unique | length) as $n
  | first( range(0; $who | length)
           | . as $i
           | if $i < $n then select($who[0:$i] | index([$who[$i]]) != null) | {at: $i, due: null}
             else select($who[$i] != $who[$i - $n]) | {at: $i, due: $who[$i - $n]} end ) // null;

def judge_turns($step):
  dealt_in($step) as $deals
  | ($deals | map(.worker)) as $who
  | ($deals | breaks_turn) as $slip
  | [ workers[] | alive_at($deals[0].sent_ns) and alive_at($deals[-1].t_ns) | select(.) ] as $all
  | if ($deals | length) < cpus then skip("fewer than \(cpus) connections were dealt in the step \"\($step)\"")
    elif $slip != null then
      fail("Connections that came one after another went to \($who | map(tostring) | .[0:12] | join(", ")). Number \($slip.at + 1) went to \($who[$slip.at]), "
           + (if $slip.due then "and it was the turn of \($slip.due)." else "which had had one before all others had one." end);
           "each worker in turn, then from the start again"; $who; $deals | map(.seq))
    elif $step == "one-by-one" and ($who | unique | length) < ($all | length) then
      fail("Of \($all | length) workers only \($who | unique | enumerated) got connections, \($deals | length) of them one after another.";
           "each worker in turn"; $who; $deals | map(.seq))
    else pass end;

def workers_take_turns:
  [ "one-by-one", "one-by-one-again" | select(dealt_in(.) | length > 0) ] as $steps
  | if ($steps | index("one-by-one")) == null then skip("no connections came one after another")
    else first_fault($steps[] | judge_turns(.)) end;

# --- no-leak -----------------------------------------------------------------------------------

def connections_end:
  [ answers[] | select(.closed != null) ] as $watched
  | [ $watched[] | select(.closed | not) ] as $open
  | if ($watched | length) == 0 then skip("no client waited for the end of its connection")
    elif ($open | length) == 0 then pass
    else
      fail("\($open | length) of \($watched | length) clients, whose requests said \"Connection: close\", had the whole answer, and 2 s later their connection was still open. The first was answered by \($open[0].pid) at \($open[0].replied_ns | seconds). "
           + "A connection ends when the last process that holds it closes it: the worker has one copy, the master (\(master)) another.";
           "the end of the connection after the answer"; "open after 2 s"; $open | map(.seq))
    end;

# --- replaced ----------------------------------------------------------------------------------

def death_words: "Worker \(.pid) \(end_words) at \(.died_ns | seconds)";

# Each death gets a child of the master born after it, and that no earlier death has.
def match_births:
  [ children[0:5 * most_workers][] | {pid, born_ns, born_seq, active} ] as $births
  | reduce (deaths | sort_by(.exit.seq)[]) as $d ({taken: {}, pairs: []};
      .taken as $taken
      | [ $births[]
          | select(.born_seq > $d.exit.seq or (.born_ns > $d.died_ns - 0.1e9 and .born_ns > $d.born_ns + 0.5e9))
          | select($taken[.pid | tostring] | not) ] as $free
      | ([ $free[] | select(.active) ][0] // $free[0]) as $b
      | .pairs += [{death: $d, new: (if $b then process($b.pid) else null end)}]
      | if $b then .taken += {($b.pid | tostring): true} else . end)
  | .pairs;

def judge_newcomer:
  .death as $d
  | .new as $n
  | ([ answers[] | select(.worker == $n.pid) ] | length) as $own
  | ([ requests[] | select(.seq > $n.born_seq) ] | length) as $asked
  | if ($n.active | not) and $n.exit != null then
      fail("Process \($n.pid) took the place of \($d.pid) at \($n.born_ns | seconds), but \($n | end_words) at \($n.died_ns | seconds), before it served.";
           "the new worker serves"; $n | end_words; [$d.exit.seq, $n.born_seq, $n.exit.seq])
    elif $own == 0 and $n.exit == null and $asked >= 12 then
      fail("Worker \($n.pid), started at \($n.born_ns | seconds) in the place of \($d.pid), got none of \($asked) connections.";
           "the new worker gets its turn"; 0; [$d.exit.seq, $n.born_seq])
    else pass end;

def judge_death:
  .death as $d
  | .new as $n
  | if $n == null then
      if now_ns - $d.died_ns <= 1e9 then pass
      else fail("\($d | death_words), and no new worker took its place until \(now_ns | seconds)."; "a new worker within 1 s"; "none"; [$d.exit.seq]) end
    elif $n.born_ns > $d.died_ns + 1e9 then
      fail("\($d | death_words); the next worker, \($n.pid), was started only at \($n.born_ns | seconds), \($n.born_ns - $d.died_ns | seconds) later.";
           "a new worker within 1 s"; $n.born_ns - $d.died_ns | seconds; [$d.exit.seq, $n.born_seq])
    else judge_newcomer end;

def dead_are_replaced:
  if (deaths | length) == 0 then skip("no worker died in this run")
  elif master_lives | not then skip("the master itself ended: \(outcome_detail // "see the end of the run")")
  else first_fault(match_births[] | judge_death) end;

# --- reaped ------------------------------------------------------------------------------------

def dead_are_reaped:
  if (deaths | length) == 0 then skip("no worker died in this run")
  else
    first_fault(
      deaths[] | select(.reap == null and now_ns - .died_ns > 1e9)
      | fail("\(death_words) and was still a zombie at \(now_ns | seconds): nobody has waited for it.";
             "the master (\(master)) waits for each dead worker"; "a zombie for \(now_ns - .died_ns | seconds)"; [.exit.seq]))
  end;
