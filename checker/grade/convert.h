/* JSON values from jansson's form into jq's and back. */
#ifndef BRIGADE_GRADE_CONVERT_H
#define BRIGADE_GRADE_CONVERT_H

#include <jansson.h>
#include <jv.h>

jv jv_from_json(const json_t *value); /* owned by the caller, as all jv are */
json_t *json_from_jv(jv value);       /* takes the jv; a new reference */

#endif
