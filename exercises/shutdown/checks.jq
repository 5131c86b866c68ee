# The checks of `shutdown`. Each word named in exercise.json is one check; the words of the log (workers, answers,
# events, ...) are explained in checker/grade/README.md.

# --- what several checks use -------------------------------------------------------------------

# The moment of SIGTERM, a step event; null before.
def term: step_begin("term");
def term_words: "SIGTERM came at \(term.t_ns | seconds)";

def not_yet:
  [ steps[] | select(.met == false) ][0] as $step
  | "SIGTERM was not sent: " + (if $step then $step.why // $step.title else outcome_detail // "the run is not so far" end);

# Whose requests are finished only because SIGTERM closed nothing has finished nothing in good order.
def nothing_was_closed:
  process(master).exit as $m
  | if $m.signal == "SIGTERM" and any(children[]; .exit == null or .exit.seq > $m.seq) then
      "the master died of SIGTERM, so nobody closed anything in good order"
    elif final and ([ processes[] | select(.exit.seq > term.seq) ] | length) == 0 then "nobody ended at SIGTERM"
    else null end;

def hired_one_per_cpu: one_worker_per_cpu(if term then workers_at(term.seq) else workers end; "answer requests");

def before_term: map(select(.step == "crowd" or .step == "kept"));
def served_before_term: requests_served(answers | before_term; unanswered | before_term; judge_name);

# --- finishes ----------------------------------------------------------------------------------

def what_is_in_hand_is_finished:
  if term == null then skip(not_yet)
  elif nothing_was_closed then skip(nothing_was_closed)
  else in_hand_finished(term; term_words; ["slow", "again"]) end;

# --- refuses -----------------------------------------------------------------------------------

def nobody_is_let_in:
  [ answers[] | select(.step == "knock") ] as $served
  | [ unanswered[] | select(.step == "knock") ] as $turned
  | [ $turned[] | select(.why != "refused") ] as $kept
  | if term == null then skip(not_yet)
    elif ($served | length) > 0 then
      fail("\(term_words). \(($served[0].sent_ns - term.t_ns) | seconds) later process \($served[0].pid) still answered a new client (request \($served[0].request)).";
           "the connection is refused"; "answered"; [term.seq, $served[0].seq])
    elif ($kept | length) > 0 then
      fail("\(term_words). \(($kept[0].sent_ns - term.t_ns) | seconds) later a new client was not refused: \($kept[0].detail // $kept[0].why). The port stays open as long as one process has a copy of the listening socket.";
           "the connection is refused"; $kept[0].why; [term.seq, $kept[0].seq])
    elif ($turned | length) == 0 then
      skip("the program was over before a new client came" + (if process(master).exit then ": the master \(process(master) | end_words) at \(process(master).died_ns | seconds)" else "" end))
    else pass end;

# --- ends --------------------------------------------------------------------------------------

def lives_at_term: .exit == null or .exit.seq > term.seq;

def judge_end:
  process(master) as $m
  | if .exit == null then
      if $m.exit then
        fail("The master (\($m.pid)) \($m | end_words) at \($m.died_ns | seconds), and its worker \(.pid) was still there.";
             "all workers end before the master"; "still there"; [term.seq, $m.exit.seq])
      else
        fail("\(term_words). Worker \(.pid), born at \(.born_ns | seconds), was still there at \(now_ns | seconds).";
             "all workers end"; "still there"; [term.seq, .born_seq])
      end
    elif .reap == null or .reap.how == "init" or ($m.exit != null and .reap.seq > $m.exit.seq) then
      fail("Worker \(.pid) \(end_words) at \(.died_ns | seconds), and the master (\($m.pid)) has not waited for it"
           + (if $m.exit then " before it ended itself, at \($m.died_ns | seconds)." else "." end);
           "the master waits for each worker"; "not waited for"; [.exit.seq, $m.exit.seq])
    else pass end;

def workers_end_first:
  [ children[] | select(lives_at_term) ] as $all
  | if term == null then skip(not_yet)
    elif ($all | length) == 0 then skip("no worker was alive when SIGTERM came")
    else first_fault($all[0:most_workers][] | judge_end) end;

# --- code --------------------------------------------------------------------------------------

def most_after_ns: 2e9;

def master_ends_well:
  process(master) as $m
  | ([ answers[] | select(.step == "slow" or .step == "again") | .t_ns ] | max) as $answered_ns
  | ([ term.t_ns, $answered_ns | numbers ] | max) as $from_ns
  | (if $answered_ns != null and $answered_ns >= term.t_ns then "after the last answer (\($answered_ns | seconds))" else "after SIGTERM" end) as $after
  | if term == null then skip(not_yet)
    elif $m.exit == null then
      if now_ns - $from_ns < most_after_ns then pass
      else fail("\(term_words). The master (\($m.pid)) was still there at \(now_ns | seconds), \(now_ns - $from_ns | seconds) \($after).";
                "it ends with code 0"; "still there"; [term.seq]) end
    elif $m.exit.signal then
      fail("The master (\($m.pid)) died of \($m.exit.signal) at \($m.died_ns | seconds)."
           + (if $m.exit.signal == "SIGTERM" then " That is what SIGTERM does to a process that does nothing about it." else "" end);
           "it ends with code 0"; $m.exit.signal; [term.seq, $m.exit.seq])
    elif $m.exit.code != 0 then
      fail("The master (\($m.pid)) exited with code \($m.exit.code) at \($m.died_ns | seconds)."; "code 0"; $m.exit.code; [term.seq, $m.exit.seq])
    elif $m.died_ns - $from_ns > most_after_ns then
      fail("The master (\($m.pid)) exited only at \($m.died_ns | seconds), \($m.died_ns - $from_ns | seconds) \($after).";
           "within 2 s"; $m.died_ns - $from_ns | seconds; [term.seq, $m.exit.seq])
    else pass end;
