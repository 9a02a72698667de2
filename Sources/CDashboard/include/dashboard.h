// The page's files as they are in the program.
#ifndef ISTHMUS_DASHBOARD_H
#define ISTHMUS_DASHBOARD_H

#include <stddef.h>

// One file.
struct dashboard_file {
    // Where it is served: "/page/app.js".
    const char *path;
    const char *media_type;
    const unsigned char *bytes;
    size_t size;
};

// All files, `*count` of them. They live as long as the program does.
const struct dashboard_file *dashboard_files(size_t *count);

#endif
