/* Runs one command in a process tree of its own and leaves nothing of it behind.
 *
 *     struct keeper_job job = {.argv = argv, .limit_s = 120, .output_fd = keeper_capture()};
 *     pid_t keeper = keeper_start(&job);     // > 0; the caller waits for it
 *     ... waitpid(keeper, &status, 0); enum keeper_end end = keeper_result(status);
 *
 * Between the runner and the command stands a small process, the keeper. It adopts every orphan of
 * the command (PR_SET_CHILD_SUBREAPER), so it knows each process the command left running, kills
 * those by PID, and ends only when all are gone. SIGTERM makes it kill everything at once; so does
 * the death of the runner.
 *
 * The runner shares no code with what it tests: a bug in checker/base must not hide itself.
 */
#ifndef BRIGADE_RUNNER_KEEPER_H
#define BRIGADE_RUNNER_KEEPER_H

#include <sys/types.h>

enum keeper_end {
    KEEPER_PASSED,    /* exit code 0 and nothing left */
    KEEPER_FAILED,    /* any other exit code, or a signal */
    KEEPER_SKIPPED,   /* exit code 77 */
    KEEPER_TIMED_OUT, /* still running at the limit */
    KEEPER_LEFTOVER,  /* passed, but left processes or files behind */
    KEEPER_STOPPED,   /* we were told to end */
    KEEPER_ENDS
};

struct keeper_job {
    const char *const *argv; /* ended by NULL; argv[0] is a path */
    int limit_s;
    int output_fd; /* gets stdout, stderr, and what the keeper has to say; borrowed */
};

/* An unnamed file that holds what one command prints; the caller closes it. */
int keeper_capture(void);

/* Starts the keeper and, under it, the command: stdin /dev/null, a session and a TMPDIR of its own,
 * removed afterwards. Names in TMPDIR that begin with `brigade-` were our programs' to remove: they
 * count as left over. Does not block; ends the program when fork fails. */
pid_t keeper_start(const struct keeper_job *job);

/* What the wait status of a keeper says. */
enum keeper_end keeper_result(int wait_status);

#endif
