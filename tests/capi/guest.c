/*
 * What a guest in somebody else's process leaves alone, looked at from C.
 *
 *   guest pair A B   two switches that sync to each other; nothing is printed when everything is as the header says
 *   guest hang       a switch whose SAI does not come back, stopped
 *
 * It is the example's NOS with eyes: the process's signals, threads, environment and exits are watched.
 */

#define main nos_main
#include "../../examples/nos.c"
#undef main

#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* ---- What the library must not call: the program's own take the C library's place ---------------------------------- */

static atomic_int watching;
static char asked[64];
extern char **environ;

char *getenv(const char *name)
{
    size_t length = strlen(name);
    /* Those of the example's own code are the program's. */
    if (atomic_load(&watching) && strncmp(name, "NOS_", 4) != 0) {
        snprintf(asked, sizeof asked, "%s", name);
    }
    for (char **at = environ; *at; at++) {
        if (!strncmp(*at, name, length) && (*at)[length] == '=') {
            return *at + length + 1;
        }
    }
    return NULL;
}

char *secure_getenv(const char *name)
{
    return getenv(name);
}

static void died(const char *how)
{
    fprintf(stderr, "guest: the process was ended by %s\n", how);
    _exit(77);
}

void abort(void)
{
    died("abort");
    _exit(77);
}

void quick_exit(int code)
{
    (void)code;
    died("quick_exit");
    _exit(77);
}

void exit(int code)
{
    if (atomic_load(&watching)) {
        died("exit");
    }
    fflush(stdout);
    _exit(code);
}

/* A fault that is found: the program ends, whoever is watching. */
static void wrong(const char *what, const char *why)
{
    atomic_store(&watching, 0);
    fail(what, why);
}

/* ---- Signals ----------------------------------------------------------------------------------------------------- */

enum { SIGNALS = 65 };

static void actions(struct sigaction all[SIGNALS])
{
    memset(all, 0, sizeof(struct sigaction) * SIGNALS);
    for (int signal = 1; signal < SIGNALS; signal++) {
        sigaction(signal, NULL, &all[signal]);
    }
}

static void same_actions(const struct sigaction before[SIGNALS])
{
    struct sigaction now[SIGNALS];
    actions(now);
    for (int signal = 1; signal < SIGNALS; signal++) {
        if (now[signal].sa_handler != before[signal].sa_handler || now[signal].sa_flags != before[signal].sa_flags) {
            char why[64];
            snprintf(why, sizeof why, "of signal %d is another", signal);
            wrong("the handler", why);
        }
    }
}

static int same_mask(const sigset_t *before)
{
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    for (int signal = 1; signal < SIGNALS; signal++) {
        if (sigismember(&now, signal) != sigismember(before, signal)) {
            return 0;
        }
    }
    return 1;
}

/* ---- Threads ----------------------------------------------------------------------------------------------------- */

/* The library's threads, each name once for each of them, in order; and that they block every signal. */
static void threads(char *names, size_t size)
{
    char found[32][32];
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    while (tasks && (entry = readdir(tasks))) {
        char path[300], line[256], name[32] = "";
        unsigned long long blocked = 0;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *status = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        while (status && fgets(line, sizeof line, status)) {
            sscanf(line, "Name: %31s", name);
            sscanf(line, "SigBlk: %llx", &blocked);
        }
        if (status) {
            fclose(status);
        }
        if (strncmp(name, "mlag-", 5) != 0 || count == 32) {
            continue;
        }
        for (int signal = 1; signal < SIGNALS; signal++) {
            /* Two cannot be blocked, and two are the C library's own. */
            int open = signal == SIGKILL || signal == SIGSTOP || signal == 32 || signal == 33;
            if (!open && !(blocked >> (signal - 1) & 1)) {
                wrong(name, "takes signals");
            }
        }
        snprintf(found[count++], sizeof found[0], "%s", name);
    }
    if (tasks) {
        closedir(tasks);
    }
    qsort(found, (size_t)count, sizeof found[0], (int (*)(const void *, const void *))strcmp);
    names[0] = 0;
    for (int n = 0; n < count; n++) {
        strncat(names, n ? " " : "", size - strlen(names) - 1);
        strncat(names, found[n], size - strlen(names) - 1);
    }
}

/* A new thread takes its name itself, and one that was joined has its place in /proc for a moment more. */
static void await_threads(const char *expected)
{
    char names[1024];
    double end = now_s() + PATIENCE_S;
    do {
        threads(names, sizeof names);
        if (!strcmp(names, expected)) {
            return;
        }
        breathe();
    } while (now_s() < end);
    wrong("the threads are", names);
}

