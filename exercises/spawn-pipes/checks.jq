# The checks of `spawn-pipes`. Each word named in exercise.json is one check; the words of the log (processes, programs,
# lines, ...) are explained in checker/grade/README.md.

# --- the cases ---------------------------------------------------------------------------------

# In the manifest's order, with what each command says: how many bytes, and their checksum. null: what it was seen to
# write, another line in each run.
def nothing: {bytes: 0, checksum: "00000000"};
def much_out: {bytes: 1078895, checksum: "fbb9bc67"};
def much_err: {bytes: 1078895, checksum: "e73fbedb"};
def cases_known: [
  {id: "silent", stdout: nothing, stderr: nothing},
  {id: "small", stdout: {bytes: 17, checksum: "d83548a6"}, stderr: {bytes: 17, checksum: "98c4a9bc"}},
  {id: "fresh", stdout: null, stderr: null},
  {id: "early-end", stdout: {bytes: 1, checksum: "00000078"}, stderr: much_err},
  {id: "stderr-first", stdout: much_out, stderr: much_err},
  {id: "stdout-first", stdout: much_out, stderr: much_err},
  {id: "at-once", stdout: much_out, stderr: much_err}
];

# Each case that was begun, with the program's process in it (app), its children, and the one that executed the command.
def runs:
  programs as $apps
  | [ cases_known | to_entries[] | .value + {app: $apps[.key]} | select(.app)
      | (.app | arguments) as $command
      | children_of(.app.pid) as $children
      | . + { command: $command, children: $children,
              child: ([ $children[] | select(any(.execs[]; is_run_of($command))) ][0]) } ];

def begun($ids; f):
  [ runs[] | select(.id | IN($ids[])) ] as $runs
  | first_fault(
      ($runs[] | f),
      ($ids[$runs | length:][0:1][] | skip("the run ended before the case \(.) was tried")));

def in_case: "In the case \(.id) ";
def no_child: skip("no child executed the command in the case \(.id)");

# --- child -------------------------------------------------------------------------------------

# The command's process, and its own children.
def kin: family(.child.pid);

# A piece without a newline is told when its writer has ended, so it may have been read before it was told: `reader`
# knows of both.
def judge_piped:
  . as $run
  | kin as $kin
  | [ outputs[] | select(.pid | IN($kin[])) ] as $direct
  | ([ messages[] | select((.from | IN($kin[])) and .reader == $run.app.pid) | .channel ] | unique) as $channels
  | if ($direct | length) > 0 then
      fail("\(in_case)the child, process \($direct[0].pid), wrote \($direct[0].bytes | count_of("byte")) straight to the program's own \($direct[0].stream): it had inherited that.";
           "a pipe for each stream, read by process \(.app.pid)"; "inherited"; [$direct[0].seq])
    elif ($channels | length) == 0 then
      fail("\(in_case)process \(.app.pid) read nothing from its child, process \(.child.pid), over a pipe or a socket.";
           "a pipe for each stream, read by process \(.app.pid)"; "none"; [.child.born_seq])
    elif ($channels | length) == 1 then
      fail("\(in_case)all that process \(.app.pid) read from its child, process \(.child.pid), came over one and the same channel.";
           "a pipe for each stream, read by process \(.app.pid)"; "one"; [.child.born_seq])
    else pass end;

def judge_child:
  . as $run
  | .app.pid as $app
  | if .child then
      (.child.execs | map(is_run_of($run.command)) | index(true)) as $at
      | ([ .child.execs[0:$at][] | select(is_shell) ][0]) as $shell
      | if $shell then
          fail("\(in_case)process \(.child.pid), the child, first became a shell, \($shell.argv | shown), and that one executed the command.";
               "a direct child that executes \(.command | shown) itself"; $shell.argv | shown; [$shell.seq])
        elif .id != "silent" and .app.exit then judge_piped
        else pass end
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

# Figures could be known beforehand, so the streams of every case that came to its end must have been read.
def command_is_heard:
  first_fault(
    begun(["silent", "small"]; judge_child),
    (runs[] | select((.id | IN("silent", "small") | not) and .app.exit) | judge_child));

# --- order -------------------------------------------------------------------------------------

def judge_order:
  . as $run
  | kin as $kin
  | if .child == null then no_child
    elif .child.exit == null and outcome == "deadlocked" then
      fail("\(in_case)the child, process \(.child.pid), cannot go on: the pipe that it writes to is full, and process \(.app.pid) does not read it. All wait for each other: \(outcome_detail).";
           "the child writes all it has to say and ends"; "it waits for a reader"; [.child.born_seq])
    elif .child.exit == null then
      fail("\(in_case)the child, process \(.child.pid), was not through when the run ended"
           + (if outcome_detail then ": \(outcome_detail)" else "" end) + ".";
           "the child writes all it has to say and ends"; "still running"; [.child.born_seq])
    else
      ([ processes[] | select(.pid | IN($kin[])) | select(.exit.signal == "SIGPIPE") ][0]) as $broken
      | if $broken then
          fail("\(in_case)process \($broken.pid), which wrote for the child, died of SIGPIPE at \($broken.died_ns | seconds): nobody held the reading end any more.";
               "both pipes are read to their ends"; "SIGPIPE"; [$broken.exit.seq])
        elif .app.exit == null then
          fail("\(in_case)the child, process \(.child.pid), ended at \(.child.died_ns | seconds), but process \(.app.pid) was still running when the run ended"
               + (if outcome == "deadlocked" then ": \(outcome_detail)" else "" end) + ".";
               "both streams end, and then the program"; "it waits"; [.child.exit.seq])
        else pass end
    end;

