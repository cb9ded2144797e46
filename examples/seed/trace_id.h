// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <opentelemetry/trace/span.h>

// As it is shown, and searched for, everywhere: 32 hexadecimal digits.
inline std::string trace_id_of(opentelemetry::trace::Span& span) {
    std::string text(32, '0');
    span.GetContext().trace_id().ToLowerBase16(opentelemetry::nostd::span<char, 32>(text.data(), 32));
    return text;
}
