#include "CCompression.h"

#include <limits.h>
#include <stdlib.h>

// Exactly one of the two is in use.
struct isthmus_compressor {
    z_stream gzip;
    ZSTD_CCtx *zstd;
};

isthmus_compressor *isthmus_gzip_begin(int level) {
    isthmus_compressor *compressor = calloc(1, sizeof *compressor);
    if (compressor == NULL) return NULL;
    // 15 is the largest window; 16 more asks for gzip's frame.
    int status = deflateInit2(
        &compressor->gzip, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    if (status != Z_OK) {
        free(compressor);
        return NULL;
    }
    return compressor;
}

isthmus_compressor *isthmus_zstd_begin(int level) {
    isthmus_compressor *compressor = calloc(1, sizeof *compressor);
    if (compressor == NULL) return NULL;
    compressor->zstd = ZSTD_createCCtx();
    if (compressor->zstd == NULL) {
        free(compressor);
        return NULL;
    }
    size_t status = ZSTD_CCtx_setParameter(
        compressor->zstd, ZSTD_c_compressionLevel, level);
    if (ZSTD_isError(status)) {
        isthmus_compressor_free(compressor);
        return NULL;
    }
    return compressor;
}

void isthmus_compressor_free(isthmus_compressor *compressor) {
    if (compressor == NULL) return;
    if (compressor->zstd != NULL) {
        ZSTD_freeCCtx(compressor->zstd);
    } else {
        deflateEnd(&compressor->gzip);
    }
    free(compressor);
}

static int compress_gzip(
    z_stream *stream, const uint8_t *input, size_t *input_count, uint8_t *output,
    size_t *output_count, int is_last) {
    // zlib counts in unsigned int.
    int is_cut = *input_count > UINT_MAX;
    uInt available_in = is_cut ? UINT_MAX : (uInt)*input_count;
    uInt available_out = *output_count > UINT_MAX ? UINT_MAX : (uInt)*output_count;
    stream->next_in = (Bytef *)input;
    stream->avail_in = available_in;
    stream->next_out = output;
    stream->avail_out = available_out;
    int status = deflate(stream, is_last && !is_cut ? Z_FINISH : Z_NO_FLUSH);
    *input_count = available_in - stream->avail_in;
    *output_count = available_out - stream->avail_out;
    if (status == Z_STREAM_END) return ISTHMUS_COMPRESSION_DONE;
    // Z_BUF_ERROR says that nothing could be done, which is no failure.
    if (status != Z_OK && status != Z_BUF_ERROR) return ISTHMUS_COMPRESSION_ERROR;
    if (is_cut || is_last || stream->avail_in > 0) return ISTHMUS_COMPRESSION_MORE;
    return stream->avail_out == 0 ? ISTHMUS_COMPRESSION_MORE : ISTHMUS_COMPRESSION_DONE;
}

static int compress_zstd(
    ZSTD_CCtx *context, const uint8_t *input, size_t *input_count, uint8_t *output,
    size_t *output_count, int is_last) {
    ZSTD_inBuffer in = {input, *input_count, 0};
    ZSTD_outBuffer out = {output, *output_count, 0};
    size_t rest =
        ZSTD_compressStream2(context, &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
    *input_count = in.pos;
    *output_count = out.pos;
    if (ZSTD_isError(rest)) return ISTHMUS_COMPRESSION_ERROR;
    if (is_last) return rest == 0 ? ISTHMUS_COMPRESSION_DONE : ISTHMUS_COMPRESSION_MORE;
    return in.pos == in.size ? ISTHMUS_COMPRESSION_DONE : ISTHMUS_COMPRESSION_MORE;
}

int isthmus_compress(
    isthmus_compressor *compressor, const uint8_t *input, size_t *input_count, uint8_t *output,
    size_t *output_count, int is_last) {
    if (compressor->zstd != NULL) {
        return compress_zstd(
            compressor->zstd, input, input_count, output, output_count, is_last);
    }
    return compress_gzip(
        &compressor->gzip, input, input_count, output, output_count, is_last);
}
