// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <system_error>

namespace skua::base {

std::string_view to_string(Code code) {
    switch (code) {
        case Code::kInvalidArgument:
            return "invalid argument";
        case Code::kNotFound:
            return "not found";
        case Code::kResourceExhausted:
            return "resource exhausted";
        case Code::kTooLarge:
            return "too large";
        case Code::kUnavailable:
            return "unavailable";
        case Code::kUnimplemented:
            return "unimplemented";
        case Code::kCancelled:
            return "cancelled";
        case Code::kDeadlineExceeded:
            return "deadline exceeded";
        case Code::kIo:
            return "i/o error";
        case Code::kCorruption:
            return "corruption";
        case Code::kInternal:
            return "internal error";
    }
    return "unknown";
}

Error errno_error(std::string_view what, int errno_value) {
    return {Code::kIo, std::string(what) + ": " + std::generic_category().message(errno_value)};
}

}  // namespace skua::base
