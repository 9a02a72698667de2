#pragma once
// RE2 for Swift: the regular-expression dialect of PromQL. Linear time, no back references.
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct isthmus_re2 isthmus_re2;

/// Compiles `pattern`; a dot matches a newline too, as in Prometheus 3. Never null: ask
/// `isthmus_re2_error`. Freed with `isthmus_re2_free`.
isthmus_re2 *isthmus_re2_make(const char *pattern, size_t length);
void isthmus_re2_free(isthmus_re2 *re);

/// The reason why the pattern is none, or null where it is one. Lives as long as `re`.
const char *isthmus_re2_error(const isthmus_re2 *re);
/// The part of the pattern that the error is about. Lives as long as `re`.
const char *isthmus_re2_error_argument(const isthmus_re2 *re);

/// Whether the whole of `text` matches.
bool isthmus_re2_matches(const isthmus_re2 *re, const char *text, size_t length);

/// The number of groups, without the whole match.
int isthmus_re2_group_count(const isthmus_re2 *re);
/// The number of the group called `name`, or -1.
int isthmus_re2_group_named(const isthmus_re2 *re, const char *name, size_t length);

/// Matches the whole of `text` and writes `count` spans (offset, length pairs; -1 where a group
/// took no part), the whole match first.
bool isthmus_re2_groups(
    const isthmus_re2 *re, const char *text, size_t length, ptrdiff_t *spans, int count);

/// Finds the leftmost match that begins at `start` or behind it, and writes `count` spans as above.
bool isthmus_re2_search(
    const isthmus_re2 *re, const char *text, size_t length, size_t start, ptrdiff_t *spans,
    int count);

#ifdef __cplusplus
}
#endif
