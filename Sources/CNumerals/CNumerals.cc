#include "CNumerals.h"

#include <charconv>
#include <cstdlib>
#include <string>

extern "C" {

size_t isthmus_write_fixed(double value, char *text) {
    return std::to_chars(text, text + ISTHMUS_NUMERAL_CAPACITY, value, std::chars_format::fixed)
               .ptr -
           text;
}

size_t isthmus_write_scientific(double value, char *text) {
    return std::to_chars(text, text + ISTHMUS_NUMERAL_CAPACITY, value,
                         std::chars_format::scientific)
               .ptr -
           text;
}

size_t isthmus_write_decimals(double value, int digits, char *text) {
    return std::to_chars(text, text + ISTHMUS_NUMERAL_CAPACITY, value, std::chars_format::fixed,
                         digits)
               .ptr -
           text;
}

size_t isthmus_write_exponent(double value, int digits, char *text) {
    return std::to_chars(text, text + ISTHMUS_NUMERAL_CAPACITY, value,
                         std::chars_format::scientific, digits)
               .ptr -
           text;
}

bool isthmus_read_double(const char *text, size_t length, double *value) {
    const auto result = std::from_chars(text, text + length, *value);
    if (result.ptr != text + length || length == 0) return false;
    if (result.ec == std::errc()) return true;
    if (result.ec != std::errc::result_out_of_range) return false;
    // Out of range: the C library knows which side, and from_chars does not say.
    *value = std::strtod(std::string(text, length).c_str(), nullptr);
    return true;
}
}
