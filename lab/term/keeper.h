/* The keeper: a small parent process that only waits for the lab and puts the terminal right again after
 * it, whatever ended it, SIGKILL included.
 *
 *     int code = keeper_split(&keeper, &err);   // returns in the lab; the parent stays inside for good
 *     keeper_on_screen(keeper, true);           // from here on the keeper would have to clean up
 *     keeper_suspend(keeper);                   // as Ctrl-Z in a shell; returns when continued
 *
 * The keeper ends with the lab's exit code, or 128 + the signal that killed it. It passes SIGTERM, SIGHUP
 * and SIGINT on; if it is killed itself, the lab gets a SIGTERM.
 */
#ifndef BRIGADE_TERM_KEEPER_H
#define BRIGADE_TERM_KEEPER_H

#include <stdbool.h>

#include "base/err.h"

struct keeper;

/* Call before anything else runs: one thread, no children, terminal checked (tty_check). */
int keeper_split(struct keeper **keeper, struct err *err);

void keeper_on_screen(struct keeper *keeper, bool on_screen);
bool keeper_is_on_screen(
    const struct keeper *keeper); /* false, too, when the keeper has cleaned up */
bool keeper_can_suspend(const struct keeper *keeper); /* a shell with job control started us */
void keeper_suspend(struct keeper *keeper);           /* leave the screen first */

#endif
