# The checks of `spawn`. Each word named in exercise.json is one check; the words of the log (processes, messages,
# outputs, ...) are explained in checker/grade/README.md. The run's first process is a shell that runs the program
# once for each case of the manifest, in their order.

# --- the cases ---------------------------------------------------------------------------------

def much: "x" * 400 + "\n" | . * 175;

# What the command of each case is sure to write, and how it ends. null: what it was seen to write. At `breaks` it
# paused, so a new chunk begins there.
def cases_known: [
  {id: "default", out: null, err: "", code: 0},
  {id: "both", out: "a plate\nanother plate\n", err: "smoke\nmore smoke\n", code: 2},
  {id: "words", out: "<two words>\n<*>\n<$HOME>\n<it's>\n<salt;pepper>\n", err: "", code: 7},
  {id: "pause", out: "starter\nmain course\n", err: "", code: 0, breaks: [8]},
  {id: "descriptors", out: null, err: "", code: 0},
  {id: "odd", out: "salt\u0000pepper\n", err: "no newline at the end", code: 0},
  {id: "much-stderr", out: "the end\n", err: much, code: 0},
  {id: "much-stdout", out: much, err: "the end\n", code: 0}
];

def command_of_app: arguments | if length == 0 then ["ls", "-lh", "/usr"] else . end;

# Each case with the program's process in it (app), the command, and the child that executed it; only those that
# were begun.
def runs:
  programs as $apps
  | [ cases_known | to_entries[] | .value + {app: $apps[.key]} | select(.app)
      | . as $run
      | (.app | command_of_app) as $command
      | children_of(.app.pid) as $children
      | . + { command: $command, children: $children,
              child: ([ $children[] | select(any(.execs[]; is_run_of($command))) ][0]) } ];
def run($id): first(runs[] | select(.id == $id)) // null;

def not_tried($id): skip("the run ended before the case \($id) was tried");
def begun($ids; f): [ runs[] | select(.id | IN($ids[])) ] as $runs
  | if ($runs | length) < ($ids | length) then
      first_fault(($runs[] | f), not_tried($ids[$runs | length]))
    else first_fault($runs[] | f) end;

def hung_words:
  if .app.exit then ""
  else " The program \(.app | end_words)" + (if outcome == "deadlocked" then ": \(outcome_detail)." elif outcome == "timed_out" then ": \(outcome_detail). Does a loop go round and round, for a stream that has ended, say? There poll() returns at once, with POLLHUP." else "." end) end;
def in_case: "In the case \(.id) (`\(["./app"] + (if .id == "default" then [] else .command end) | join(" ") | shortened(60))`) ";

# --- child -------------------------------------------------------------------------------------

def judge_child:
  . as $run
  | .app.pid as $app
  | ([ family($app)[1:][] | process(.) | select(any(.execs[]; is_run_of($run.command))) ][0]) as $far
  | if .child then
      ([ .child.execs[] ] | map(is_run_of($run.command)) | index(true)) as $at
      | ([ .child.execs[0:$at][] | select(is_shell) ][0]) as $shell
      | if $shell then
          fail("\(in_case)process \(.child.pid), the child, first became a shell, \($shell.argv | shown), and that one executed the command.";
               "a direct child that executes \(.command | shown) itself"; $shell.argv | shown; [$shell.seq])
        else pass end
    elif $far then
      fail("\(in_case)it was process \($far.pid) that executed the command; its parent is \($far.parent), not the program's own process \($app).";
           "a direct child of \($app) that executes \(.command | shown)"; "a child of \($far.parent)"; [$far.born_seq, $far.execs[0].seq])
    elif (.children | length) == 0 then
      fail("\(in_case)process \($app) started no child; it \(.app | end_words)."; "a child process that executes \(.command | shown)"; "no child"; [.app.born_seq])
    else
      ([ .children[].execs[] ][0]) as $other
      | if $other then
          fail("\(in_case)the child, process \($other.pid), executed \($other.argv | shown).";
               "exactly \(.command | shown)"; $other.argv | shown; [$other.seq])
        else
          fail("\(in_case)the child, process \(.children[0].pid), executed nothing; it \(.children[0] | end_words).";
               "a child that executes \(.command | shown)"; "no exec"; [.children[0].born_seq])
        end
    end;

def command_is_run:
  begun(["default", "both", "words", "pause", "descriptors", "odd"]; judge_child);

