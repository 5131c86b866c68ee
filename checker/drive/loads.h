/* The load step: requests sent, in one round or, where every worker is to serve, in as many as that takes.
 *
 * Which worker gets a connection is chance, and a worker that has just been born may need a moment before
 * it serves. So a load may hold those who accept until the others have accepted too (`spread`), and may go
 * on in rounds until each worker has answered (`all_serve`): no right design then fails by chance.
 */
#ifndef BRIGADE_DRIVE_LOADS_H
#define BRIGADE_DRIVE_LOADS_H

struct running;

void load_begin(struct running *running);
void load_turn(struct running *running);
void load_time(struct running *running);
void load_release(struct running *running);

#endif
