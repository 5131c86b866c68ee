# The checks of `blocking`. Each word named in exercise.json is one check; the words of the log (answers, processes,
# ...) are explained in checker/grade/README.md.

# --- what several checks use -------------------------------------------------------------------

def server: processes[0];
def is_heavy: .target | startswith("/stretch?n=");
def heavy: [ answers[] | select(is_heavy) ];
def light: [ answers[] | select(is_heavy | not) ];

# --- serves ------------------------------------------------------------------------------------

def greeting: "Hello, Vizag!\n";

def judge_greeting:
  if .body == greeting then pass
  else
    fail("Process \(.pid) answered \(request_words) with the body \(.body | shown)."
         + (if .body == (greeting | rtrimstr("\n")) then " It lacks the newline." else "" end);
         greeting; .body; [.first_seq, .seq])
  end;

# Who was born when clients had come, and takes clients itself, is a child that has gone back into the server's loop.
def no_second_server:
  events("accept") as $accepts
  | ([ $accepts[].seq ] | min // infinite) as $open
  | [ $accepts[] | select(.pid != master) | . + {child: process(.pid)} | select(.child.born_seq > $open) ][0] as $found
  | if $found == null then pass
    else
      fail("Process \($found.pid), which \($found.child.parent) started at \($found.child.born_ns | seconds), accepted a client at \($found.t_ns | seconds): it is a second server, beside \(master). Does the child go on into the server's loop?";
           "the server (\(master)) alone takes clients"; "process \($found.pid) takes them, too"; [$found.child.born_seq, $found.seq])
    end;

def server_stays:
  server
  | if . == null or .exit == null then pass
    else fail("The server (\(.pid)) \(end_words) at \(.died_ns | seconds), and nobody was there any more."; "a server that goes on"; end_words; [.exit.seq]) end;

def light_requests_served:
  first_fault(requests_served(light; [ unanswered[] | select(is_heavy | not) ]; judge_greeting), server_stays, no_second_server);

# --- computes ----------------------------------------------------------------------------------

def low_32_bits: # of the number after n=
  (.target | ltrimstr("/stretch?n=") | .[-8:] | explode)
  | reduce .[] as $c (0; . * 16 + (if $c >= 97 then $c - 87 else $c - 48 end));

# 80,000,000 rounds of x * 1664525 + 1013904223 modulo 2^32 are one such step with other figures. Doubles hold 53 bits, so
# the product is made of two.
def stretched:
  4294967296 as $m | 1789251585 as $a | 1703412736 as $c
  | (. / 65536 | floor) as $high
  | (. - $high * 65536) as $low
  | ($a * $high) as $x
  | (($x - ($x / 65536 | floor) * 65536) * 65536 + $a * $low + $c)
  | . - (. / $m | floor) * $m;

def judge_result:
  (low_32_bits | stretched | tostring) as $due
  | if .body == $due + "\n" then pass
    else
      fail("Process \(.pid) answered \(request_words) with the body \(.body | shown)."
           + (if .body == $due then " It lacks the newline." else "" end);
           $due + "\n"; .body; [.first_seq, .seq])
    end;

def results_are_right: requests_served(heavy; [ unanswered[] | select(is_heavy) ]; judge_result);

# --- child -------------------------------------------------------------------------------------

# CPU time is known only when all is over.
def work_is_done_by_children:
  ([ processes[1:][] | .cpu_ms // 0 ] | add // 0) as $theirs
  | (server.cpu_ms // 0) as $its
  | if (heavy | length) == 0 then skip("no request for /stretch was answered")
    elif (processes | length) == 1 then
      fail("The server (\(server.pid)) did all the work itself: it has never had a child process."
           + (if final and $its > 0 then " It used \($its) ms of CPU." else "" end);
           "a child process for the work"; "no child process"; [heavy[0].taken_seq, heavy[0].seq])
    elif (final | not) or $theirs >= $its then pass
    else
      fail("The server (\(server.pid)) used \($its) ms of CPU, and all its child processes (\([ processes[1:][].pid ] | enumerated)) together \($theirs) ms: it did the work itself.";
           "the work is done by child processes"; "\($its) ms in the server, \($theirs) ms in its children"; processes[1:] | map(.born_seq))
    end;

# --- responsive --------------------------------------------------------------------------------

# For each heavy answer, from when to when it was worked on.
def tasks:
  (events("taken") | by(.seq; .t_ns)) as $taken
  | [ heavy[] | . + {taken_ns: $taken[.taken_seq | tostring]} | select(.taken_ns != null) | . + {took_ns: (.replied_ns - .taken_ns)} ];

# Light requests that were sent when most of that work was still to be done.
def meanwhile: . as $h | [ light[] | select(.sent_seq > $h.taken_seq and .sent_ns <= $h.taken_ns + 0.4 * $h.took_ns) ];

def what_it_did:
  . as $h
  | [ processes[1:][] | select(.born_ns >= $h.taken_ns and .born_ns < $h.replied_ns) ][0] as $child
  | if $child then "Process \($child.pid), started at \($child.born_ns | seconds), was at work, and process \($h.taken_by) waited for it and heard nobody."
    else "Process \($h.taken_by) was at work, and heard nobody." end;

def judge_task:
  . as $h
  | ([ meanwhile[] | select(.first_seq > $h.first_seq) ] | min_by(.sent_seq)) as $late
  | if $late == null then pass
    else
      fail("\($h | request_words | "R" + .[1:]) was begun at \($h.taken_ns | seconds) and answered at \($h.replied_ns | seconds). \($late | request_words | "R" + .[1:]), sent meanwhile, was answered only after that, at \($late.replied_ns | seconds), \(($late.replied_ns - $late.sent_ns) / 1e6 | fixed(0)) ms after it was sent. \($h | what_it_did)";
           "a light request is answered while a heavy one is worked on"; "after it"; [$h.taken_seq, $late.sent_seq, $h.seq, $late.seq])
    end;

def nobody_waits_for_the_work:
  tasks as $tasks
  | if ($tasks | length) == 0 then skip("no request for /stretch was answered")
    elif any($tasks[]; meanwhile | length > 0) then first_fault($tasks[] | judge_task)
    elif any($tasks[]; .took_ns < 0.03e9) then
      $tasks[0]
      | fail("The work for \(request_words) took only \(.took_ns / 1e6 | fixed(1)) ms, too short for anything to happen meanwhile.";
             "stretch() as it stands in the starter, all its rounds"; "\(.took_ns / 1e6 | fixed(1)) ms"; [.taken_seq, .seq])
    else skip("no light request was answered that came during the work") end;

# --- reaped ------------------------------------------------------------------------------------

def children_are_reaped:
  if (processes | length) == 1 then skip("there was no child process")
  else
    first_fault(
      processes[1:][0:most_workers][]
      | select(died and .reap == null and now_ns - .died_ns > 1e9)
      | select(process(.parent).exit == null) # else init waits for it
      | fail("Process \(.pid), a child of \(.parent), \(end_words) at \(.died_ns | seconds) and was still a zombie at \(now_ns | seconds): nobody has waited for it.";
             "its parent waits for each child"; "a zombie for \(now_ns - .died_ns | seconds)"; [.exit.seq]))
  end;