/* ---- What it does ------------------------------------------------------------------------------------------------ */

static void guest_pair(const char *a, const char *b)
{
    struct box left, right;
    struct sigaction before[SIGNALS];
    sigset_t mask;
    char text[256];
    size_t needed = 0;

    actions(before);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    atomic_store(&watching, 1);
    box_up(&left, "guest-left");
    await_threads("mlag-asic mlag-core mlag-events mlag-peer mlag-source");
    box_up(&right, "guest-right");
    await_threads("mlag-asic mlag-asic mlag-core mlag-core mlag-events mlag-events mlag-peer mlag-peer "
                  "mlag-source mlag-source");
    tell(&left, 0x0a100001);
    tell(&right, 0x0a100002);
    learn(&left, 0x0a100101, 7);
    must("mlagsync_local_complete", mlagsync_local_complete(left.sync));
    must("mlagsync_local_complete", mlagsync_local_complete(right.sync));
    connect_boxes(&left, a, b);
    connect_boxes(&right, b, a);
    await_programmed(&right, 7);
    await_news(&right, "readiness", &right.self_ready);
    verify(&right, 7);
    /* What is wrong is said in the answer and nowhere else. */
    if (mlagsync_configure(left.sync, "nonsense", 8, 0, text, sizeof text, &needed) != MLAGSYNC_E_REFUSED
        || mlagsync_bind(left.sync, NULL) != MLAGSYNC_E_NULL) {
        wrong("nonsense", "was taken");
    }
    if (!same_mask(&mask)) {
        wrong("the program's own thread", "has other signals blocked than before");
    }
    same_actions(before);
    box_down(&left);
    box_down(&right);
    await_threads("");
    same_actions(before);
    atomic_store(&watching, 0);
    if (asked[0]) {
        wrong("the environment was asked for", asked);
    }
    sai_must("sai_api_uninitialize", sai_api_uninitialize());
}

/* The probe of the probe: what watches does see. */
static void guest_sees(void)
{
    atomic_store(&watching, 1);
    (void)getenv("HOME");
    atomic_store(&watching, 0);
    if (strcmp(asked, "HOME") != 0) {
        wrong("whoever asks", "is not seen");
    }
    asked[0] = 0;
}

static const char *hanging(sai_switch_profile_id_t profile, const char *variable)
{
    (void)profile;
    return strcmp(variable, "SAI_SIM_FAULTS") ? NULL : "create neighbor hang";
}

static void guest_hang(void)
{
    struct box box;
    mlagsync_session_t session = MLAGSYNC_INIT(mlagsync_session_t);
    double end = now_s() + PATIENCE_S, begin, took;
    char why[64];

    atomic_store(&watching, 1);
    box_up(&box, "guest");
    tell(&box, 0x0a100001);
    learn(&box, 0x0a100101, 1);
    while (!session.asic_hangs) {
        must("mlagsync_session", mlagsync_session(box.sync, &session));
        if (now_s() > end) {
            wrong("the SAI call", "does not hang");
        }
        breathe();
    }
    begin = now_s();
    if (mlagsync_stop(box.sync, 2000) != MLAGSYNC_LEFT_BEHIND) {
        wrong("mlagsync_stop", "does not say that a thread is left behind");
    }
    took = now_s() - begin;
    snprintf(why, sizeof why, "took %.3f s", took);
    /* The header: within the time and a second. */
    if (took > 3.0) {
        wrong("mlagsync_stop", why);
    }
    await_threads("mlag-asic");
    if (mlagsync_free(box.sync) != MLAGSYNC_LEFT_BEHIND) {
        wrong("mlagsync_free", "does not say that a thread is left behind");
    }
    atomic_store(&watching, 0);
}

int main(int argc, char **argv)
{
    static const sai_service_method_table_t plain = {profile_get_value, profile_get_next_value};
    static const sai_service_method_table_t hangs = {hanging, profile_get_next_value};
    guest_sees();
    if (argc == 4 && !strcmp(argv[1], "pair")) {
        sai_up(&plain);
        guest_pair(argv[2], argv[3]);
    } else if (argc == 2 && !strcmp(argv[1], "hang")) {
        sai_up(&hangs);
        guest_hang();
    } else {
        fprintf(stderr, "usage: guest pair A B | guest hang\n");
        return 2;
    }
    (void)nos_main;
    fflush(stdout);
    _exit(0);
}