def no_order_hangs: begun([ cases_known[].id ]; judge_order);

# --- bytes, checksum ---------------------------------------------------------------------------

# A checksum of fewer digits than eight spoils that line for `checksum` alone.
def told_form: "^(?<stream>stdout|stderr): (?<bytes>[0-9]+) bytes?, checksum (?<checksum>[0-9a-fA-F]{1,8})$";

# What the program told of a stream; null if it did not.
def told($stream):
  [ lines(.app.pid)[] | . as $line | (.text | capture(told_form)? // empty)
    | select(.stream == $stream) | . + {seq: $line.seq, bytes: (.bytes | tonumber), checksum: (.checksum | ascii_downcase)} ][-1];

def judge_form($stream; $known):
  told($stream) as $told
  | lines(.app.pid) as $lines
  | ([ $lines[] | select(.text | test("^[^a-z]*\($stream)"; "i")) ][-1]) as $near
  | ($lines[-1].text // "nothing") as $last
  | if $told == null and $near then
      fail("\(in_case)process \(.app.pid) wrote no line about \($stream) in the form that was asked for, but \($near | line_words).";
           "\($stream): \($known.bytes) bytes, checksum \($known.checksum)"; $near.text; [$near.seq])
    elif $told == null then
      fail("\(in_case)process \(.app.pid) told nothing of \($stream); it \(.app | end_words), and its last line was \($last | shown).";
           "\($stream): \($known.bytes) bytes, checksum \($known.checksum)"; $last; [.app.born_seq])
    else pass end;

# Of a line of plain text, its newline counted.
def hex: [ range(8) as $i | (. / pow(16; 7 - $i) | floor) % 16 ] | map("0123456789abcdef"[.:. + 1]) | add;
def figures_of_line:
  . + "\n" | explode
  | {bytes: length, checksum: (reduce .[] as $byte (0; . * 31 + $byte | . - (. / 4294967296 | floor) * 4294967296) | hex)};

# What the command said; null where it was seen to say nothing. The two writers of `fresh` spoke one after the other.
def known($stream):
  . as $run
  | .[$stream]
    // if .child then
         kin as $kin
         | [ messages[] | select((.from | IN($kin[])) and .received.pid == $run.app.pid) | .text | strings ]
         | .[if $stream == "stdout" then 0 else 1 end] | if . then figures_of_line else null end
       else null end;

# Runs that hang are judged by `order`.
def judge_figure($stream; $name; f):
  . as $run
  | known($stream) as $known
  | told($stream) as $told
  | if .child == null then no_child
    elif $known == null then skip("the child's \($stream) did not come over a pipe in the case \(.id)")
    elif .app.exit == null then skip("the program was still running in the case \(.id) when the run ended")
    elif $told == null then judge_form($stream; $known)
    elif ($told | f) != ($known | f) then
      fail("\(in_case)the child wrote \($known.bytes | count_of("byte")) with the checksum \($known.checksum) to its \($stream). Process \(.app.pid) told of \($told.bytes | count_of("byte")) with the checksum \($told.checksum).";
           "\($name) \($known | f)"; "\($name) \($told | f)"; [$told.seq])
    else pass end;

def judge_both($name; f): first_fault(judge_figure("stdout"; $name; f), judge_figure("stderr"; $name; f));

def bytes_are_counted: begun([ cases_known[].id ]; judge_both("bytes"; .bytes));
def checksums_are_true:
  begun([ cases_known[].id ]; judge_both("checksum"; .checksum));

# --- ended -------------------------------------------------------------------------------------

def judge_ended:
  . as $run
  | .app as $app
  | .child as $child
  | lines($app.pid) as $lines
  | told("stdout") as $first
  | told("stderr") as $second
  | if $child == null then no_child
    elif $app.exit == null then skip("the program was still running in the case \(.id) when the run ended")
    elif $child.exit == null or $child.exit.seq > $app.exit.seq then
      fail("\(in_case)process \($app.pid) ended before its child, process \($child.pid), had ended."; "the parent waits for its child"; "it ended at \($app.died_ns | seconds)"; [$app.exit.seq])
    elif $child.reap == null or $child.reap.by != $app.pid or ($child.reap.how == "wait" and $child.reap.seq > $app.exit.seq) then
      fail("\(in_case)process \($app.pid) ended at \($app.died_ns | seconds) without having waited for its child, process \($child.pid), which had ended at \($child.died_ns | seconds).";
           "wait, waitpid or waitid, for the child"; "none"; [$child.exit.seq, $app.exit.seq])
    elif $first == null or $second == null then skip("the program told nothing of \(if $first then "stderr" else "stdout" end) in the case \(.id)")
    elif any($lines[-2:][]; .text | test(told_form) | not) then
      fail("\(in_case)the last two lines that process \($app.pid) wrote to its stdout were \($lines[-2:] | map(.text | shown) | enumerated).";
           "one about stdout and one about stderr"; $lines[-2:] | map(.text) | join(" / "); [$lines[-2:][].seq])
    else pass end;

def end_is_awaited: begun(["silent", "small", "early-end"]; judge_ended);
