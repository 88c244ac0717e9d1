/* A library that is found by its path in LIBSAI, as late as possible. */

#include <dlfcn.h>

#include "client.h"

struct library library;
static void *handle;

static void *symbol(const char *name)
{
    void *address = dlsym(handle, name);
    /* Libraries before 1.10 lack this one. */
    if (address == NULL && strcmp(name, "sai_query_api_version") != 0) {
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
