/* The step `fault`: rare situations, brought about by the tracer (proto/fault.h), and a worker stopped for a while. */
#ifndef BRIGADE_DRIVE_FAULTS_H
#define BRIGADE_DRIVE_FAULTS_H

#include "drive/steps.h"

extern const char *const fault_words[]; /* what there is; ended by NULL */

void fault_begin(struct running *running);
void fault_turn(struct running *running);
void fault_time(struct running *running);

#endif
