/* The library that the program is linked with. */

#include "client.h"

/* Libraries before 1.10 lack it: its address is NULL then. */
#pragma weak sai_query_api_version

struct library library = {
#define SYMBOL(name) .name = name,
    SAI_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

void open_library(void) {}
void close_library(void) {}
