/* Does not compile: line 4 lacks a semicolon. */
int main(void) {
    int code = 0;
    code = code + 1
    return code;
}
