# The checks of `reload`. Each word named in exercise.json is one check; the words of the log (workers, answers,
# events, ...) are explained in checker/grade/README.md.

# --- what several checks use -------------------------------------------------------------------

# The moments of the two SIGHUPs, step events; null before.
def hup: step_begin("hup");
def hup_again: step_begin("hup-again");
def came: "SIGHUP came at \(.t_ns | seconds)";

def not_yet:
  [ steps[] | select(.met == false) ][0] as $step
  | "SIGHUP was not sent: " + (if $step then $step.why // $step.title else outcome_detail // "the run is not so far" end);

# Why nothing of the first reload can be judged; null if it can.
def no_reload:
  if hup == null then not_yet
  elif process(master).exit | . != null and .seq < (hup_again.seq // infinite) then "the master \(process(master) | end_words) at \(process(master).died_ns | seconds)"
  else null end;

# Workers that were there when SIGHUP came; those born since, before a later event, and still there then.
def old_workers($hup): workers_at($hup.seq);
def new_workers($hup; $seq): [ workers_at($seq)[] | select(.born_seq > $hup.seq) ];

# --- workers -----------------------------------------------------------------------------------

# What came of a reload, when it should be over.
def newcomers($hup; $over):
  if $over == null then pass
  else
    new_workers($hup; $over.seq) as $new
    | [ children[] | select(.active | not) | select(.born_seq > $hup.seq and .born_seq < $over.seq) ] as $idle
    | if ($new | length) == cpus then pass
      else
        fail("\($hup | came). At \($over.t_ns | seconds) the master (\(master)) had \($new | length | count_of("new worker")) that \(if ($new | length) == 1 then "answers" else "answer" end) requests"
             + (if ($new | length) > 0 then ": \($new | map(.pid) | enumerated)." else "." end)
             + (if ($idle | length) > 0 then " It had started \($idle | map(.pid) | enumerated), too, which answered none." else "" end)
             + " The machine shows \(cpus | count_of("CPU")).";
             "\(cpus | count_of("new worker")), one per CPU"; $new | length; [$hup.seq] + ($new | map(.born_seq)))
      end
  end;

def one_set_of_workers:
  if hup == null then one_worker_per_cpu(workers; "answer requests")
  else
    first_fault(
      one_worker_per_cpu(old_workers(hup); "answer requests"),
      if no_reload then pass else newcomers(hup; step("rest")) end)
  end;

# --- serves ------------------------------------------------------------------------------------

def before_hup: map(select(.step == "crowd" or .step == "kept"));
def served_before: requests_served(answers | before_hup; unanswered | before_hup; judge_name);

# --- unbroken ----------------------------------------------------------------------------------

# An interpreter that starts on a busy machine takes its time; an old worker with a slow client takes 6 s.
def most_ns: 3e9;

def judge_new_client($hup):
  if .replied_ns - .sent_ns > most_ns then
    fail("\($hup | came). \(request_words | "R" + .[1:]) waited \(.replied_ns - .sent_ns | seconds) for its answer, which process \(.pid) wrote.";
         "an answer within 3 s, also while the workers change"; .replied_ns - .sent_ns | seconds; [$hup.seq, .first_seq, .seq])
  else judge_name end;

def judge_turned_away($hup):
  process(.pid) as $p
  | fail("\($hup | came). \(request_words | "R" + .[1:]) was not answered: \(.detail // .why)."
         + (if $p.exit then " Process \($p.pid) \($p | end_words) at \($p.died_ns | seconds)." else "" end)
         + (if .why == "refused" then " While a listening socket is closed, clients are refused."
            elif .why == "reset" and .pid == null then " Who waits in the queue of a listening socket is lost when its last descriptor is closed." else "" end);
         "every request is answered"; .why; [$hup.seq, .seq, $p.exit.seq]);

def of($steps): . as $id | any($steps[]; . == $id);

def nobody_turned_away($hup; $steps):
  [ answers[] | select(.step | of($steps)) ] as $answers
  | [ unanswered[] | select(.step | of($steps)) ] as $unanswered
  | if ($answers | length) + ($unanswered | length) == 0 then skip("no client came since SIGHUP")
    else first_fault(($unanswered[] | judge_turned_away($hup)), ($answers[] | judge_form, judge_new_client($hup))) end;

def nobody_is_turned_away:
  if no_reload then skip(no_reload) else nobody_turned_away(hup; ["door", "visitors", "crowd-new"]) end;

# --- finishes ----------------------------------------------------------------------------------

# Whose requests are finished only because nobody was told to go has finished nothing in good order.
def what_is_in_hand_is_finished:
  if no_reload then skip(no_reload)
  elif final and ([ old_workers(hup)[] | select(died) ] | length) == 0 then skip("no worker ended after SIGHUP")
  else in_hand_finished(hup; hup | came; ["slow", "again"]) end;

# --- overlap -----------------------------------------------------------------------------------

def judge_leaving($hup):
  . as $w
  | [ workers_at($w.exit.seq)[] | select(.pid != $w.pid) ] as $left
  | if ($left | length) >= cpus then pass
    else
      fail("\($hup | came). When old worker \($w.pid) ended at \($w.died_ns | seconds), the master had only \($left | length | count_of("other worker")): \($left | map(.pid) | enumerated).";
           "\(cpus | count_of("worker")) at every moment: a new one is there before the old one ends"; $left | length; [$hup.seq, $w.exit.seq])
    end;

def new_before_old($hup):
  [ old_workers($hup)[] | select(died) ] as $gone
  | if ($gone | length) == 0 then skip("no worker ended after SIGHUP")
    else first_fault($gone[0:most_workers][] | judge_leaving($hup)) end;

def new_before_old: if no_reload then skip(no_reload) else new_before_old(hup) end;

# --- turnover ----------------------------------------------------------------------------------

def most_after_ns: 2e9;

# From when on nothing keeps an old worker any more.
def free_ns($hup): [ $hup.t_ns, (answers[] | select(.step == "slow" or .step == "again") | .replied_ns) ] | max;

def judge_old($hup; $free_ns):
  . as $w
  | ([ answers[] | select(.step == "slow" or .step == "again") | select(.t_ns > $hup.t_ns) ] | length > 0) as $slow
  | (if $slow then "after the last answer in hand (\($free_ns | seconds))" else "after it" end) as $after
  | if .exit == null then
      if now_ns - $free_ns <= most_after_ns then pass
      else
        fail("\($hup | came). Worker \(.pid), who was there then, was still there at \(now_ns | seconds), \(now_ns - $free_ns | seconds) \($after).";
             "all old workers end"; "still there"; [$hup.seq, .born_seq])
      end
    elif .died_ns - $free_ns > most_after_ns then
      fail("\($hup | came). Worker \(.pid), who was there then, ended only at \(.died_ns | seconds), \(.died_ns - $free_ns | seconds) \($after).";
           "within 2 s"; .died_ns - $free_ns | seconds; [$hup.seq, .exit.seq])
    elif .reap == null and now_ns - .died_ns > 1e9 then
      fail("Worker \(.pid) \(end_words) at \(.died_ns | seconds), and was still a zombie at \(now_ns | seconds): the master (\(master)) has not waited for it.";
           "the master waits for each worker"; "a zombie"; [.exit.seq])
    else pass end;

def old_ones_go($hup):
  free_ns($hup) as $free_ns
  | first_fault(old_workers($hup)[0:most_workers][] | judge_old($hup; $free_ns));

def old_ones_go: if no_reload then skip(no_reload) else old_ones_go(hup) end;

# --- master ------------------------------------------------------------------------------------

def master_stays:
  process(master) as $m
  | if $m.exit == null then if hup then pass else skip(not_yet) end
    else
      fail("The master (\($m.pid)) \($m | end_words) at \($m.died_ns | seconds)\(if hup then ". \(hup | came)" else "" end)."
           + (if $m.exit.signal == "SIGHUP" then " That is what SIGHUP does to a process that does nothing about it." else "" end);
           "the master lives on"; $m | end_words; [hup.seq, $m.exit.seq])
    end;

# --- again -------------------------------------------------------------------------------------

def works_again:
  process(master) as $m
  | if hup_again == null then skip("there was no second SIGHUP: " + (no_reload // "the run is not so far"))
    elif $m.exit then
      fail("\(hup_again | came), the second one. The master (\($m.pid)) \($m | end_words) at \($m.died_ns | seconds).";
           "the second SIGHUP does what the first one did"; $m | end_words; [hup_again.seq, $m.exit.seq])
    else
      hup_again as $hup
      | first_fault(
          newcomers($hup; step("crowd-again")),
          old_ones_go($hup),
          new_before_old($hup),
          nobody_turned_away($hup; ["visitors-again", "crowd-again"]))
    end;
