/* The same scenes in a program without shared libraries: nothing may depend on what a loader brings along. */
#include "traced.c"
