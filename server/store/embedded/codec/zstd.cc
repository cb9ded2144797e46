// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/zstd.h"

#include <memory>

#include <zstd.h>

namespace skua::store::embedded {
namespace {

struct FreeCompressor {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
};

ZSTD_CCtx* compressor() {
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context = [] {
        std::unique_ptr<ZSTD_CCtx, FreeCompressor> c(ZSTD_createCCtx());
        ZSTD_CCtx_setParameter(c.get(), ZSTD_c_compressionLevel, 1);
        ZSTD_CCtx_setParameter(c.get(), ZSTD_c_contentSizeFlag, 0);  // we store the size ourselves
        return c;
    }();
    return context.get();
}

}  // namespace

std::size_t zstd_append(std::string_view in, std::string& out) {
    const std::size_t before = out.size();
    const std::size_t bound = ZSTD_compressBound(in.size());
    out.resize(before + bound);
    const std::size_t written = ZSTD_compress2(compressor(), out.data() + before, bound, in.data(), in.size());
    // Cannot fail: the buffer has the size that the library asks for.
    out.resize(before + written);
    return written;
}

bool zstd_into(std::string_view frame, char* out, std::size_t size) {
    thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
    return ZSTD_decompressDCtx(context.get(), out, size, frame.data(), frame.size()) == size;
}

}  // namespace skua::store::embedded