# --- piped -------------------------------------------------------------------------------------

# What the command and its own children wrote to a channel; and straight to the program's stdout or stderr.
def kin: if .child then family(.child.pid) else family(.app.pid)[1:] end;
def written: kin as $kin | [ messages[] | select(.from | IN($kin[])) ];
def printed: kin as $kin | [ outputs[] | select(.pid | IN($kin[])) ];

def judge_line($stream; $line):
  . as $run
  | first(written[] | select(.text == $line)) as $message
  | if $message == null then
      fail("\(in_case)what the child, process \(.child.pid), wrote to its \($stream) went over no pipe and no socket.";
           "its \($stream) is a pipe that process \(.app.pid) reads"; "no pipe"; [.child.execs[-1].seq])
    elif $message.received.pid != .app.pid then
      fail("\(in_case)the child, process \(.child.pid), wrote to its \($stream), but "
           + (if $message.received then "process \($message.received.pid) read it" else "nobody read it" end) + ".";
           "process \(.app.pid) reads it"; $message.received.pid // "nobody"; [$message.seq])
    else pass end;

def judge_piped:
  . as $run
  | printed as $direct
  | if ($direct | length) > 0 then
      fail("\(in_case)the child, process \($direct[0].pid), wrote \($direct[0].text | shown) straight to the program's own \($direct[0].stream): it had inherited that.";
           "pipes between the child and process \(.app.pid)"; "inherited"; [$direct[0].seq])
    elif .id == "both" then
      first_fault(judge_line("stdout"; "a plate"), judge_line("stderr"; "smoke"))
    elif ([ written[] | select(.received.pid == $run.app.pid) ] | length) == 0 then
      fail("\(in_case)process \(.app.pid) read nothing from its child, process \(.child.pid)."; "what the child writes comes over a pipe"; "nothing"; [.child.born_seq])
    else pass end;

def streams_are_piped:
  if any(runs[]; .child) | not then skip("no child executed the command") else
    begun(["default", "both"]; if .child then judge_piped else skip("no child executed the command in the case \(.id)") end)
  end;

# --- relay -------------------------------------------------------------------------------------

def bytes_of: if .base64 then .base64 | @base64d else .text end;

def said($stream):
  if $stream == "stderr" then .err
  elif .out != null then .out
  else [ written[] | .text | strings | . + "\n" ] | add // "" end;

def exit_phrase: "child process exited with code ";

# All that the program wrote, the line about the exit code taken out.
def passed_on($outputs):
  [ $outputs[] | bytes_of ] | add // ""
  | split(exit_phrase)
  | if length < 2 then .[0] // "" else .[0:-1] + [ .[-1] | sub("^[0-9]+\n?"; "") ] | add end;

# A piece is what stands behind a prefix: a chunk or a line of what the child wrote, and a newline perhaps, at the end
# of all perhaps two. From each place that the pieces before may have led to it leads on to others.
def after_piece($said; $places; $piece; $last; $breaks):
  ($piece | length) as $length
  | [ $places[] as $from
      | (0, 1, (if $last then 2 else empty end)) as $added
      | ($length - $added) as $own
      | select($own > 0 and $piece[$own:] == (("\n" * $added) // ""))
      | select($said[$from:$from + $own] == $piece[0:$own])
      | select(all($breaks[]; . <= $from or . >= $from + $own))
      | $from + $own ]
  | unique;

# How far into what was said all this leads: {places, best, stray} where stray is the first piece that leads nowhere.
def follow($said; $text; $prefix; $breaks):
  ($text | split($prefix)) as $pieces
  | reduce range(1; $pieces | length) as $i ({places: [0], best: 0, stray: null};
      if .stray != null then .
      else
        after_piece($said; .places; $pieces[$i]; $i == ($pieces | length) - 1; $breaks) as $next
        | if ($next | length) == 0 then .stray = $pieces[$i] else {places: $next, best: ($next | max), stray: null} end
      end)
  | . + {first: ($pieces[0] // "")};

# Where the log keeps only a part of a very long write, lengths must do.
def length_fits($said; $outputs; $prefix):
  ([ $outputs[].bytes ] | add) as $bytes
  | ($said | split("\n") | length) as $lines
  | ($bytes >= ($said | length) + ($prefix | length))
    and $bytes <= ($said | length) + (exit_phrase | length) + 8 + (($prefix | length) + 1) * ($lines + ($outputs | length));

def judge_stream($stream):
  . as $run
  | "\($stream): " as $prefix
  | said($stream) as $said
  | [ outputs[] | select(.pid == $run.app.pid and .stream == $stream) ] as $outputs
  | passed_on($outputs) as $text
  | ($said | length) as $all
  | (.child.pid // "its child" | tostring) as $who
  | ([ $outputs[].seq ] | .[0:20]) as $seqs
  | if any($outputs[]; .cut) then
      if length_fits($said; $outputs; $prefix) then pass
      else fail("\(in_case)\($who) wrote \($all | count_of("byte")) to its \($stream), and process \(.app.pid) wrote \([ $outputs[].bytes ] | add) to its own: too many or too few.";
                "every byte, and the prefixes"; ([ $outputs[].bytes ] | add); $seqs) end
    elif $all == 0 and ($text | IN("", "\n")) then pass
    else
      follow($said; $text; $prefix; .breaks // []) as $way
      | ($said[$way.best:] | shown) as $due
      | hung_words as $hung
      | if $text == "" then
          fail("\(in_case)\($who) wrote \($all | count_of("byte")) to its \($stream), and nothing of it came out of process \(.app.pid)." + $hung;
               "`\($prefix)` and \($said | shown)"; "nothing"; [.app.born_seq])
        elif $way.first != "" then
          fail("\(in_case)process \(.app.pid) wrote \($way.first | shown) to its \($stream), where `\($prefix)` was due." + $hung;
               "`\($prefix)` and \($said | shown)"; $text | shown; $seqs)
        elif $way.stray != null and $way.best < $all and ($way.stray | startswith($said[$way.best:])) then
          ($way.stray[$all - $way.best:] | ltrimstr("\n")) as $more
          | fail("\(in_case)process \(.app.pid) passed on all of the \($all | count_of("byte")) that \($who) wrote to its \($stream), and then wrote \($more | shown) as well." + $hung;
                 "nothing more" + (if $stream == "stdout" then " than `\(exit_phrase)\(.child.exit.code // .code)`" else "" end); $more | shown; $seqs)
        elif $way.stray != null then
          fail("\(in_case)process \(.app.pid) had passed on \($way.best) of the \($all | count_of("byte")) that \($who) wrote to its \($stream), and then wrote \($prefix + $way.stray | shown)." + $hung;
               (if $way.best == $all then "nothing more" else "`\($prefix)` and \($due)" end); $way.stray | shown; $seqs)
        elif $way.best < $all then
          fail("\(in_case)process \(.app.pid) passed on \($way.best) of the \($all | count_of("byte")) that \($who) wrote to its \($stream); the rest is missing." + $hung;
               $due; "nothing more"; $seqs)
        else pass end
    end;

def bytes_are_relayed:
  begun([ cases_known[].id ]; first_fault(judge_stream("stdout"), judge_stream("stderr")));

# --- stream ------------------------------------------------------------------------------------

def lines_are_streamed:
  run("pause") as $run
  | if $run == null then not_tried("pause")
    elif $run.child == null then skip("no child executed the command")
    else
      ([ $run | written[] | select(.text == "starter") ][0]) as $before
      | ([ $run | written[] | select(.text == "main course") ][0]) as $after
      | [ outputs[] | select(.pid == $run.app.pid and .stream == "stdout") ] as $outputs
      | if $before == null or $after == null then skip("what the child wrote did not come over a pipe")
        else
          follow("starter\n"; [ $outputs[] | select(.seq < $after.seq) | bytes_of ] | add // ""; "stdout: "; []) as $way
          | if $way.best == ("starter\n" | length) then pass
            else
              ([ $outputs[] | select(.seq > $before.seq and .seq < $after.seq) ]) as $early
              | ([ $outputs[] | select(.seq > $after.seq) ][0]) as $late
              | "\($run | in_case)the child, process \($run.child.pid), wrote \"starter\" at \($before.t_ns | seconds) and paused until \($after.t_ns | seconds). " as $story
              | if ($early | length) > 0 then
                  ([ $early[] | bytes_of ] | add | shown) as $text
                  | fail($story + "In that time process \($run.app.pid) wrote \($text), which is not the line behind its prefix.";
                         "stdout: starter"; $text; [$before.seq, $early[0].seq, $after.seq])
                else
                  fail($story + "In all that time process \($run.app.pid) did not write the line out"
                       + (if $late then "; it did at \($late.t_ns | seconds)" else "" end) + ".";
                       "the line comes out during the pause"; (if $late then $late.t_ns | seconds else "never" end); [$before.seq, $after.seq, $late.seq])
                end
            end
        end
    end;

# --- code --------------------------------------------------------------------------------------

def judge_code:
  . as $run
  | .app.pid as $app
  | (if .child.exit.code != null then .child.exit.code else .code end) as $code
  | "\(exit_phrase)\($code)" as $due
  | lines($app)[-1] as $last
  | ([ outputs[] | select(.pid == $app and .stream == "stderr") ][-1]) as $error
  | if $last == null then
      fail("\(in_case)process \($app) wrote no line to its stdout; it \(.app | end_words)."; $due; "nothing"; [.app.born_seq])
    elif $last.text != $due then
      fail("\(in_case)the child" + (if .child then ", process \(.child.pid)," else "" end) + " ended with code \($code). The last line that process \($app) wrote to its stdout was \($last.text | shown)." + hung_words;
           $due; $last.text | shown; [.child.exit.seq, $last.seq])
    elif .child.exit and .child.exit.seq > $last.seq then
      fail("\(in_case)process \($app) told the exit code at \($last.t_ns | seconds), before its child had ended, at \(.child.exit.t_ns | seconds).";
           "the line comes when the child has ended"; "earlier"; [$last.seq, .child.exit.seq])
    elif $error and $error.seq > $last.seq then
      fail("\(in_case)process \($app) told the exit code, and afterwards passed on \($error.text | shown) from the child's stderr.";
           "the line comes when both pipes are drained"; "earlier"; [$last.seq, $error.seq])
    else pass end;

def code_is_told: begun(["default", "both", "words", "pause"]; judge_code);

# --- reaped ------------------------------------------------------------------------------------

def judge_reaped:
  .app as $app
  | .child as $child
  | if $child == null then skip("no child executed the command in the case \(.id)")
    elif $app.exit == null then
      if $child.exit == null or $child.reap then pass
      else fail("\(in_case)process \($child.pid) ended at \($child.died_ns | seconds) and was a zombie from then on: process \($app.pid) was still at work when the run ended, and had not waited for it."; "a wait call"; "none"; [$child.exit.seq]) end
    elif $child.exit == null or $child.exit.seq > $app.exit.seq then
      fail("\(in_case)process \($app.pid) ended before its child, process \($child.pid), had ended."; "the parent waits for its child"; "it ended at \($app.died_ns | seconds)"; [$app.exit.seq])
    elif $child.reap == null or $child.reap.by != $app.pid or ($child.reap.how == "wait" and $child.reap.seq > $app.exit.seq) then
      fail("\(in_case)process \($app.pid) ended at \($app.died_ns | seconds) without having waited for its child, process \($child.pid), which had ended at \($child.died_ns | seconds).";
           "wait, waitpid or waitid, for the child"; "none"; [$child.exit.seq, $app.exit.seq])
    else pass end;

# In this case the child lists its own descriptors, and writes that down a pipe, which the parent cannot forge.
def judge_leaks:
  run("descriptors") as $run
  | [ $run | written[] | .text | strings | capture("(?<fd>[0-9]+) -> (?<what>(pipe|socket):\\[[0-9]+\\])$") | .fd |= tonumber ] as $all
  | [ $all[] | select(.fd <= 2) | .what ] as $own
  | [ $all[] | select(.fd > 2)
      | select((.what | IN($own[])) or ((.what | startswith("socket")) and any($own[]; startswith("socket")))) ] as $leaked
  | if ($leaked | length) == 0 then pass
    else
      fail("\($run | in_case)the child, process \($run.child.pid), held \($leaked | length | count_of("descriptor")) of its parent's pipes besides its own 0 to 2: \($leaked | map("\(.fd) -> \(.what)") | enumerated).";
           "only 0, 1 and 2"; $leaked | map(.fd) | enumerated; [$run.child.execs[-1].seq])
    end;

def child_is_reaped:
  first_fault(
    begun(["default", "both", "words", "pause", "descriptors", "odd"]; judge_reaped),
    judge_leaks);
