# The checks of `fork-framing`. Each word named in exercise.json is one check; the words of the log (programs, messages,
# lines, ...) are explained in checker/grade/README.md. What is done to the processes in each case stands in the scenario.

# --- the cases ---------------------------------------------------------------------------------

def cases_known: [
  {id: "calm", count: 12, size: 300, what: "nothing is in the way"},
  {id: "split", count: 100, size: 300, what: "a read brings 11 bytes at most"},
  {id: "joined", count: 100, size: 300, what: "the child's reads wait until two messages are there"},
  {id: "answers", count: 40, size: 300, what: "the parent's reads wait until two answers are there"},
  {id: "large", count: 12, size: 100000, what: "a write takes 8,192 bytes at most, a read brings 5,000"},
  {id: "interrupted", count: 20, size: 300, what: "calls fail with EINTR first"}
];

def length_of($id; $size): if $id % 10 == 0 then $size else $id end;

# Each case that was begun, with the program's process in it (app) and its child: that which the program sends messages.
def runs:
  programs as $apps
  | [ cases_known | to_entries[] | .value + {app: $apps[.key]} | select(.app)
      | .app.pid as $app
      | ([ messages[] | select(.from == $app) | .reader ] | unique) as $readers
      | children_of($app) as $children
      | . + {child: (first($children[] | select(.pid | IN($readers[]))) // $children[0])}
      | . + {others: (family($app) - [ $app, .child.pid ])} ];
def run($id): first(runs[] | select(.id == $id)) // null;
def not_tried($id): skip("the run ended before the case \($id) was tried");

def in_case: "In the case \(.id) (\(.count) messages; \(.what)) ";

# --- words about who hangs, who died, what was done to it ---------------------------------------

def waits:
  [ (events("end")[-1].waits // [])[] ] | group_by(.pid)
  | map((map(select(.in != "futex"))[0] // .[0])
        | "\(.pid) in \(.in)" + (if (.on // "") != "" then " on \(.on)" else "" end))
  | enumerated;

def fault_words:
  .pid as $pid
  | (.exit.seq // infinite) as $until
  | ([ events("fault")[] | select(.pid == $pid and .seq < $until and .kind != "joined") ][-1]) as $fault
  | if $fault then " What was done to it last: \($fault.detail)." else "" end;
def fate_words($who):
  if .exit and .exit.code != 0 then " The \($who), \(.pid), \(end_words)." + fault_words else "" end;
def hung_words: if outcome == "deadlocked" and .app.exit == null then " Then all waited: \(waits)." else "" end;
def fates: (.child | fate_words("child")) + (.app | fate_words("parent")) + hung_words;

# --- child -------------------------------------------------------------------------------------

def judge_child:
  if .child == null then
    fail("\(in_case)process \(.app.pid) started no child process; it \(.app | end_words)."; "a child process"; "none"; [.app.born_seq])
  elif (.others | length) > 0 then
    fail("\(in_case)there were more processes than two: beside \(.app.pid) and its child \(.child.pid) also \(.others | enumerated).";
         "exactly one beside the first"; 1 + (.others | length); [])
  else pass end;

def two_processes:
  runs as $runs
  | if ($runs | length) == 0 then skip("the program did not start") else first_fault($runs[] | judge_child) end;

# --- the talk ----------------------------------------------------------------------------------

def objects($from; $to; $member):
  [ messages[] | select(.from == $from and .reader == $to and .complete and (.value | type) == "object")
    | select(.value | has("id") and has($member)) ];

# The first thing a process wrote to the other that is no JSON object, for a better word than "nothing".
def stray($from; $to):
  first(messages[] | select(.from == $from and .reader == $to)
        | select((.value | type) != "object") | select(.complete or .text != null))
  // null;
def stray_words:
  if . == null then ""
  elif .complete then " Process \(.from) also sent \(.text // (.value | tojson) | shortened(50) | tojson), \(.bytes) bytes before a newline, which is no JSON object."
  else " Process \(.from) also wrote \(.text // (.value | tojson) | shortened(50) | tojson), \(.bytes) bytes without a newline after them." end;

# How the message at $i came to its reader. Those that one read brings are told one right after the other.
def arrival_words($i):
  .[$i] as $m
  | if $m.received == null then " It was never read to its end."
    elif $i > 0 and .[$i - 1].received and .[$i - 1].received.seq + 1 == $m.received.seq then
      " One read brought it together with message \($i)."
    elif $m.received.parts > 1 then " It arrived in \($m.received.parts) pieces."
    else " It arrived whole, and alone." end;

def joined_words:
  . as $all
  | ([ range(1; length) | select($all[.].received and $all[. - 1].received and $all[. - 1].received.seq + 1 == $all[.].received.seq) ] | length) as $joined
  | if $joined > 0 then " Of all, \($joined) came in the same read as the one before." else "" end;

def judge_orders($orders; $answers):
  . as $run
  | ([ range(.count) as $i
       | select($orders[$i] == null or $orders[$i].value.id != $i + 1
                or ($orders[$i].value.text | type) != "string"
                or ($orders[$i].value.text | length) != length_of($i + 1; $run.size))
       | $i ][0]) as $i
  | if $i == null and ($orders | length) > .count then
      fail("\(in_case)process \(.app.pid) sent its child, \(.child.pid), \($orders | length) messages."; "\(.count) messages"; $orders | length; [$orders[.count].seq])
    elif $i == null then pass
    else
      length_of($i + 1; .size) as $length
      | "message \($i + 1): an object with the id \($i + 1) and a text of \($length | count_of("character"))" as $due
      | $orders[$i] as $m
      | if $m == null and .child.exit and (.app.exit == null or .child.exit.seq < .app.exit.seq) then
          fail("\(in_case)the child, process \(.child.pid), \(.child | end_words) at \(.child.died_ns | seconds), after \($answers | length | count_of("answer")), when process \(.app.pid) had sent only \($i) of its \(.count | count_of("message"))."
               + (($answers | length) as $next
                  | if $next < $i then " The next to be answered was message \($next + 1)." + ($orders | arrival_words($next))
                    else stray(.app.pid; .child.pid) | stray_words end)
               + (.child | fault_words) + (stray(.child.pid; .app.pid) | stray_words);
               "the child answers until the channel ends"; "it left before"; [.child.exit.seq, $orders[-1].seq])
        elif $m == null then
          fail("\(in_case)only \($i | count_of("message")) went from process \(.app.pid) to its child, \(.child.pid)." + (stray(.app.pid; .child.pid) | stray_words) + fates;
               $due; "nothing more"; [$orders[-1].seq, .app.exit.seq, .child.exit.seq])
        elif $m.value.id != $i + 1 then
          fail("\(in_case)the message after number \($i) that process \(.app.pid) sent had the id \($m.value.id | shown)." + (stray(.app.pid; .child.pid) | stray_words); $due; "the id \($m.value.id | shown)"; [$m.seq])
        else
          fail("\(in_case)message \($i + 1) of process \(.app.pid) had a text of \($m.value.text | if type == "string" then length | count_of("character") else "no character: it was \(shown)" end)."; $due; $m.value.text | shown; [$m.seq])
        end
    end;

def judge_answers($orders; $answers):
  . as $run
  | ([ range(.count) as $i
       | select($answers[$i] == null or $answers[$i].value.id != $i + 1
                or $answers[$i].value.length != length_of($i + 1; $run.size)
                or $orders[$i].received.pid != $run.child.pid
                or $orders[$i].received.seq > $answers[$i].since)
       | $i ][0]) as $i
  | if $i == null and ($answers | length) > .count then
      fail("\(in_case)the child, process \(.child.pid), sent \($answers | length) answers to \(.count) messages."; "one for each"; $answers | length; [$answers[.count].seq])
    elif $i == null then pass
    else
      "{\"id\": \($i + 1), \"length\": \(length_of($i + 1; .size))}" as $due
      | $answers[$i] as $m
      | ($orders | arrival_words($i)) as $arrival
      | if $m == null then
          fail("\(in_case)process \(.app.pid) sent \(.count) messages, and its child, \(.child.pid), answered \($i) of them. Message \($i + 1) got no answer." + $arrival + ($orders | joined_words) + (stray(.child.pid; .app.pid) | stray_words) + fates;
               $due; "no answer"; [$orders[$i].seq, $orders[$i].received.seq, .child.exit.seq])
        elif $m.value.id != $i + 1 then
          fail("\(in_case)the answer due was that to message \($i + 1), but the child, process \(.child.pid), sent \($m.value | shown)." + $arrival; $due; $m.value | shown; [$orders[$i].received.seq, $m.seq])
        elif $m.value.length != length_of($i + 1; .size) then
          fail("\(in_case)message \($i + 1) had a text of \(length_of($i + 1; .size) | count_of("character")). The child, process \(.child.pid), answered \($m.value | shown)." + $arrival; $due; $m.value | shown; [$orders[$i].seq, $m.seq])
        else
          fail("\(in_case)the child, process \(.child.pid), began to answer message \($i + 1) before it had read it to its end."; "it reads, then it answers"; "the other way round"; [$m.seq, $orders[$i].received.seq])
        end
    end;

def judge_lines($answers):
  . as $run
  | [ lines(.app.pid)[] | select(.bare | startswith("Answer")) ] as $lines
  | ([ range(.count) as $i
       | select($lines[$i] == null or $lines[$i].bare != "Answer\($i + 1):\(length_of($i + 1; $run.size))"
                or $answers[$i].received.pid != $run.app.pid
                or $answers[$i].received.seq > $lines[$i].seq)
       | $i ][0]) as $i
  | if $i == null and ($lines | length) > .count then
      fail("\(in_case)process \(.app.pid) printed \($lines | length) lines about \(.count) answers."; "a line for each"; $lines[.count].text; [$lines[.count].seq])
    elif $i == null then pass
    else
      "Answer \($i + 1): \(length_of($i + 1; .size))" as $due
      | $lines[$i] as $line
      | ($answers | arrival_words($i)) as $arrival
      | if $line == null then
          fail("\(in_case)the child sent \($answers | length) answers, and process \(.app.pid) printed \($i) of them. Answer \($i + 1) is missing." + $arrival + ($answers | joined_words) + fates;
               $due; "no line"; [$answers[$i].seq, $answers[$i].received.seq, .app.exit.seq])
        elif $line.bare != "Answer\($i + 1):\(length_of($i + 1; .size))" then
          fail("\(in_case)the line due was `\($due)`, but process \(.app.pid) printed \($line.text | shown)." + $arrival; $due; $line.text; [$answers[$i].received.seq, $line.seq])
        else
          fail("\(in_case)process \(.app.pid) printed \($line.text | shown) before it had read that answer."; "it reads, then it prints"; "the other way round"; [$line.seq, $answers[$i].received.seq])
        end
    end;

def talk:
  objects(.app.pid; .child.pid; "text") as $orders
  | objects(.child.pid; .app.pid; "length") as $answers
  | first_fault(judge_orders($orders; $answers), judge_answers($orders; $answers), judge_lines($answers));

def talk_goes_well($id):
  run($id) as $run
  | if $run == null then not_tried($id)
    elif $run.child == null then skip("there is no child process in the case \($id)")
    else $run | talk end;

# A child that is let go with one message, while more are to come, had a parent that did not send on: all were waiting.
def judge_flow:
  . as $run
  | objects(.app.pid; .child.pid; "text") as $orders
  | ([ events("fault")[] | select(.kind == "joined" and .pid == $run.child.pid and (.detail | test("with 1 message "))) ]
     | map(. + {sent: (.seq as $seq | [ $orders[] | select(.seq < $seq) ] | length)})
     | map(select(.sent > 0 and .sent < $run.count))
     | .[0]) as $alone
  | if $alone then
      fail("\(in_case)process \(.app.pid) had sent \($alone.sent) of its \(.count) messages and then waited for an answer. So the child, \(.child.pid), never found two messages at once.";
           "it sends the next message without waiting for an answer"; "it waits after message \($alone.sent)"; [$orders[$alone.sent - 1].seq, $alone.seq])
    else pass end;

def joined_talk_goes_well:
  run("joined") as $run
  | if $run == null or $run.child == null then talk_goes_well("joined")
    else first_fault(($run | talk, judge_flow), talk_goes_well("answers")) end;

# --- ended -------------------------------------------------------------------------------------

def judge_end($who; $process):
  if $process.exit == null then
    fail("\(in_case)the \($who), process \($process.pid), was still there when the run ended"
         + (if outcome == "deadlocked" then ", and nothing could wake it: \(waits)." else "." end);
         "it ends with code 0"; "still running"; [$process.born_seq])
  elif $process.exit.code != 0 then
    fail("\(in_case)the \($who), process \($process.pid), \($process | end_words)."; "exit code 0"; $process.exit.signal // $process.exit.code; [$process.exit.seq])
  else pass end;

def judge_wait:
  .app as $app
  | .child as $child
  | if $child.reap == null or $child.reap.by != $app.pid or ($child.reap.how == "wait" and $child.reap.seq > $app.exit.seq) then
      fail("\(in_case)process \($app.pid) ended at \($app.died_ns | seconds) without having waited for its child, process \($child.pid)"
           + (if $child.exit and $child.exit.seq < $app.exit.seq then ", which had ended at \($child.died_ns | seconds)." else ", which was still running." end);
           "wait, waitpid or waitid, for the child"; "none"; [$child.exit.seq, $app.exit.seq])
    else pass end;

def judge_ended:
  if .child == null then skip("there is no child process in the case \(.id)")
  else first_fault(judge_end("parent"; .app), judge_wait, judge_end("child"; .child)) end;

def both_end:
  runs as $runs
  | first_fault(($runs[] | judge_ended), (cases_known[($runs | length):][0:1][] | not_tried(.id)));
