# The checks of `spawn-fate`. Each word named in exercise.json is one check; the words of the log (processes, programs,
# lines, ...) are explained in checker/grade/README.md.

# --- the cases ---------------------------------------------------------------------------------

# In the manifest's order, with what becomes of each command. What really became of it, its exit event tells.
def cases_known: [
  {id: "zero", line: "exited with code 0"},
  {id: "three", line: "exited with code 3"},
  {id: "two-five-five", line: "exited with code 255"},
  {id: "sigkill", line: "killed by signal SIGKILL"},
  {id: "sigsegv", line: "killed by signal SIGSEGV"},
  {id: "sigterm", line: "killed by signal SIGTERM"},
  {id: "nowhere", reasons: ["ENOENT", "No such file or directory"]},
  {id: "forbidden", reasons: ["EACCES", "Permission denied"]},
  {id: "code-127", line: "exited with code 127"},
  {id: "code-126", line: "exited with code 126"},
  {id: "code-137", line: "exited with code 137"}
];

# Each case that was begun, with the program's process in it (app), its children, and the one that executed the command.
def runs:
  programs as $apps
  | [ cases_known | to_entries[] | .value + {app: $apps[.key]} | select(.app)
      | (.app | arguments) as $command
      | children_of(.app.pid) as $children
      | . + { command: $command, children: $children, kin: family(.app.pid),
              child: ([ $children[] | select(any(.execs[]; is_run_of($command))) ][0]) } ];

def begun($ids; f):
  [ runs[] | select(.id | IN($ids[])) ] as $runs
  | first_fault(
      ($runs[] | f),
      ($ids[$runs | length:][0:1][] | skip("the run ended before the case \(.) was tried")));

def in_case: "In the case \(.id) (`\(["./app"] + .command | join(" ") | shortened(60))`) ";

# --- child -------------------------------------------------------------------------------------

def judge_child:
  . as $run
  | .app.pid as $app
  | ([ processes[] | select(.pid | IN($run.kin[1:][])) | select(any(.execs[]; is_run_of($run.command))) ][0]) as $far
  | if .child then
      (.child.execs | map(is_run_of($run.command)) | index(true)) as $at
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
  begun(["zero", "three", "two-five-five", "sigkill", "sigsegv", "sigterm", "code-127", "code-126", "code-137"]; judge_child);

# --- what is told ------------------------------------------------------------------------------

def last_line: lines(.app.pid)[-1];

# Somebody else's line that would have been right: a child that came back from exec, say.
def told_by_another($pattern):
  . as $run
  | [ lines[] | select(.pid != $run.app.pid and (.pid | IN($run.kin[])) and (.text | test($pattern))) ][-1];

def no_line_words:
  "\(in_case)process \(.app.pid), the program, wrote no line to its stdout; it \(.app | end_words)"
  + (if outcome == "deadlocked" and .app.exit == null then ": \(outcome_detail)" else "" end) + ".";

def judge_told:
  . as $run
  | last_line as $last
  | .child as $child
  | if $child == null then skip("no child executed the command of the case \(.id)")
    elif $last == null then fail(no_line_words; .line; "nothing"; [.app.born_seq])
    elif $last.text != .line then
      fail("\(in_case)the child, process \($child.pid), \($child | end_words). The last line of process \(.app.pid) was \($last.text | shown).";
           .line; $last.text; [$child.exit.seq, $last.seq])
    elif $child.exit and $child.exit.seq > $last.seq then
      fail("\(in_case)process \(.app.pid) told its child's fate at \($last.t_ns | seconds), before the child, process \($child.pid), had ended, at \($child.died_ns | seconds).";
           "the line comes when the child has ended"; "earlier"; [$last.seq, $child.exit.seq])
    else pass end;

def exits_are_told: begun(["zero", "three", "two-five-five"]; judge_told);
def kills_are_told: begun(["sigkill", "sigsegv", "sigterm"]; judge_told);
def codes_stay_codes: begun(["code-127", "code-126", "code-137"]; judge_told);

def judge_failure:
  . as $run
  | last_line as $last
  | "could not start: \(.reasons[1])" as $due
  | told_by_another("^could not start: ") as $other
  | if $last == null or ($last.text | startswith("could not start: ") | not) then
      (if $other then " It was process \($other.pid), its child, that wrote \($other.text | shown)." else "" end) as $instead
      | if $last == null then fail(no_line_words + $instead; $due; "nothing"; [.app.born_seq, $other.seq])
        else
          fail("\(in_case)nothing could be started. The last line of process \(.app.pid) was \($last.text | shown)." + $instead;
               $due; $last.text; [$last.seq, $other.seq])
        end
    elif ($last.bare | ascii_downcase) as $bare | any($run.reasons[]; gsub(" "; "") | ascii_downcase | . as $reason | $bare | contains($reason)) | not then
      fail("\(in_case)the reason was \(.reasons[0]), \(.reasons[1]). Process \(.app.pid) gave another: \($last.text | shown).";
           $due; $last.text; [$last.seq])
    else pass end;

def failures_are_told: begun(["nowhere", "forbidden"]; judge_failure);

# --- reaped ------------------------------------------------------------------------------------

def judge_reaped:
  . as $run
  | .app as $app
  | first_fault(
      .children[]
      | if $app.exit == null then
          if .exit == null or .reap then pass
          else fail("\($run | in_case)process \(.pid) ended at \(.died_ns | seconds) and was a zombie from then on; process \($app.pid) did not wait for it."; "a wait call"; "none"; [.exit.seq]) end
        elif .exit == null or .exit.seq > $app.exit.seq then
          fail("\($run | in_case)process \($app.pid) ended before its child, process \(.pid), had ended."; "the parent waits for its child"; "it ended at \($app.died_ns | seconds)"; [$app.exit.seq])
        elif .reap == null or .reap.by != $app.pid or (.reap.how == "wait" and .reap.seq > $app.exit.seq) then
          fail("\($run | in_case)process \($app.pid) ended at \($app.died_ns | seconds) without having waited for its child, process \(.pid), which had ended at \(.died_ns | seconds).";
               "wait, waitpid or waitid, for each child"; "none"; [.exit.seq, $app.exit.seq])
        else pass end);

def children_are_reaped:
  if any(runs[]; .children | length > 0) | not then skip("the program started no child")
  else begun([ cases_known[].id ]; judge_reaped) end;
