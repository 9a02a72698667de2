// Streaming gzip and zstd compression over zlib and libzstd: one opaque compressor, fed piece by
// piece. Compression only; the libraries' own headers are here for whoever must read such bytes.
#ifndef ISTHMUS_CCOMPRESSION_H
#define ISTHMUS_CCOMPRESSION_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

typedef struct isthmus_compressor isthmus_compressor;

enum {
    ISTHMUS_COMPRESSION_ERROR = -1,
    // All input is taken; at the end of the stream, all output is written too.
    ISTHMUS_COMPRESSION_DONE = 0,
    // Call again with more room for output and the rest of the input.
    ISTHMUS_COMPRESSION_MORE = 1,
};

// NULL where there is no memory.
isthmus_compressor *isthmus_gzip_begin(int level);
isthmus_compressor *isthmus_zstd_begin(int level);
void isthmus_compressor_free(isthmus_compressor *compressor);

// Compresses from `input` into `output`. `*input_count` and `*output_count` are the bytes there
// are, and are set to the bytes that were taken and written. `is_last` ends the stream.
int isthmus_compress(
    isthmus_compressor *compressor, const uint8_t *input, size_t *input_count, uint8_t *output,
    size_t *output_count, int is_last);

#endif
