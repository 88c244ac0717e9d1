/* The library that the program is linked with. */

#include "client.h"

/* Old libraries lack these: their addresses are NULL then. */
#pragma weak sai_query_api_version
#pragma weak sai_query_stats_st_capability
#pragma weak sai_bulk_object_get_stats
#pragma weak sai_bulk_object_clear_stats
#pragma weak sai_query_object_stage

struct library library = {
#define SYMBOL(name) .name = name,
    SAI_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

void open_library(void) {}
void close_library(void) {}
