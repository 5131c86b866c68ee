# The checks of `cluster-ipc`. Each word named in exercise.json is one check; the words of the log (messages, lines,
# deaths, ...) are explained in checker/grade/README.md.

# --- who talks with whom -----------------------------------------------------------------------

def is_object: (.value | type) == "object";
# Who takes JSON values from a stream, and not lines, may have read all of one before its newline is written.
def read_ns: .received.text_ns // .received.t_ns;

def message_words: "\((.text // (.value | tojson)) | shortened(60)) at \(.t_ns | seconds)";

# What the master wrote to workers, with the worker that read it or would have; what workers wrote to the master.
def from_master: [ messages[] | select(.from == master) | . + {listener: worker_of(.received.pid // .to)} | select(.listener != null) ];
def from_workers: [ messages[] | select(.worker != null and to_master) ];

# Those who talk with the master; where nobody does, all its children.
def crew:
  ([ from_master[].listener, from_workers[].worker ] | set) as $talk
  | children[0:5 * most_workers]
  | if ($talk | length) > 0 then map(select($talk[.pid | tostring])) else . end;

def dead_crew: [ crew[] | select(died) ] | .[0:most_workers];
def first_death_seq: [ dead_crew[] | .exit.seq ] | min // infinite;
def first_crew: first_death_seq as $seq | [ crew[] | select(.born_seq < $seq) ] | .[0:most_workers];

# --- workers -----------------------------------------------------------------------------------

# Workers stay: they wait for the next order.
def judge_stay:
  if .exit.by_lab or .died_ns > (process(master).died_ns // infinite) - 0.1e9 then pass
  else
    fail("\(death_words), although the test had not touched it."; "a worker stays and waits for the next order"; end_words; [.born_seq, .exit.seq])
  end;

def crew_is_complete:
  first_fault((dead_crew[] | judge_stay), one_worker_per_cpu(crew; "talk with the master"));

# --- greeted -----------------------------------------------------------------------------------

def is_greeting: .complete and is_object and .value.message == "Hello from master";
def greetings($pid): [ from_master[] | select(.listener == $pid and is_greeting) ];

def greeting_text: "{\"message\": \"Hello from master\"}";

def judge_greeted:
  . as $w
  | greetings($w.pid) as $told
  | [ from_master[] | select(.listener == $w.pid) ] as $all
  | ( [ $all[] | select(.complete | not) ][0] // [ events("partial")[] | select(.from == master and .text != null) ][0] ) as $open
  | if ($told | length) == 0 and ($w | lived_ns) < 1e9 then pass
    elif ($told | length) == 0 then
      fail("Worker \($w.pid), started at \($w.born_ns | seconds), was not greeted."
           + (if ($all | length) > 0 and $all[0].complete then " The master (\(master)) sent it \($all[0] | message_words)."
              elif $open then " The master (\(master)) wrote \(($open.text // ($open.value | tojson)) | shortened(60)) and no newline after it, so no message ever ended."
              else " The master (\(master)) sent it nothing." end);
           greeting_text; ($all[0] // $open | .text // .value); [$w.born_seq, ($all[0] // $open).seq])
    elif ($told | length) > 1 then
      fail("Worker \($w.pid) was sent \($told[0] | message_words) and \($told | length - 1 | if . == 1 then "once" else "\(.) times" end) again, at \($told[1].t_ns | seconds).";
           "one greeting for each worker"; $told | length; $told | map(.seq))
    elif $told[0].received == null then
      if $w | died then pass
      else fail("Worker \($w.pid) was sent \($told[0] | message_words), but nobody has read it to its end. (A read brings 12 bytes at most here, and a message ends with its newline.)";
                "the worker reads what it is sent"; "unread"; [$told[0].seq]) end
    else pass end;

def crew_is_greeted:
  if (first_crew | length) == 0 then skip("there is no worker") else first_fault(first_crew[] | judge_greeted) end;

# --- answered ----------------------------------------------------------------------------------

def replies($pid): [ from_workers[] | select(.worker == $pid and .complete and is_object and (.value | has("reply"))) ];

def pieces_words: how_read as $how | if $how then " It had read the greeting \($how): a message ends with its newline, not with a read." else "" end;

def what_it_sent_instead:
  . as $w
  | [ from_workers[] | select(.worker == $w.pid) ][0] as $sent
  | ( [ messages[] | select(.worker == $w.pid and (.complete | not)) ][0]
      // [ events("partial")[] | select(worker_of(.from) == $w.pid) ][0] ) as $open
  | if $open then {text: " It wrote \(($open.text // ($open.value | tojson)) | shortened(60)) and no newline after it, so no message ever ended.", seq: $open.seq}
    elif $sent then {text: " It sent \($sent | message_words).", seq: $sent.seq}
    else {text: "", seq: null} end;

def judge_answered:
  . as $w
  | greetings($w.pid)[0] as $greeting
  | replies($w.pid) as $told
  | "Hello from worker \($w.pid)" as $due
  | if $greeting == null or $greeting.received == null or ($w.until_ns - $greeting.received.t_ns < 1e9 and ($told | length) == 0) then pass
    elif ($told | length) == 0 then
      ($w | what_it_sent_instead) as $instead
      | fail("Worker \($w.pid) was greeted at \($greeting.t_ns | seconds), has read it, and sent the master (\(master)) no reply." + $instead.text
             + (if $instead.seq then "" else ($greeting | pieces_words) end);
             "{\"reply\": \"\($due)\"}"; null; [$greeting.seq, $greeting.received.seq, $instead.seq])
    elif $told[0].value.reply != $due then
      fail("Worker \($w.pid) replied \($told[0] | message_words)."
           + (if $told[0].value.reply == "Hello from worker \($w.parent)" then " \($w.parent) is the PID of its parent." else "" end);
           {reply: $due}; $told[0].value; [$told[0].seq])
    elif $told[0].since < $greeting.received.seq and $told[0].t_ns < ($greeting | read_ns) then
      fail("Worker \($w.pid) replied at \($told[0].t_ns | seconds), before it had read the greeting (at \($greeting.received.t_ns | seconds)).";
           "first the order, then the report"; null; [$told[0].seq, $greeting.received.seq])
    elif ($told | length) > 1 then
      fail("Worker \($w.pid) replied \($told | length) times, at \($told | map(.t_ns | seconds) | enumerated), to one greeting.";
           "one reply to one greeting"; $told | length; $told | map(.seq))
    else pass end;

def crew_has_answered:
  if any(first_crew[]; greetings(.pid)[0].received != null) then first_fault(first_crew[] | judge_answered)
  else skip("no worker has read a greeting") end;

# --- printed -----------------------------------------------------------------------------------

def together: "together with another";

# An object as a line may show it, blanks and quotes gone, whatever the order of its members.
def parts: ltrimstr("{") | rtrimstr("}") | split(",") | sort;
def bare_text: tojson | gsub("[\\s\"'`]"; "");

# The line that is due for a message once $reader has read it; $right says whether a PID may print it.
def judge_line($head; $message; $reader; right):
  ($head | gsub(" "; "")) as $bare_head
  | [ lines[] | select(.bare | startswith($bare_head)) ] as $all
  | [ $all[] | select(.pid | right) ] as $mine
  | ($message.value | bare_text | parts) as $parts
  | [ $mine[] | select(.bare[($bare_head | length):] | parts == $parts) ] as $true
  | "\($head) \($message.value | tojson)" as $due
  | "\($reader | .[0:1] | ascii_upcase)\($reader[1:])" as $Reader
  | if ($all | length) > ($mine | length) then
      [ $all[] | select(.pid | right | not) ][0] as $other
      | fail("Process \($other.pid) printed \($other | line_words). That line is for \($reader) to print, who was sent the message.";
             "who receives a message prints it"; $other.pid; [$message.seq, $other.seq])
    elif ($true | length) == 0 and ($mine | length) > 0 then
      fail("\($Reader) printed \($mine[0] | line_words), but the message was \($message | message_words).";
           $due; $mine[0].text; [$message.seq, $mine[0].seq])
    elif ($mine | length) == 0 then
      [ lines[] | select((.pid | right) and .seq > $message.received.seq and (.bare | test("received|message"; "i"))) ][0] as $near
      | fail("\($Reader) read \($message | message_words), and printed no line about it."
             + ($message | how_read as $how
                | if $near and $how != together then " What it printed then is \($near | line_words)."
                  elif $how then " It had read it \($how): a message ends with its newline, not with a read." else "" end);
             $due; $near.text; [$message.seq, $message.received.seq, $near.seq])
    elif $true[0].seq < $message.received.seq and $true[0].t_ns < ($message | read_ns) then
      fail("\($Reader) printed \($true[0] | line_words), before it had read the message (at \($message.received.t_ns | seconds)).";
           "first the message, then the line"; null; [$true[0].seq, $message.received.seq])
    elif ($mine | length) > 1 then
      fail("\($Reader) printed \($mine[0].text | shortened(60) | tojson) \($mine | length) times, at \($mine | map(.t_ns | seconds) | enumerated), about one message.";
           "one line for one message"; $mine | length; [$message.seq] + ($mine | map(.seq)))
    else pass end;

# A line about a message that was never read.
def judge_invention($head; $why):
  ($head | gsub(" "; "")) as $bare_head
  | [ lines[] | select(.bare | startswith($bare_head)) ][0] as $line
  | if $line then fail("Process \($line.pid) printed \($line | line_words), but \($why)."; "a line only about a message that came"; $line.text; [$line.seq])
    else pass end;

def judge_printed:
  . as $w
  | greetings($w.pid)[0] as $greeting
  | replies($w.pid)[0] as $reply
  | "Worker \($w.pid) received message from master:" as $order_head
  | "Master received message from worker \($w.pid):" as $report_head
  | first_fault(
      ( if $greeting.received == null then judge_invention($order_head; "worker \($w.pid) has read no greeting to its end")
        elif ($w.until_ns - $greeting.received.t_ns) < 1e9 then pass
        else judge_line($order_head; $greeting; "worker \($w.pid)"; worker_of(.) == $w.pid) end ),
      ( if $reply.received == null then judge_invention($report_head; "the master has read no reply of worker \($w.pid) to its end")
        elif now_ns - $reply.received.t_ns < 1e9 or process(master).until_ns - $reply.received.t_ns < 1e9 then pass
        else judge_line($report_head; $reply; "the master (\(master))"; . == master) end ));

def talk_is_printed:
  if any(first_crew[]; greetings(.pid)[0].received != null or replies(.pid)[0].received != null)
     or any(lines[]; .bare | test("receivedmessagefrom")) then first_fault(first_crew[] | judge_printed)
  else skip("no message was read that could be printed") end;

# --- replaced ----------------------------------------------------------------------------------

# What is wrong with the talk of all is told once, of the first ones.
def judge_newcomer($printed):
  .new
  | . as $new
  | ( if (greetings(.pid) | length) > 0 and (replies(.pid) | length) > 0 and replies(.pid)[0].received == null and lived_ns > 1e9 then
        fail("Worker \(.pid), started at \(.born_ns | seconds), has sent \(replies(.pid)[0] | message_words), and the master (\(master)) has never read it to its end.";
             "a new worker is heard like the others"; "unread"; [.born_seq, replies(.pid)[0].seq])
      else pass end ) as $unheard
  | first_fault(judge_greeted, judge_answered, $unheard, ($printed | select(.ok == true) | $new | judge_printed));

def dead_are_replaced_and_heard:
  [ dead_crew[] | select(.exit.by_lab) ] as $dead
  | if ($dead | length) == 0 then skip("the test has killed no worker: \(outcome_detail // "the run was over before")")
    else
      talk_is_printed as $printed
      | dead_are_reported_and_replaced($dead; judge_newcomer($printed))
    end;
