/* A library that is found by its path in LIBSAI, as late as possible. */

#include <dlfcn.h>

#include "client.h"

struct library library;
static void *handle;

/* Is it no wonder that an old library lacks this one? */
static int is_late(const char *name)
{
    const char *const late[] = {
        "sai_query_api_version",       "sai_query_stats_st_capability", "sai_bulk_object_get_stats",
        "sai_bulk_object_clear_stats", "sai_query_object_stage",
    };
    for (unsigned i = 0; i < COUNT(late); i++) {
        if (strcmp(late[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

static void *symbol(const char *name)
{
    void *address = dlsym(handle, name);
    if (address == NULL && !is_late(name)) {
        printf("%s: %s\n", name, dlerror());
        exit(1);
    }
    return address;
}

void open_library(void)
{
    const char *path = getenv("LIBSAI");
    CHECK(path != NULL);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        printf("%s\n", dlerror());
        exit(1);
    }
#define LOOK_UP(name) *(void **)&library.name = symbol(#name);
    SAI_FUNCTIONS(LOOK_UP)
#undef LOOK_UP
}

void close_library(void)
{
    CHECK(dlclose(handle) == 0);
}
