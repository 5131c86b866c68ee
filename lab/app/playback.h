/* The run wound to any moment: played, stepped, looked at as a timeline, searched. */
#ifndef BRIGADE_APP_PLAYBACK_H
#define BRIGADE_APP_PLAYBACK_H

#include "app/state.h"

/* Heeds a request on the workbench or in the timeline; whether it was one of ours. */
bool playback_heed(struct app *app, enum request request);
bool playback_works(const struct app *app, enum request request);

/* A row of a list of the workbench, the timeline among them, was selected by a click. */
void playback_clicked(struct app *app, const struct scroll *scroll);

/* After a verdict: shows it, and plays what took a moment so that one can follow. */
void playback_verdict(struct app *app);

/* Where the run is wound to: "at 5.001 of 16.079 s, x1"; "" while it follows what comes. */
void playback_words(const struct app *app, char *words, size_t size);

#endif
