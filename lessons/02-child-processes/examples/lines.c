/* A message in JSON is one line, whatever stands in it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    json_t *order =
        json_pack("{s:s, s:i}", "dish", "soup\nof the day", "table", 7);
    char *line = json_dumps(order, JSON_COMPACT);
    puts(line);

    json_error_t error;
    json_t *heard = json_loadb(line, strlen(line), 0, &error);
    int table;
    if (json_unpack(heard, "{s:i}", "table", &table) == 0)
        printf("for table %d: %s\n", table,
               json_string_value(json_object_get(heard, "dish")));

    if (!json_loadb(line, 12, 0, &error))
        printf("half of it: %s\n", error.text);
    json_decref(heard);
    json_decref(order);
    free(line);
}
