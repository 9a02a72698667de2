#pragma once
// Shortest decimal texts of doubles and back, by the C++ standard library.
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Room that any text written here fits in, bytes.
#define ISTHMUS_NUMERAL_CAPACITY 400

/// Writes the shortest text that reads back as `value`, without an exponent. Returns its length.
size_t isthmus_write_fixed(double value, char *text);
/// The same in the form `1.5e+21`, two digits of exponent at least. Returns its length.
size_t isthmus_write_scientific(double value, char *text);
/// Writes `value` with exactly `digits` decimals. Returns its length.
size_t isthmus_write_decimals(double value, int digits, char *text);
/// Writes `value` in the form `1.50e+21` with exactly `digits` decimals. Returns its length.
size_t isthmus_write_exponent(double value, int digits, char *text);
/// Reads a decimal number (no sign `+`, no hexadecimal) that takes all of `text`. Overflow reads
/// as an infinity and underflow as zero. False where the text is no such number.
bool isthmus_read_double(const char *text, size_t length, double *value);

#ifdef __cplusplus
}
#endif
