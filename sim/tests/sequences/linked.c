/* The library that the program is linked with. */

#include "client.h"

struct library library = {
#define SYMBOL(name) .name = name,
    SAI_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

void open_library(void) {}
void close_library(void) {}
