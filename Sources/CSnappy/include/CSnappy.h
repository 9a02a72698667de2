#pragma once
// Snappy for Swift: whole blocks, compressed and uncompressed. Its functions are imported as they
// are.
#include <snappy-c.h>
