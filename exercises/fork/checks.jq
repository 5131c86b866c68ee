# The checks of `fork`. Each word named in exercise.json is one check; the words of the log (processes, messages,
# lines, ...) are explained in checker/grade/README.md.

def parent: processes[0] // null;
def child: children_of(parent.pid)[0] // null;

# What threads do is their process's doing, so pids tell all.
def sent_by($from; $to): [ messages[] | select(.from == $from and .reader == $to) ];
def named($member; $text):
  [ .[] | select(.complete and (.value | type) == "object" and .value[$member] == $text) ];

def order: sent_by(parent.pid; child.pid) | named("message"; "Hello from parent") | .[0];
def answer: sent_by(child.pid; parent.pid) | named("reply"; "Hello from child") | .[0];

def order_words: "{\"message\": \"Hello from parent\"}";
def answer_words: "{\"reply\": \"Hello from child\"}";

def no_child: skip("there is no child process");

# Who waits on what, a word for each process: of many threads, one that does not merely wait for the others.
def waits:
  [ (events("end")[-1].waits // [])[] ] | group_by(.pid)
  | map((map(select(.in != "futex"))[0] // .[0])
        | "\(.pid) in \(.in)" + (if (.on // "") != "" then " on \(.on)" else "" end))
  | enumerated;
def waits_words: if outcome == "deadlocked" then " Then all waited: \(waits)." else "" end;

# What of a process came near a message, for a better word than "nothing".
def content: if has("value") and .value != null then .value | tojson else .text // "" end;
def near($from; $to; $member):
  sent_by($from; $to) as $sent
  | [ $sent[] | select(.complete | not) ][0] as $open
  | [ events("partial")[] | select(.from == $from) ][0] as $partial
  | [ $sent[] | select(.complete) ][0] as $other
  | if $other and ($other.value | type) != "object" then
      {say: "Process \($from) sent \($other | content | shortened(60) | tojson), which is not a JSON object.", seq: $other.seq}
    elif $other and ($other.value | has($member)) then
      {say: "Process \($from) sent \($other.value | shown): the text in \"\($member)\" is another one.", seq: $other.seq}
    elif $other then
      {say: "Process \($from) sent \($other.value | shown), which has no member \"\($member)\".", seq: $other.seq}
    elif $open or $partial then
      {say: "Process \($from) wrote \(($open // $partial) | content | shortened(60) | tojson) and no newline after it, so no message ever ended.", seq: ($open // $partial).seq}
    else
      {say: "No message that a newline ends went from process \($from) to process \($to) over a pipe or a socket pair.", seq: null}
    end;

# --- child -------------------------------------------------------------------------------------

def two_processes:
  processes as $all
  | if ($all | length) == 0 then fail("The program did not start."; "two processes"; "none"; [])
    elif ($all | length) == 1 then
      fail("Process \(parent.pid) started no other process; it \(parent | end_words)."; "a child process"; "none"; [parent.born_seq])
    elif ($all | length) > 2 then
      fail("There were \($all | length) processes: \($all[1:] | map("\(.pid) (child of \(.parent))") | enumerated), beside \(parent.pid), the first.";
           "exactly one beside the first"; $all | length - 1; $all[1:] | map(.born_seq))
    elif $all[1].parent != parent.pid then
      fail("Process \($all[1].pid) is a child of \($all[1].parent), not of the first process, \(parent.pid)."; "a child of \(parent.pid)"; $all[1].parent; [$all[1].born_seq])
    else pass end;

# --- sent, replied -----------------------------------------------------------------------------

def message_is_sent:
  if child == null then no_child
  elif order then pass
  else
    near(parent.pid; child.pid; "message") as $near
    | fail($near.say + waits_words; order_words; "no such message"; [$near.seq])
  end;

def one_pipe_words:
  events("channel") as $channels
  | if ($channels | length) == 1 and $channels[0].kind == "pipe" then
      " There was one pipe for both directions: whoever reads first gets what is in it, and process \(parent.pid) may have read its own message."
    else "" end;

def message_is_answered:
  if child == null then no_child
  elif answer == null then
    near(child.pid; parent.pid; "reply") as $near
    | fail($near.say + one_pipe_words + waits_words; answer_words; "no such message"; [$near.seq, order.seq])
  elif order == null then skip("the parent sent no message that could be answered")
  elif answer.channel == order.channel and any(events("channel")[]; .channel == order.channel and .kind == "pipe") then
    fail("Both messages went through one pipe. A pipe has one direction: whoever reads first gets them, so process \(parent.pid) may read its own message as well as the reply.";
         "a socket pair, or a pipe for each direction"; "one pipe for both"; [order.seq, answer.seq])
  elif order.received.pid != child.pid then
    fail("The child, process \(child.pid), replied at \(answer.t_ns | seconds), but it has never read the parent's message."; "it reads, then it replies"; "not read"; [order.seq, answer.seq])
  elif order.received.seq > answer.since then
    fail("The child, process \(child.pid), began to write its reply before it had read the parent's message (it read it at \(order.received.t_ns | seconds)): a reply to what?";
         "it reads, then it replies"; "the other way round"; [answer.seq, order.received.seq])
  else pass end;

# --- printed -----------------------------------------------------------------------------------

def lead($who): "Message from \($who):";

# The line in which $by tells of $message, which $from sent. A message may have more members than were asked for.
def judge_line($by; $from; $who; $message; $member; $text):
  (lead($who) | gsub(" "; "")) as $lead
  | "\($member):\($text | gsub(" "; ""))" as $quoted
  | [ lines[] | select(.bare | startswith($lead)) ] as $all
  | [ $all[] | select(.pid == $by) ] as $mine
  | [ $mine[] | select(.bare[($lead | length):] | startswith("{") and endswith("}") and contains($quoted)) ] as $right
  | "\(lead($who)) {\"\($member)\": \"\($text)\"}" as $due
  | if $message == null or $message.received.pid != $by then
      if ($all | length) > 0 then
        fail("Process \($all[0].pid) printed \($all[0].text | shown), but no such message, ended by a newline, had come \(if $all[0].pid == $by then "to it" else "to process \($by)" end) from process \($from)."; "a message, read by process \($by), and then the line"; $all[0].text; [$all[0].seq])
      else skip("process \($by) received no such message that it could have printed") end
    elif ($right | length) == 0 and ($mine | length) > 0 then
      fail("Process \($by) received \($message.value | shown) and printed \($mine[0].text | shown)."; $due; $mine[0].text; [$message.received.seq, $mine[0].seq])
    elif ($all | length) == 0 then
      fail("Process \($by) received \($message.value | shown) at \($message.received.t_ns | seconds) and printed no line that begins with `\(lead($who))`." + waits_words; $due; "no such line"; [$message.received.seq])
    elif ($right | length) == 0 then
      fail("The line `\(lead($who)) ...` was printed by process \($all[0].pid). It was process \($by) that received the message."; "process \($by) prints it"; "process \($all[0].pid)"; [$message.received.seq, $all[0].seq])
    elif $right[0].seq < $message.received.seq then
      fail("Process \($by) printed \($right[0].text | shown) before it had read the message (at \($message.received.t_ns | seconds)): it cannot have known it."; "it reads, then it prints"; "the other way round"; [$right[0].seq, $message.received.seq])
    else pass end;

def messages_are_printed:
  if child == null then no_child
  else
    [ judge_line(child.pid; parent.pid; "parent"; order; "message"; "Hello from parent"),
      judge_line(parent.pid; child.pid; "child"; answer; "reply"; "Hello from child") ]
    | first_fault((.[] | select(.ok == false)), .[])
  end;

# --- ended -------------------------------------------------------------------------------------

def judge_end($who):
  if .exit == null then
    fail("The \($who), process \(.pid), was still there when the run ended"
         + (if outcome == "deadlocked" then ", and nothing could wake it: \(waits)." else "." end);
         "it ends with code 0"; "still running"; [.born_seq])
  elif .exit.code != 0 then
    fail("The \($who), process \(.pid), \(end_words) at \(.died_ns | seconds)."; "exit code 0"; .exit.signal // .exit.code; [.exit.seq])
  else pass end;

def judge_wait:
  parent as $parent
  | child as $child
  | if $child.reap == null or $child.reap.by != $parent.pid or ($child.reap.how == "wait" and $child.reap.seq > $parent.exit.seq) then
      fail("Process \($parent.pid) ended at \($parent.died_ns | seconds) without having waited for its child, process \($child.pid)"
           + (if $child.exit then ", which had ended at \($child.died_ns | seconds)." else ", which was still running." end);
           "wait, waitpid or waitid, for the child"; "none"; [$child.exit.seq, $parent.exit.seq])
    else pass end;

def both_end:
  if child == null then no_child
  else
    first_fault(
      (parent | judge_end("parent")),
      judge_wait,
      (child | judge_end("child")),
      (processes[2:][] | judge_end("other process")))
  end;
