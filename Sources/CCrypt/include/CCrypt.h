#pragma once
// The system's password hashes for Swift, whose structure of 32 KiB is not for its stack.

/// Whether the password has the hash: 1 or 0, or -1 where the hash is of no known form. Takes as long
/// as the hash is meant to take.
int isthmus_password_matches(const char *password, const char *hash);
