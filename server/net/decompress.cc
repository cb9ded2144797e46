// SPDX-License-Identifier: Apache-2.0
#include "net/decompress.h"

#include <algorithm>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

namespace skua::net {
namespace {

constexpr std::size_t kFirstBuffer = 16 * 1024;
// A frame may ask for a window of this size and no more (32 MiB; level 19 needs 8 MiB).
constexpr int kZstdWindowLogMax = 25;
constexpr int kGzipLevel = 1;
constexpr int kGzipWindowBits = 15 + 16;  // zlib.h: 16 adds the gzip wrapper

base::Error broken(std::string_view what, std::string_view why) {
    return {base::Code::kInvalidArgument, fmt::format("cannot decompress {}: {}", what, why)};
}

// Output that grows by doubling, never past the bound and never without room in the budget.
class Output {
public:
    Output(std::size_t bytes_max, ByteLease& lease) : bytes_max_(bytes_max), lease_(lease), held_(lease.bytes()) {}

    // Room for at least one byte more. The bound plus one byte may be reached: that one proves that it is too much.
    base::Status make_room() {
        if (size_ < bytes_.size()) return {};
        if (size_ > bytes_max_) return too_large();
        const std::size_t want = std::min(std::max(bytes_.size() * 2, kFirstBuffer), bytes_max_ + 1);
        if (!lease_.grow_to(held_ + want)) {
            return base::Error{base::Code::kResourceExhausted, "cannot take the request: too many bytes in flight"};
        }
        bytes_.resize(want);
        return {};
    }
    [[nodiscard]] char* at() { return bytes_.data() + size_; }
    [[nodiscard]] std::size_t room() const { return bytes_.size() - size_; }
    void written(std::size_t n) { size_ += n; }
    base::Result<std::string> finish() && {
        if (size_ > bytes_max_) return too_large();
        bytes_.resize(size_);
        return std::move(bytes_);
    }

private:
    [[nodiscard]] base::Error too_large() const {
        return {base::Code::kTooLarge,
                fmt::format("cannot take the request: more than {} bytes after decompression", bytes_max_)};
    }

    const std::size_t bytes_max_;
    ByteLease& lease_;
    const std::size_t held_;
    std::string bytes_;
    std::size_t size_ = 0;
};

base::Result<std::string> inflate_all(std::string_view bytes, int window_bits, std::string_view what,
                                      std::size_t bytes_max, ByteLease& lease) {
    if (bytes.size() > std::numeric_limits<uInt>::max()) return broken(what, "longer than 4 GiB");
    z_stream stream{};
    if (inflateInit2(&stream, window_bits) != Z_OK) {
        return base::Error{base::Code::kResourceExhausted, "cannot decompress: no memory"};
    }
    const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, &inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    Output output(bytes_max, lease);
    for (;;) {
        SKUA_RETURN_IF_ERROR(output.make_room());
        const auto room = static_cast<uInt>(output.room());
        stream.next_out = reinterpret_cast<Bytef*>(output.at());
        stream.avail_out = room;
        const int code = inflate(&stream, Z_NO_FLUSH);
        output.written(room - stream.avail_out);
        if (code == Z_STREAM_END) {
            if (stream.avail_in == 0) return std::move(output).finish();
            if (inflateReset(&stream) != Z_OK) return broken(what, "bad member");  // gzip may have several members
            continue;
        }
        if (code == Z_OK && stream.avail_out == 0) continue;
        if (code == Z_OK || code == Z_BUF_ERROR) return broken(what, "data is cut off");
        return broken(what, stream.msg != nullptr ? stream.msg : "bad data");
    }
}

base::Result<std::string> decompress_zlib(std::string_view bytes, std::size_t bytes_max, ByteLease& lease) {
    // RFC 1950: the first two bytes, read as a big endian number, are a multiple of 31, and the method is 8.
    const bool has_header =
        bytes.size() >= 2 && (bytes[0] & 0x0F) == 8 &&
        (static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1])) % 31 == 0;
    return inflate_all(bytes, has_header ? 15 : -15, "deflate", bytes_max, lease);
}

base::Result<std::string> decompress_zstd(std::string_view bytes, std::size_t bytes_max, ByteLease& lease) {
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    if (context == nullptr) return base::Error{base::Code::kResourceExhausted, "cannot decompress: no memory"};
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    Output output(bytes_max, lease);
    std::size_t pending = 1;  // 0: at the end of a frame
    while (in.pos < in.size || pending != 0) {
        SKUA_RETURN_IF_ERROR(output.make_room());
        ZSTD_outBuffer out{output.at(), output.room(), 0};
        const std::size_t before = in.pos;
        pending = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(pending) != 0) return broken("zstd", ZSTD_getErrorName(pending));
        output.written(out.pos);
        const bool is_stuck = in.pos == before && out.pos < out.size;
        if (pending != 0 && is_stuck) return broken("zstd", "data is cut off");
    }
    return std::move(output).finish();
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

}  // namespace

std::optional<ContentCoding> parse_content_coding(std::string_view name) {
    struct Entry {
        std::string_view name;
        ContentCoding coding;
    };
    static constexpr Entry kNames[] = {{"", ContentCoding::kIdentity},    {"identity", ContentCoding::kIdentity},
                                       {"gzip", ContentCoding::kGzip},    {"zlib", ContentCoding::kZlib},
                                       {"deflate", ContentCoding::kZlib}, {"zstd", ContentCoding::kZstd},
                                       {"x-gzip", ContentCoding::kGzip}};
    for (const Entry& entry : kNames) {
        if (equals_ignoring_case(name, entry.name)) return entry.coding;
    }
    return std::nullopt;
}

base::Result<std::string> decompress(ContentCoding coding, std::string_view bytes, std::size_t bytes_max,
                                     ByteLease& lease) {
    switch (coding) {
        case ContentCoding::kGzip:
            return inflate_all(bytes, kGzipWindowBits, "gzip", bytes_max, lease);
        case ContentCoding::kZlib:
            return decompress_zlib(bytes, bytes_max, lease);
        case ContentCoding::kZstd:
            return decompress_zstd(bytes, bytes_max, lease);
        case ContentCoding::kIdentity:
            break;
    }
    return std::string(bytes);
}

std::string gzip_compress(std::string_view bytes) {
    z_stream stream{};
    if (bytes.size() > std::numeric_limits<uInt>::max() / 2 ||
        deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return {};
    }
    const std::unique_ptr<z_stream, decltype(&deflateEnd)> owner(&stream, &deflateEnd);
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return {};
    out.resize(stream.total_out);
    return out;
}

}  // namespace skua::net
