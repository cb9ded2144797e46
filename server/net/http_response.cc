// SPDX-License-Identifier: Apache-2.0
#include "net/http_response.h"

#include "net/decompress.h"

#include <algorithm>
#include <ctime>
#include <iterator>

#include <fmt/format.h>

namespace skua::net {
namespace {

// Below it one packet carries the answer anyway; above it the thread would be busy for a second.
constexpr std::size_t kCompressMin = 1024;
constexpr std::size_t kCompressMax = std::size_t{128} << 20;

bool is_compressible(std::string_view content_type) {
    static constexpr std::string_view kPrefixes[] = {"text/", "application/json", "application/javascript",
                                                     "image/svg+xml", "application/manifest+json"};
    return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                       [&](std::string_view prefix) { return content_type.starts_with(prefix); });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

bool has_header(const api::HttpResponse& response, std::string_view lower_case_name) {
    return std::any_of(response.headers.begin(), response.headers.end(), [&](const api::Header& header) {
        return std::equal(header.first.begin(), header.first.end(), lower_case_name.begin(), lower_case_name.end(),
                          [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    });
}

// RFC 9110, section 5.6.7; formatted once per second and thread.
std::string_view http_date() {
    thread_local std::time_t last = 0;
    thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != last || text.empty()) {
        static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm utc{};
        ::gmtime_r(&now, &utc);
        text = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                           kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
        last = now;
    }
    return text;
}

bool may_have_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

void compress(WireResponse& wire, std::string& extra_headers) {
    std::string packed = gzip_compress(wire.body_view());
    if (packed.empty() || packed.size() >= wire.body_view().size()) return;
    wire.body = std::move(packed);
    wire.shared_body = nullptr;
    extra_headers += "Content-Encoding: gzip\r\n";
}

// An answer that came compressed, for a client that does not take it so. The budget is only the answer's own.
void undo_gzip(api::HttpResponse& response) {
    const auto is_gzip = [](const api::Header& header) {
        return header.first == "Content-Encoding" && header.second == "gzip";
    };
    const auto header = std::find_if(response.headers.begin(), response.headers.end(), is_gzip);
    if (header == response.headers.end()) return;
    ByteBudget budget(2 * kCompressMax);
    ByteLease lease(budget);
    auto plain = decompress(ContentCoding::kGzip, response.shared_body ? *response.shared_body : response.body,
                            kCompressMax, lease);
    if (!plain) return;
    response.headers.erase(header);
    response.headers.emplace_back("Vary", "Accept-Encoding");
    response.body = std::move(plain).value();
    response.shared_body = nullptr;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const std::size_t end = accept_encoding.find(',');
        std::string_view entry = accept_encoding.substr(0, end);
        accept_encoding = end == std::string_view::npos ? std::string_view() : accept_encoding.substr(end + 1);
        entry.remove_prefix(std::min(entry.find_first_not_of(" \t"), entry.size()));
        const std::string_view name = entry.substr(0, entry.find_first_of(" ;\t"));
        if (name != "gzip" && name != "*") continue;
        const std::size_t q = entry.find("q=");
        // "q=0", "q=0.0", "q=0.000" refuse; everything else accepts.
        return q == std::string_view::npos || entry.substr(q + 2).find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        // clang-format off
        case 200: return "OK";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 499: return "Client Closed Request";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Status";
            // clang-format on
    }
}

api::HttpResponse text_response(int status, std::string text) {
    api::HttpResponse response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(text) + "\n";
    return response;
}

WireResponse to_wire(api::HttpResponse response, const WireOptions& options) {
    if (!options.accepts_gzip) undo_gzip(response);
    WireResponse wire;
    wire.body = std::move(response.body);
    wire.shared_body = std::move(response.shared_body);
    std::string extra;
    const std::size_t size = wire.body_view().size();
    if (is_compressible(response.content_type) && size >= kCompressMin && size <= kCompressMax &&
        !has_header(response, "content-encoding")) {
        if (!has_header(response, "vary")) extra += "Vary: Accept-Encoding\r\n";
        if (options.accepts_gzip) compress(wire, extra);
    }
    fmt::memory_buffer head;
    auto out = std::back_inserter(head);
    fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status), http_date());
    if (!response.content_type.empty() && !has_control(response.content_type)) {
        fmt::format_to(out, "Content-Type: {}\r\n", response.content_type);
    }
    for (const auto& [name, value] : response.headers) {
        if (!has_control(name) && !has_control(value)) fmt::format_to(out, "{}: {}\r\n", name, value);
    }
    if (may_have_body(response.status)) fmt::format_to(out, "Content-Length: {}\r\n", wire.body_view().size());
    if (!options.keep_alive) {
        extra += "Connection: close\r\n";
    } else if (options.is_http_1_0) {
        extra += "Connection: keep-alive\r\n";
    }
    fmt::format_to(out, "{}\r\n", extra);
    wire.head.assign(head.data(), head.size());
    if (options.is_head || !may_have_body(response.status)) {
        wire.body.clear();
        wire.shared_body = nullptr;
    }
    return wire;
}

}  // namespace skua::net
