#pragma once
// The system's resolver for Swift, for the records that `getaddrinfo` does not ask for. Its state
// is a structure with bit fields and macros, which Swift does not import.
#include <stddef.h>
#include <stdint.h>

/// How a question ended that got no answer.
enum {
    /// There is no such name, or it has no such records.
    ISTHMUS_RESOLVER_NOTHING = -1,
    /// No server gave an answer that could be used.
    ISTHMUS_RESOLVER_NO_ANSWER = -2,
};

/// Asks for the records of a type (RFC 1035) and class IN, with the system's search list, and puts
/// the whole message into `answer`. Gives its length, or one of the numbers above. Blocks.
///
/// A `port` that is not 0 is that of a server at 127.0.0.1 to ask in place of the system's.
int isthmus_resolver_ask(
    const char *name, int type, uint16_t port, uint8_t *answer, size_t size);
