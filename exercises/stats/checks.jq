# The checks of `stats`. Each word named in exercise.json is one check; the words of the log (workers, answers,
# reports, ...) are explained in checker/grade/README.md.

# --- what several checks use -------------------------------------------------------------------

def period_ns: 5e9;
def tolerance_ns: 0.25e9;
def slow_start_ns: 0.5e9; # between a fork and the child's first look at the clock, on a machine that is busy

# A program that floods the log is wrong anyway, and must not keep the checker busy for minutes.
def most_reports: 500;

def count_reports: reports("count");
def is_whole: type == "number" and . == floor and . >= 0;

# When the worker's own clock can have started at the latest: its program may have been started anew (exec), and
# may have had to set itself up (an interpreter) before it listened or talked for the first time.
def start_by_ns:
  . as $w
  | [ .born_ns,
      (.execs[].t_ns),
      ( [ messages[] | select(.from == $w.pid and ((.value | type) != "object" or (.value | has("count") | not))) ]
        | .[0].t_ns // empty ),
      ( [ listens[] | select(.pid == $w.pid) ] | .[0].t_ns // empty ) ]
  | map(select(. <= $w.born_ns + 3e9))
  | max
  | if . > $w.born_ns then . + slow_start_ns else . end;

# --- serves ------------------------------------------------------------------------------------

def names_itself:
  . as $a
  | ([ .pid, .worker ] + (.pids // []) | map(select(. != null)) | unique) as $who
  | any($who[]; $a.body == "Handled by worker \(.)\n")
    or ($a.pid == null and any(workers[]; $a.body == "Handled by worker \(.pid)\n"));

def judge_answer:
  if names_itself | not then
    fail("Process \(.pid) answered \(request_words) with the body \(.body | shown)."
         + (if .body == "Handled by worker \(.pid)" then " It lacks the newline."
            elif .body == "Handled by worker \(process(.pid).parent)\n" then " That is the PID of its parent." else "" end);
         "Handled by worker \(.pid)\n"; .body; [.first_seq, .seq])
  else pass end;

def every_request_served: requests_served(judge_answer);

# --- reports -----------------------------------------------------------------------------------

def report_words: "worker \(.worker) (\(.t_ns | seconds), \(.value | shown))";

# What a worker sent to the master that is nearly a report, for a better message.
def near_miss:
  . as $w
  | ( [ messages[] | select(.worker == $w.pid and (.complete | not)) ][0]
      // [ events("partial")[] | select(.from == $w.pid) ][0] ) as $open
  | [ messages[] | select(.worker == $w.pid and .complete and to_master and (.value | type) != "object") ][0] as $text
  | [ messages[] | select(.worker == $w.pid and .complete and to_master and (.value | type) == "object") ][0] as $other
  | if $open then " It wrote \(($open.text // ($open.value | tojson)) | shortened(60) | tojson) to a channel and no newline after it, so no message ever ended."
    elif $text then " It sent \(($text.text // ($text.value | tojson)) | shortened(60) | tojson), which is not a JSON object."
    elif $other then " It sent \($other.value | shown), which has no member \"count\"."
    else " It sent the master nothing at all." end;

# The times at which a worker was silent for long, as [from, to]: between its reports, before and after them.
def silences($own):
  . as $w
  | [ .born_ns, $own[].t_ns, .until_ns ]
  | [ range(1; length) as $i | [ .[$i - 1], .[$i] ] ]
  | map(select(.[1] - .[0] > period_ns + 1.25e9));

def answered_between($pid; $from; $to):
  any(answers[]; .worker == $pid and .t_ns > $from and .sent_ns < $to);

# A worker that was idle and silent over a time in which another one reported again.
def idle_silence($all):
  . as $w
  | [ $all[] | select(.worker == $w.pid) ] as $own
  | [ silences($own)[] | . as [$from, $to]
      | select(answered_between($w.pid; $from + tolerance_ns; $from + period_ns - tolerance_ns) | not)
      | [ $all | group_by(.worker)[] | .[1:][] | select(.worker != $w.pid and .t_ns > $from and .t_ns < $to) ][0]
      | select(. != null)
      | {from: $from, other: .} ][0]
  | if . then
      fail("Worker \($w.pid) had nothing to answer from \(.from | seconds) on, and sent no report any more; worker \(.other.worker), which had, reported at \(.other.t_ns | seconds).";
           "every worker reports every 5 s, idle ones too"; "no report for \($w.until_ns - .from | seconds)"; [.other.seq])
    else pass end;

def judge_report:
  if (.value.count | is_whole) | not then
    fail("The report of \(report_words) has a count that is \(.value.count | if type == "string" then "a string" elif type == "number" then "not a whole number" else "of type \(type)" end)."; "\"count\" is a whole number";
         .value.count; [.seq])
  elif (.value.pid == .worker or .value.pid == .from) | not then
    fail("The report of \(report_words) \(if .value | has("pid") then "carries the PID \(.value.pid | tojson)" else "has no \"pid\"" end)"
         + (if .value.pid == master then ", which is the master's: getpid() was asked before the fork." else "." end);
         "\"pid\" is \(.worker)"; .value.pid; [.seq])
  else pass end;

# Why there was no time for a report: the program has ended, or waits for nothing that could ever make it send one.
def why_silent:
  [ steps[] | select(.do == "wait" and .met == false and (.step | endswith("reports"))) ][0].why as $why
  | outcome_detail // (if $why then $why | split(":")[0] else "the run ended before" end);

def every_worker_reports:
  count_reports as $all
  | [ workers[] | select(lived_ns >= period_ns + 1e9) ] as $old
  | ($all | map(.worker) | set) as $heard
  | if ($all | length) == 0 and ($old | length) == 0 then
      if (workers | length) == 0 then fail("There is no worker that could report."; "every worker reports every 5 s")
      elif final then
        fail("No worker sent a report until \(now_ns | seconds): \(why_silent)."; "every worker reports every 5 s"; "none"; [])
      else skip("no worker has lived 5 s yet") end
    else
      first_fault(
        ( $old[] | select($heard[.pid | tostring] | not)
          | fail("Worker \(.pid) sent no report in \(lived_ns | seconds).\(near_miss)";
                 "a message {\"pid\": \(.pid), \"count\": N} and a newline to the master every 5 s"; "none"; [.born_seq]) ),
        ( $all[] | judge_report ),
        ( $old[] | idle_silence($all) ) )
    end;

# --- interval ----------------------------------------------------------------------------------

# The reports that the beat is made of: one more, at the worker's start, is allowed.
def beat($w):
  [ count_reports[] | select(.worker == $w.pid) ]
  | if length > 0 and .[0].t_ns - $w.born_ns < period_ns - tolerance_ns
       and (.[0].t_ns < ($w | start_by_ns) + 1e9) then .[1:] else . end;

def judge_gap($w; $from; $to):
  ($to.t_ns - $from.t_ns) as $gap
  | if ($gap - period_ns | fabs) <= tolerance_ns then pass
    else
      ([ answers[] | select(.worker == $w.pid and .t_ns > $from.t_ns and .t_ns < $to.t_ns) ] | length) as $answers
      | fail("Worker \($w.pid) reported at \($from.t_ns | seconds) and at \($to.t_ns | seconds), \($gap | seconds) apart\(if $answers > 0 and $gap > period_ns then "; meanwhile it answered \($answers | count_of("request"))" else "" end).";
             "5 s between two reports, 0.25 s more or less"; $gap | seconds; [$from.seq, $to.seq])
    end;

def judge_beat:
  . as $w
  | beat($w) as $beat
  | ($w | start_by_ns) as $start_by
  | first_fault(
      ( if ($beat | length) == 0 then
          if $w.until_ns > $start_by + period_ns + 1e9 then
            fail("Worker \($w.pid), started at \($w.born_ns | seconds), sent no report 5 s later, nor until \($w.until_ns | seconds).";
                 "the first report 5 s after the start"; "none"; [$w.born_seq])
          else pass end
        elif $beat[0].t_ns < $w.born_ns + period_ns - tolerance_ns or $beat[0].t_ns > $start_by + period_ns + tolerance_ns + slow_start_ns then
          fail("Worker \($w.pid), started at \($w.born_ns | seconds), sent its first report at \($beat[0].t_ns | seconds), after \($beat[0].t_ns - $w.born_ns | seconds).";
               "the first report 5 s after the start, 0.25 s more or less"; $beat[0].t_ns - $w.born_ns | seconds;
               [$w.born_seq, $beat[0].seq])
        else pass end ),
      ( range(1; $beat | length) as $i | judge_gap($w; $beat[$i - 1]; $beat[$i]) ),
      ( if ($beat | length) > 0 and $w.until_ns > $beat[-1].t_ns + period_ns + tolerance_ns + 0.25e9 then
          fail("Worker \($w.pid) reported \($beat | length | if . == 1 then "once" else "\(.) times" end), at \($beat | map(.t_ns | seconds) | enumerated), and then no more until \($w.until_ns | seconds).";
               "a report every 5 s"; "none after \($beat[-1].t_ns | seconds)"; $beat | map(.seq))
        else pass end ) );

def reports_keep_time:
  first_fault(workers[] | judge_beat) as $fault
  | if $fault.ok != true then $fault
    elif any(workers[]; beat(.) | length >= 3) then pass
    else skip("no worker lived long enough for three reports in a row\(if outcome_detail then ": " + outcome_detail else "" end)") end;

# --- truth -------------------------------------------------------------------------------------

# Answers that the worker may have been about when it read its counter may count or not, and so may those that it gave
# up, and those that are no right answers.
def judge_count:
  . as $r
  | [ answers[] | select(.worker == $r.worker) ] as $own
  | [ unanswered[] | select(.worker == $r.worker and .sent_seq < $r.seq) ] as $lost
  | [ $own[] | select(.sent_seq < $r.seq) ] as $most
  | [ $most[] | select(.status == 200 and (.last_seq // .seq) <= $r.since and .replied_ns < $r.t_ns - 0.25e9) ] as $least
  | (($most | length) + ($lost | length)) as $at_most
  | if $r.value.count >= ($least | length) and $r.value.count <= $at_most then pass
    else
      [ count_reports[] | select(.worker == $r.worker and .seq < $r.seq) ][-1] as $before
      | ( if $r.value.count < ($least | length) then
            (($least | length) - $r.value.count) as $missing
            | ($least | max_by(.t_ns)) as $last
            | " \($missing | count_of("is"; "are")) missing."
              + ( if $before != null and ([ $least[] | select(.t_ns > $before.t_ns) ] | length) == $r.value.count
                  then " \($r.value.count) is what it has answered since its report at \($before.t_ns | seconds)."
                  else " The last was request \($last.request), answered at \($last.t_ns | seconds)." end )
          elif $r.value.count == ([ answers[] | select(.sent_seq < $r.seq) ] | length) then
            " \($r.value.count) is what all workers together had answered."
          elif $at_most > 0 and $r.value.count == 2 * $at_most then " Each was counted twice."
          elif any(count_reports[]; .seq < $r.seq and .worker != $r.worker and .value.count + $at_most == $r.value.count)
               and process($r.worker).born_seq > (deaths[0].exit.seq // infinite) then
            " It went on from the count of a worker that is dead."
          else " \($r.value.count - $at_most | count_of("is"; "are")) too many." end ) as $why
      | fail("Worker \($r.worker) reported \($r.value.count | count_of("request")) at \($r.t_ns | seconds), but it had answered \($least | length)\(if $at_most > ($least | length) then " to \($at_most)" else "" end).\($why)";
             "the number of all requests that worker \($r.worker) has answered since its start: \($least | length)";
             $r.value.count; [$r.seq] + ($least[-3:] | map(.seq)))
    end;

def counts_are_true:
  [ count_reports[0:most_reports][] | select(.value.count | is_whole) ] as $all
  | if ($all | length) == 0 then skip("nobody sent a report with a count")
    else first_fault($all[] | judge_count) end;

# --- log ---------------------------------------------------------------------------------------

# {head, pairs} of a line `Statsfromworker12:{pid:12,count:3}`, blanks and quotes gone; null if it is none.
def stats_line:
  if .bare | startswith("Statsfromworker") then
    (.bare | ltrimstr("Statsfromworker")) as $rest
    | ($rest | index(":")) as $colon
    | . + { head: $rest[0:($colon // 0)],
            pairs: ($rest[(($colon // -1) + 1):] | ltrimstr("{") | rtrimstr("}") | split(",")) }
  else null end;

def tells($report):
  ([ $report.worker, $report.from, $report.value.pid ] | map(tostring)) as $heads
  | .head as $head
  | any($heads[]; . == $head)
    and (.pairs | index("count:\($report.value.count | text_of)")) != null
    and (.pairs | index("pid:\($report.value.pid | text_of)")) != null;

# The times over which a read of the master was held back by the test, until a second message came.
def holds:
  reduce (events("fault")[] | select(.pid == master)) as $e ([];
    if $e.kind == "join" then . + [{from: $e.t_ns, to: infinite}]
    elif $e.kind == "joined" then (first(range(0; length) as $i | select(.[$i].to == infinite) | $i) // null) as $i
      | if $i == null then . else .[$i].to = $e.t_ns end
    else . end);

# By when the line for a report must be out: within 1 s, or of the end of the hold that kept the master from reading.
def line_by_ns($holds):
  .t_ns as $ns | [ $ns, ($holds[] | select(.from <= $ns + 1e9 and .to >= $ns) | .to) ] | max + 1e9;

def at_report($r): .t_ns >= $r.t_ns - 1e9 and .seq > $r.since and .t_ns <= $r.by_ns;

# Gives each report the first line of the master in time that tells it and that no earlier report has.
def match_lines($reports; $lines):
  reduce $reports[] as $r ({left: $lines, pairs: []};
    ([ .left | to_entries[] | select(.value | at_report($r) and tells($r)) ][0].key) as $at
    | if $at == null then .pairs += [{report: $r, line: null}]
      else .pairs += [{report: $r, line: .left[$at]}] | .left |= .[0:$at] + .[$at + 1:] end);

# For a report without its line: a line with other figures, the line itself but too late, or nothing.
def judge_missing($left; $all):
  .report as $r
  | "Stats from worker \($r.worker): { pid: \($r.worker), count: \($r.value.count | text_of) }" as $expected
  | [ $left[] | select(at_report($r) and .head == ($r.worker | tostring)) ][0] as $near
  | [ $left[] | select(at_report($r)) ][0] as $other
  | [ $left[] | select(.t_ns > $r.t_ns and tells($r)) ][0] as $late
  | if $near == null and $late != null then
      fail("The line for the report of \($r | report_words) came only at \($late.t_ns | seconds), \($late.t_ns - $r.t_ns | seconds) later.";
           "the line within 1 s of the report"; $late.t_ns - $r.t_ns | seconds; [$r.seq, $late.seq])
    else
      fail("The master (\(master)) printed no line for the report of \($r | report_words)."
           + (if $near then " It printed \($near | line_words)." else "" end)
           + (if $r | how_read then " It read that message \($r | how_read): a message ends with its newline, not with a read."
              elif $near then ""
              elif $other then " What it printed then is \($other | line_words)."
              elif $r.received == null then " It has not read the message either."
              elif ($all | length) == 0 then " It has read the message."
              else "" end);
           $expected; ($near // $other).text; [$r.seq, ($near // $other).seq])
    end;

# Nobody read it, and its sender was killed then: the master may well have closed the channel on it.
def lost_with_its_sender:
  .t_ns as $ns
  | .received == null and (process(.worker) | died and .died_ns - $ns < 0.5e9);

def reports_are_logged:
  holds as $holds
  | [ count_reports[0:most_reports][] | . + {by_ns: line_by_ns($holds)} ] as $reports
  | (if count_reports | length > most_reports then $reports[-1].seq else infinite end) as $until
  | [ lines[] | select(.seq <= $until) | stats_line | select(. != null) ] as $all
  | [ $all[] | select(.pid == master) ] as $mine
  | [ $all[] | select(.pid != master) ] as $others
  | match_lines($reports; $mine) as $matched
  | if ($reports | length) == 0 and ($all | length) == 0 then skip("there are neither reports nor lines about them")
    else
      first_fault(
        ( $others[] | fail("Process \(.pid) printed \(line_words). The line is the master's (\(master)) to print, when it has read the report.";
                           "the master, and nobody else, prints a line for each report"; .text; [.seq]) ),
        ( $matched.pairs[] | select(.line == null and now_ns > .report.by_ns and $until == infinite)
          | select(.report | lost_with_its_sender | not)
          | judge_missing($matched.left; $mine) ),
        ( $matched.left[] | . as $line
          | ([ $matched.pairs[] | select(.line != null and .line.bare == $line.bare and (.line.t_ns - $line.t_ns | fabs) < 1e9) ][0]) as $twin
          | if $twin then
              fail("The master printed the line for the report of \($twin.report | report_words) more than once, again at \(.t_ns | seconds).";
                   "exactly one line for each report"; .text; [$twin.report.seq, $twin.line.seq, .seq])
            else
              fail("The master printed \(line_words), but no worker had sent it such a report.";
                   "a line only for a report that came"; .text; [.seq])
            end ) )
    end;

# --- replaced ----------------------------------------------------------------------------------

def judge_newcomer($any_reports):
  .death as $d
  | .new as $n
  | [ answers[] | select(.worker == $n.pid) ] as $own
  | [ count_reports[] | select(.worker == $n.pid) ] as $told
  | ($n | start_by_ns) as $start_by
  | ([ $own[] | select($told | length > 0) | select(.sent_seq < $told[0].seq) ] | length) as $most
  | ([ unanswered[] | select(.worker == $n.pid) ] | length) as $lost
  | judge_served(32) as $served
  | if $served.ok != true then $served
    elif ($told | length) > 0 and ($told[0].value.count | is_whole) and $told[0].value.count > $most + $lost then
      fail("Worker \($n.pid) took the place of \($d.pid) at \($n.born_ns | seconds), and first reported the count \($told[0].value.count), but it had answered only \($most) itself.";
           "a new worker counts from zero"; $told[0].value.count; [$n.born_seq, $told[0].seq])
    elif ($told | length) == 0 and $any_reports and $n.until_ns > $start_by + period_ns + tolerance_ns + slow_start_ns then
      fail("Worker \($n.pid) took the place of \($d.pid) at \($n.born_ns | seconds) and sent no report until \($n.until_ns | seconds).";
           "its first report within 5.5 s"; "none"; [$n.born_seq])
    elif ($told | length) > 0 and $told[0].t_ns > $start_by + period_ns + tolerance_ns + slow_start_ns then
      fail("Worker \($n.pid) took the place of \($d.pid) at \($n.born_ns | seconds) and sent its first report only at \($told[0].t_ns | seconds), after \($told[0].t_ns - $n.born_ns | seconds).";
           "its first report within 5.5 s"; $told[0].t_ns - $n.born_ns | seconds; [$n.born_seq, $told[0].seq])
    else pass end;

# --- responsive --------------------------------------------------------------------------------

# How long its worker answered nobody while the request waited: in a queue that moves, that is short. A worker that
# has just been started, an interpreter before all, is given time to settle: no report keeps it busy then.
def stalled_ns:
  . as $a
  | [ answers[] | select(.worker == $a.worker and .replied_ns > $a.sent_ns and .replied_ns < $a.replied_ns) | .replied_ns ]
  | $a.replied_ns - (max // $a.sent_ns);

def has_settled: .sent_ns >= (process(.worker).born_ns // 0) + 4e9;

def nobody_is_kept_waiting:
  [ answers[] | . + {waited_ns: (.replied_ns - .sent_ns)} | select(.waited_ns > 1e9 and has_settled and stalled_ns > 1e9) ] as $slow
  | [ unanswered[] | select(.why == "timeout" and (excused | not)) ] as $late
  | if (answers | length) + ($late | length) == 0 then skip("no request was answered")
    elif ($slow | length) > 0 then
      ($slow | max_by(.waited_ns)) as $worst
      | [ count_reports[] | select(.worker == $worst.worker and .t_ns < $worst.t_ns) ][-1] as $report
      | fail("Worker \($worst.worker // $worst.pid) left \($worst | request_words) waiting for \($worst.waited_ns | seconds)."
             + (if $report then " It reported at \($report.t_ns | seconds)." else "" end);
             "an answer within 1 s"; $worst.waited_ns | seconds; [$worst.seq, $report.seq])
    elif ($late | length) > 0 then
      fail("\($late[0] | request_words | "R" + .[1:]) waited \($late[0].ms * 1e6 | seconds) for an answer, in vain: \($late[0].detail).";
           "an answer within 1 s"; "none"; [$late[0].seq])
    else pass end;
