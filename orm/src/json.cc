// SPDX-License-Identifier: Apache-2.0
// RFC 8259, as far as columns need it: strict, UTF-8 taken as it is, depth bounded.
#include <charconv>
#include <cmath>

#include <skua/orm/json.hpp>

namespace skua::orm::detail {
namespace {

constexpr int max_depth = 64;

bool is_digit(char ch) noexcept {
    return ch >= '0' && ch <= '9';
}

void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&](unsigned v) { out += static_cast<char>(v); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xc0 | code >> 6);
        byte(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        byte(0xe0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    } else {
        byte(0xf0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3f));
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    }
}

template <class N>
void append_number(std::string& out, N v) {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, v).ptr);
}

}  // namespace

// ---- writing

void json_text(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char ch : text) {
        const auto byte = static_cast<unsigned char>(ch);
        if (ch == '"' || ch == '\\') {
            out += '\\';
            out += ch;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += ch;
        }
    }
    out += '"';
}
void json_integer(std::string& out, std::int64_t v) {
    append_number(out, v);
}
void json_unsigned(std::string& out, std::uint64_t v) {
    append_number(out, v);
}
void json_real(std::string& out, double v) {
    std::isfinite(v) ? append_number(out, v) : static_cast<void>(out += "null");
}

// ---- reading

void json_reader::space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
}
bool json_reader::at_end() noexcept {
    space();
    return good_ && at_ == end_;
}
bool json_reader::expect(char ch) noexcept {
    space();
    if (!good_ || at_ == end_ || *at_ != ch) return fail();
    ++at_;
    return true;
}
bool json_reader::word(std::string_view what) noexcept {
    space();
    if (!good_ || static_cast<std::size_t>(end_ - at_) < what.size() || std::string_view(at_, what.size()) != what)
        return false;
    at_ += what.size();
    return true;
}
bool json_reader::null() noexcept {
    return word("null");
}
bool json_reader::boolean(bool& into) noexcept {
    into = word("true");
    return into || word("false") || fail();
}

bool json_reader::number(std::string_view& text) noexcept {
    space();
    const char* p = at_;
    if (p != end_ && *p == '-') ++p;
    const char* const whole = p;
    while (p != end_ && is_digit(*p)) ++p;
    if (p == whole || (*whole == '0' && p - whole > 1)) return fail();
    if (p != end_ && *p == '.') {
        const char* const fraction = ++p;
        while (p != end_ && is_digit(*p)) ++p;
        if (p == fraction) return fail();
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p != end_ && (*p == '+' || *p == '-')) ++p;
        const char* const exponent = p;
        while (p != end_ && is_digit(*p)) ++p;
        if (p == exponent) return fail();
    }
    text = {at_, static_cast<std::size_t>(p - at_)};
    at_ = p;
    return good_;
}

bool json_reader::integer(std::int64_t low, std::uint64_t high, std::int64_t& into) noexcept {
    std::string_view text;
    if (!number(text)) return false;
    const char* const end = text.data() + text.size();
    if (text.front() == '-') {
        std::int64_t v = 0;
        const auto got = std::from_chars(text.data(), end, v);
        if (got.ec != std::errc() || got.ptr != end || v < low) return fail();
        into = v;
        return true;
    }
    std::uint64_t v = 0;
    const auto got = std::from_chars(text.data(), end, v);
    if (got.ec != std::errc() || got.ptr != end || v > high) return fail();
    into = static_cast<std::int64_t>(v);
    return true;
}

bool json_reader::real(double& into) noexcept {
    std::string_view text;
    if (!number(text)) return false;
    return std::from_chars(text.data(), text.data() + text.size(), into).ec == std::errc() || fail();
}

bool json_reader::unicode(unsigned& into) noexcept {
    if (end_ - at_ < 4) return fail();
    const auto got = std::from_chars(at_, at_ + 4, into, 16);
    if (got.ptr != at_ + 4 || *at_ == '-') return fail();
    at_ += 4;
    return true;
}

// Behind the backslash.
bool json_reader::escape(std::string* into) {
    if (at_ == end_) return fail();
    const char ch = *at_++;
    char plain = ch;
    switch (ch) {
        case '"':
        case '\\':
        case '/':
            break;
        case 'b':
            plain = '\b';
            break;
        case 'f':
            plain = '\f';
            break;
        case 'n':
            plain = '\n';
            break;
        case 'r':
            plain = '\r';
            break;
        case 't':
            plain = '\t';
            break;
        case 'u': {
            unsigned code = 0, low = 0;
            if (!unicode(code)) return false;
            if (code >= 0xdc00 && code < 0xe000) return fail();
            if (code >= 0xd800 && code < 0xdc00) {
                if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return fail();
                at_ += 2;
                if (!unicode(low) || low < 0xdc00 || low >= 0xe000) return fail();
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }
            if (into) append_utf8(*into, code);
            return true;
        }
        default:
            return fail();
    }
    if (into) *into += plain;
    return true;
}

bool json_reader::quoted(std::string* into) {
    if (!expect('"')) return false;
    if (into) into->clear();
    while (at_ != end_ && *at_ != '"') {
        const char ch = *at_++;
        if (static_cast<unsigned char>(ch) < 0x20) return fail();
        if (ch == '\\') {
            if (!escape(into)) return false;
        } else if (into) {
            *into += ch;
        }
    }
    return expect('"');
}
bool json_reader::text(std::string& into) {
    return quoted(&into);
}

