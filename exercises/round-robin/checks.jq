# The checks of `round-robin`. Each word named in exercise.json is one check; the words of the log (workers, answers,
# events, ...) are explained in checker/grade/README.md.

# --- serves ------------------------------------------------------------------------------------

def every_request_served: requests_served(judge_name);

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
