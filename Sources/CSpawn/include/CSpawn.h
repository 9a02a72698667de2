#ifndef CSPAWN_H
#define CSPAWN_H

#include <spawn.h>
#include <sys/types.h>

/* What the system offers beyond POSIX for child processes, which Swift does not see.
   Each gives 0, or an error's number. */

/* Opens a pipe whose ends no other program inherits. */
int isthmus_open_pipe(int ends[2]);

/* Has the program begin without the files from this one on. */
int isthmus_close_files_from(posix_spawn_file_actions_t *actions, int first);

/* Has the kernel end the process after so many seconds of processor time, and refuse it more than
   so many bytes of addresses. */
int isthmus_limit_process(pid_t process, unsigned long seconds, unsigned long bytes);

#endif
