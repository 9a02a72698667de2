#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

int isthmus_open_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
}

int isthmus_close_files_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int isthmus_limit_process(pid_t process, unsigned long seconds, unsigned long bytes) {
    struct rlimit time = {seconds, seconds};
    struct rlimit memory = {bytes, bytes};
    if (prlimit(process, RLIMIT_CPU, &time, NULL) != 0) return errno;
    return prlimit(process, RLIMIT_AS, &memory, NULL) == 0 ? 0 : errno;
}
