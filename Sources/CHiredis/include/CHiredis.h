#pragma once
// hiredis for Swift: its functions with pointers to pointers behind ones that take flat memory, and
// a limit that its reader lacks. Swift imports the rest of hiredis as it is.
#include <hiredis/hiredis.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>

/// The most elements of one array in a reply. hiredis reserves memory for as many as the server
/// announces, before any of them has come.
#define ISTHMUS_REDIS_MAXIMUM_ELEMENTS 65536

/// Appends a command to what is to be sent: `count` arguments that lie in `bytes` one after
/// another, each as long as `lengths` says. Gives REDIS_OK or REDIS_ERR.
int isthmus_redis_append(
    redisContext *context, const uint8_t *bytes, const size_t *lengths, int count);

/// Lets the reader refuse longer arrays than the limit, as if there were no memory for them.
void isthmus_redis_limit_arrays(redisContext *context);
