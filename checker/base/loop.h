/* One poll loop: descriptors, timers and the end of children, over epoll.
 *
 *     struct loop *loop = loop_new(&err);
 *     loop_watch(loop, fd, EPOLLIN, on_readable, ctx);
 *     loop_timer_set(loop, id = loop_timer_new(loop, on_time, ctx), clock_now_ns() + 5 * NS_PER_MS);
 *     loop_on_child(loop, pid, on_exit, ctx);
 *     loop_run(loop);           // until loop_stop
 *     loop_free(loop);
 *
 * It is the only caller of wait4(2) in a program: ends of processes that nobody asked for by loop_on_child go
 * to the handler of loop_on_other, stops of tracees to that of loop_on_stop. SIGCHLD, SIGINT, SIGTERM
 * and SIGHUP are blocked and read from a signalfd; loop_on_signal hears of the last three, but not of a
 * SIGHUP that was ignored when the loop was made (nohup). Handlers may watch, unwatch, arm and stop freely, their
 * own entry included, but not run or step the loop that called them. A loop belongs to one thread.
 */
#ifndef BRIGADE_BASE_LOOP_H
#define BRIGADE_BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "base/err.h"

struct loop;

typedef void loop_fd_fn(void *ctx, int fd, uint32_t epoll_events);
typedef void loop_timer_fn(void *ctx);
typedef void loop_child_fn(void *ctx, pid_t pid, int wait_status);
typedef bool loop_stop_fn(void *ctx, pid_t pid, int wait_status);
typedef void loop_ending_fn(void *ctx, pid_t pid);
typedef void loop_signal_fn(void *ctx, int signal);
typedef int64_t loop_quiet_fn(void *ctx, unsigned rounds);

struct loop *loop_new(struct err *err); /* NULL on failure; blocks the signals named above */
void loop_free(struct loop *loop);      /* NULL allowed; restores the signal mask; closes no watched fd */

/* Watches fd (not owned) for epoll events; watching it again changes events and handler. 0 or -errno:
 * -EPERM for a regular file or /dev/null, which cannot be waited for and need not be. */
int loop_watch(struct loop *loop, int fd, uint32_t epoll_events, loop_fd_fn *fn, void *ctx);
void loop_unwatch(struct loop *loop, int fd); /* call before closing fd; unknown fds are ignored */

/* Timers: an id for life, armed for a moment of clock_now_ns(); -1 disarms. They fire once, those that are due
 * together in the order of their moments, never early, at most a millisecond late on an idle machine. */
int loop_timer_new(struct loop *loop, loop_timer_fn *fn, void *ctx);
void loop_timer_set(struct loop *loop, int timer, int64_t at_ns);
void loop_timer_free(struct loop *loop, int timer);

void loop_on_child(struct loop *loop, pid_t pid, loop_child_fn *fn, void *ctx); /* once, at its end */
void loop_on_other(struct loop *loop, loop_child_fn *fn, void *ctx);
/* Stops of tracees, told before they are taken, since to let a tracee go on is to have the kernel forget its stop. The
 * handler returns whether it has (or has taken the stop itself); of one that stays stopped, the loop takes it. */
void loop_on_stop(struct loop *loop, loop_stop_fn *fn, void *ctx);
void loop_take_stop(pid_t pid); /* in the handler */
/* Called before the end of a child, or of a tracee, is taken: it is a zombie that nobody else can reap yet, and /proc and
 * its clock have the last word of it. */
void loop_on_ending(struct loop *loop, loop_ending_fn *fn, void *ctx);
void loop_on_signal(struct loop *loop, loop_signal_fn *fn, void *ctx);

/* Called when nothing is ready and no timer is due, before the loop waits; `rounds` counts such calls since something
 * last happened, from 0. Returns how long to wait at most before the next call, in nanoseconds; 0: something was done,
 * look again; -1: until something happens. */
void loop_on_quiet(struct loop *loop, loop_quiet_fn *fn, void *ctx);
bool loop_is_pending(const struct loop *loop); /* whether something is ready that no handler has seen yet */

void loop_run(struct loop *loop);  /* until loop_stop; a stop from before is forgotten */
void loop_step(struct loop *loop, int timeout_ms); /* one round; -1 waits for something to happen */
void loop_stop(struct loop *loop);

#endif
