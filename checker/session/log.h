/* The log of a run: every event gets its number and time here and goes to all who listen, in order.
 *
 * An event emitted while another is being handed out waits until everybody has heard that one, so each
 * listener sees the same order.
 */
#ifndef BRIGADE_SESSION_LOG_H
#define BRIGADE_SESSION_LOG_H

#include <jansson.h>
#include <stdint.h>

struct log;

typedef void log_listener_fn(void *ctx, const json_t *event);
typedef int64_t log_time_fn(void *ctx);

struct log *log_new(void);
void log_free(struct log *log); /* NULL allowed */

void log_listen(struct log *log, log_listener_fn *fn, void *ctx); /* in the order of these calls */
void log_set_time(struct log *log, log_time_fn *fn, void *ctx);   /* NULL: time stands at the last one given */

void log_emit(struct log *log, json_t *event); /* takes it; adds seq and t_ns */
uint64_t log_seq(const struct log *log);       /* of the newest event */

#endif
