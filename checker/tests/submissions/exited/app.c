/* Ends at once, though the scenario wants it to serve. */
int main(void) { return 4; }