bool json_reader::begin(char open) noexcept {
    return expect(open) && (++depth_ <= max_depth || fail());
}
bool json_reader::more(char close, bool& first) noexcept {
    space();
    if (!good_) return false;
    if (at_ != end_ && *at_ == close) {
        ++at_;
        --depth_;
        return false;
    }
    if (!first && !expect(',')) return false;
    first = false;
    return true;
}
bool json_reader::key(std::string& into) {
    return text(into) && expect(':');
}

bool json_reader::skip() noexcept {
    space();
    if (!good_ || at_ == end_) return fail();
    const char ch = *at_;
    if (ch == '"') return quoted(nullptr);
    if (ch == '[' || ch == '{') {
        const char close = ch == '[' ? ']' : '}';
        bool first = true;
        if (!begin(ch)) return false;
        while (more(close, first)) {
            if (ch == '{' && !(quoted(nullptr) && expect(':'))) return false;
            if (!skip()) return false;
        }
        return good_;
    }
    if (word("true") || word("false") || word("null")) return true;
    std::string_view text;
    return number(text);
}
bool json_reader::raw(std::string_view& value) noexcept {
    space();
    const char* const from = at_;
    if (!skip()) return false;
    value = {from, static_cast<std::size_t>(at_ - from)};
    return true;
}

bool json_reader::scalar(value_view& into, scratch& keeper) {
    space();
    if (!good_ || at_ == end_ || *at_ == '[' || *at_ == '{') return fail();
    if (*at_ == '"') {
        std::string text;
        if (!quoted(&text)) return false;
        into = value_view::text(keeper.keep(std::move(text)));
        return true;
    }
    if (null()) {
        into = value_view();
        return true;
    }
    if (*at_ == 't' || *at_ == 'f') {
        bool v = false;
        if (!boolean(v)) return false;
        into = value_view::boolean(v);
        return true;
    }
    std::string_view text;
    if (!number(text)) return false;
    std::int64_t n = 0;
    const auto got = std::from_chars(text.data(), text.data() + text.size(), n);
    if (got.ec == std::errc() && got.ptr == text.data() + text.size()) {
        into = value_view::integer(n);
        return true;
    }
    double d = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), d).ec != std::errc()) return fail();
    into = value_view::real(d);
    return true;
}

bool is_json(std::string_view text) noexcept {
    json_reader reader(text);
    std::string_view value;
    return reader.raw(value) && reader.at_end();
}

// ---- described structs

void json_write_fields(std::string& out, const model_info& info, const void* object) {
    scratch keeper;
    out += '{';
    bool first = true;
    for (const field_info& f : info.fields) {
        if (!first) out += ',';
        first = false;
        json_text(out, f.column);
        out += ':';
        const value_view v = f.ops->view(f.in(object), keeper);
        switch (v.kind()) {
            case value_kind::boolean:
                out += v.as_integer() ? "true" : "false";
                break;
            case value_kind::integer:
                json_integer(out, v.as_integer());
                break;
            case value_kind::real:
                json_real(out, v.as_real());
                break;
            case value_kind::text:
                f.ops->type.format == sql_format::json ? static_cast<void>(out += v.as_bytes())
                                                       : json_text(out, v.as_bytes());
                break;
            case value_kind::moment: {
                char text[time_text_max];
                json_text(out, {text, format_time(text, v.as_integer())});
                break;
            }
            case value_kind::blob: {
                std::string hex;
                append_literal(hex, v);  // x'00ff'
                json_text(out, std::string_view(hex).substr(2, hex.size() - 3));
                break;
            }
            case value_kind::null:
                out += "null";
        }
    }
    out += '}';
}

namespace {

bool from_hex(std::string_view text, std::string& bytes) {
    if (text.size() % 2) return false;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        unsigned byte = 0;
        const auto got = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        if (got.ptr != text.data() + i + 2) return false;
        bytes += static_cast<char>(byte);
    }
    return true;
}

bool read_field(json_reader& from, const field_info& f, void* object, scratch& keeper) {
    value_view v;
    if (f.ops->type.format == sql_format::json) {
        std::string_view raw;
        if (!from.raw(raw)) return false;
        v = value_view::text(raw);
    } else {
        if (!from.scalar(v, keeper)) return false;
        std::string bytes;
        if (f.ops->type.kind == value_kind::blob && v.kind() == value_kind::text) {
            if (!from_hex(v.as_bytes(), bytes)) return false;
            v = value_view::blob(keeper.keep(std::move(bytes)));
        }
    }
    return f.ops->read(f.in(object), v) == read_status::good;
}

}  // namespace

bool json_read_fields(json_reader& from, const model_info& info, void* object) {
    if (!from.begin('{')) return false;
    bool first = true;
    std::string name;
    scratch keeper;
    while (from.more('}', first)) {
        if (!from.key(name)) return false;
        const field_info* f = info.by_column(name);
        std::string_view ignored;
        if (f ? !read_field(from, *f, object, keeper) : !from.raw(ignored)) return false;
    }
    return from.good();
}

}  // namespace skua::orm::detail
