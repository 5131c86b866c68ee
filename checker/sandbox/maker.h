/* Who makes the boxes. Root hands that over to a user of nobody, so that root is mapped nowhere and limits hold (the
 * kernel exempts its root from RLIMIT_NPROC); everybody else makes them himself. */
#ifndef BRIGADE_SANDBOX_MAKER_H
#define BRIGADE_SANDBOX_MAKER_H

#include <sys/types.h>

/* The uid and gid to become; 0: stay. Root of a user namespace that has no other user stays too: outside it is none. */
uid_t maker_uid(void);

#endif
