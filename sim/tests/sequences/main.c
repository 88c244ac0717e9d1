/* client SEQUENCE [KEY=VALUE]...: runs one sequence with these profile pairs. */

#include "client.h"

/* Reads the member behind the end of an old release's table, as a careless client does. */
static void read_past_the_table(void)
{
    start_library();
    CHECK(!HAS(neighbor, create_neighbor_entries));
    printf("%p\n", *(void *volatile *)(void *)&neighbor_api->create_neighbor_entries);
    OK(library.sai_api_uninitialize());
}

int main(int argc, char **argv)
{
    const struct {
        const char *name;
        void (*run)(void);
    } sequences[] = {
        {"sonic", sonic_start},
        {"fboss", fboss_cold_start},
        {"fboss-warm-exit", fboss_warm_exit},
        {"fboss-warm-start", fboss_warm_start},
        {"rules", sai_rules},
        {"past-the-table", read_past_the_table},
    };
    CHECK(argc >= 2);
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        CHECK(value != NULL);
        *value = '\0';
        profile_set(argv[i], value + 1);
    }
    for (uint32_t i = 0; i < COUNT(sequences); i++) {
        if (strcmp(argv[1], sequences[i].name) == 0) {
            open_library();
            sequences[i].run();
            close_library();
            printf("finished %s in release %lu\n", argv[1], (unsigned long)release);
            return 0;
        }
    }
    printf("no such sequence: %s\n", argv[1]);
    return 2;
}
