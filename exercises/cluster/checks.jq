# The checks of `cluster`. Each word named in exercise.json is one check; the words of the log (workers, answers,
# deaths, ...) are explained in checker/grade/README.md.

# --- workers -----------------------------------------------------------------------------------

# What process, or a worker with all that belongs to it, printed that is nearly the line.
def like_it($who; $like):
  [ lines[] | select((.pid == $who or worker_of(.pid) == $who) and (.bare | test($like; "i"))) ][0];

def master_is_announced:
  [ lines[] | select(.pid == master and .bare == "Master\(master)isrunning") ] as $told
  | like_it(master; "^master.*running") as $near
  | [ lines[] | select(.bare == "Master\(master)isrunning") ][0] as $by_other
  | if ($told | length) > 0 then pass
    else
      fail("The master (\(master)) printed no line that announces it."
           + (if $near then " It printed \($near | line_words)."
              elif $by_other then " Process \($by_other.pid) printed it at \($by_other.t_ns | seconds), not the master." else "" end);
           "Master \(master) is running"; ($near // $by_other).text; [($near // $by_other).seq])
    end;

def judge_announcement:
  . as $w
  | [ lines[] | select(.bare == "Worker\($w.pid)started") ] as $told
  | (like_it($w.pid; "^worker.*started") // like_it(master; "^worker\($w.pid)")) as $near
  | if any($told[]; .pid == master or worker_of(.pid) == $w.pid) then pass
    else
      fail("Nobody announced worker \($w.pid), started at \($w.born_ns | seconds)."
           + (if ($told | length) > 0 then " Process \($told[0].pid) printed the line, which is neither that worker nor the master."
              elif $near then " Process \($near.pid) printed \($near | line_words)."
                   + (if $near.bare == "Worker\($w.parent)started" then " \($w.parent) is the PID of its parent." else "" end)
              else "" end);
           "Worker \($w.pid) started"; ($told[0] // $near).text; [$w.born_seq, ($told[0] // $near).seq])
    end;

def crew_is_complete:
  first_fault(one_worker_per_cpu(workers; "answer requests"), master_is_announced,
              (workers[0:most_workers][] | judge_announcement));

# --- serves, steady ----------------------------------------------------------------------------

# Requests that were sent before a dead worker was out of the way belong to `serves`, those after it to `steady`.
def parted_at: [ deaths[] | .reap.seq // .exit.seq ] | min // infinite;

def greeting: "Hello, Vizag!\n";

def judge_greeting:
  if .body == greeting then pass
  else
    fail("Process \(.pid) answered \(request_words) with the body \(.body | shown)."
         + (if .body == (greeting | rtrimstr("\n")) then " It lacks the newline." else "" end);
         greeting; .body; [.first_seq, .seq])
  end;

def every_request_served:
  parted_at as $seq | requests_served(answers; [ unanswered[] | select(.sent_seq < $seq) ]; judge_greeting);

# Of an unanswered request: who was dead when it was sent, and what was in that place.
def state_words:
  . as $r
  | [ successors(deaths)[] | select((.death.reap.seq // .death.exit.seq) < $r.sent_seq) ][-1]
  | "It was sent \($r.sent_ns - .death.died_ns | seconds) after worker \(.death.pid) had died, "
    + (if .new != null and .new.born_seq < $r.sent_seq then "when \(.new.pid) had taken its place." else "while its place was empty." end);

def judge_lost:
  if excused then pass
  else
    process(.pid) as $p
    | fail("\(request_words | "R" + .[1:]) was not answered: \(.detail // .why). \(state_words)"
           + (if $p.exit and ($p.exit.by_lab | not) then " Process \($p.pid) \($p | end_words) at \($p.died_ns | seconds)." else "" end);
           "who is alive answers, whoever is dead"; .why; [.seq, $p.exit.seq])
  end;

# Ended without the lab having had a hand in it, while there was a master to work for.
def judge_end:
  if .exit.by_lab or .died_ns > (process(master).died_ns // infinite) - 0.1e9 then pass
  else
    . as $w
    | [ signals[] | select(.to == $w.pid and .from == master) ][-1] as $signal
    | fail("\(death_words), although the test had not touched it."
           + (if $signal then " The master (\(master)) had sent it \($signal.signal) at \($signal.t_ns | seconds)." else "" end);
           "only the dead worker is replaced, the others go on"; end_words; [$signal.seq, .exit.seq])
  end;

def service_goes_on:
  parted_at as $seq
  | if (deaths | length) == 0 then skip("no worker died in this run")
    else
      [ unanswered[] | select(.sent_seq > $seq) ] as $lost
      | if ([ answers[] | select(.sent_seq > $seq) ] | length) + ($lost | length) == 0 then
          skip("no request was sent after a worker's death")
        else first_fault(($lost[] | judge_lost), (deaths[] | judge_end)) end
    end;
