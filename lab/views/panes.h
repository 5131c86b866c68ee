/* The panes of the workbench. Each draws a part of the bench's run into a canvas without the pane's title,
 * and keeps the pane's scroll within bounds. */
#ifndef BRIGADE_VIEWS_PANES_H
#define BRIGADE_VIEWS_PANES_H

#include "views/bench.h"

void pane_task_draw(const struct canvas *canvas, struct bench *bench);
void pane_processes_draw(const struct canvas *canvas, struct bench *bench);
void pane_counts_draw(const struct canvas *canvas, struct bench *bench);
void pane_messages_draw(const struct canvas *canvas, struct bench *bench);
void pane_output_draw(const struct canvas *canvas, struct bench *bench);
void pane_checks_draw(const struct canvas *canvas, struct bench *bench);
void pane_checks_strip(const struct canvas *canvas, struct bench *bench);
void pane_problems_draw(const struct canvas *canvas, struct bench *bench);

/* Row i of a list as text, to be searched. */
void pane_task_text(struct bench *bench, size_t i, struct buf *into);
void pane_problems_text(struct bench *bench, size_t i, struct buf *into);
void pane_processes_text(struct bench *bench, size_t i, struct buf *into);
void pane_messages_text(struct bench *bench, size_t i, struct buf *into);
void pane_output_text(struct bench *bench, size_t i, struct buf *into);
void pane_checks_text(struct bench *bench, size_t i, struct buf *into);

/* The checks listed: all, or those that speak of the process chosen; at most RUN_CHECKS_MAX. */
size_t pane_checks_listed(const struct bench *bench, const struct run_check **listed);

/* Moves the selection among the processes of the tree. */
void pane_processes_move(struct bench *bench, enum request request);
void pane_processes_select(struct bench *bench, size_t row);
void pane_processes_choose(struct bench *bench); /* the first living worker, if nobody is chosen */

/* The role that colours a process on every pane. */
enum role pane_pid_role(const struct run *run, int pid);

/* Words in the middle of an empty pane. */
void pane_empty(const struct canvas *canvas, const char *words);

#endif
