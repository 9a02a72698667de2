#include "CHiredis.h"

#include <pthread.h>
#include <stdlib.h>

int isthmus_redis_append(
    redisContext *context, const uint8_t *bytes, const size_t *lengths, int count) {
    const char **arguments = malloc(sizeof(const char *) * (size_t)count);
    if (arguments == NULL) return REDIS_ERR;
    const char *next = (const char *)bytes;
    for (int index = 0; index < count; index++) {
        arguments[index] = next;
        next += lengths[index];
    }
    int outcome = redisAppendCommandArgv(context, count, arguments, lengths);
    free(arguments);
    return outcome;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static redisReplyObjectFunctions limited;
static void *(*create_array)(const redisReadTask *, int);

static void *create_limited_array(const redisReadTask *task, int elements) {
    return elements > ISTHMUS_REDIS_MAXIMUM_ELEMENTS ? NULL : create_array(task, elements);
}

// The functions that make replies are hiredis's own, which only a reader of its own names.
static void prepare(void) {
    redisReader *reader = redisReaderCreate();
    if (reader == NULL) return;
    limited = *reader->fn;
    create_array = limited.createArray;
    limited.createArray = create_limited_array;
    redisReaderFree(reader);
}

void isthmus_redis_limit_arrays(redisContext *context) {
    pthread_once(&once, prepare);
    if (create_array != NULL) context->reader->fn = &limited;
}
