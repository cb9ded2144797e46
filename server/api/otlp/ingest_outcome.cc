// SPDX-License-Identifier: Apache-2.0
#include "api/otlp/ingest_outcome.h"

namespace skua::api {

int ingest_http_status(base::Code code) {
    switch (code) {
        // clang-format off
        case base::Code::kInvalidArgument: return 400;
        case base::Code::kNotFound: return 404;
        case base::Code::kResourceExhausted: return 429;
        case base::Code::kTooLarge: return 413;
        case base::Code::kUnavailable: return 503;
        case base::Code::kUnimplemented: return 404;
        case base::Code::kCancelled: return 503;  // nobody reads it but a client that has closed its half
        case base::Code::kDeadlineExceeded: return 504;
        case base::Code::kIo: return 503;  // the disk may have room again
        case base::Code::kCorruption: return 500;
        case base::Code::kInternal: return 500;
            // clang-format on
    }
    return 500;
}

std::string media_type(std::string_view content_type) {
    const std::size_t end = content_type.find(';');
    std::string type(content_type.substr(0, end));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
    while (!type.empty() && (type.front() == ' ' || type.front() == '\t')) type.erase(0, 1);
    for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return type;
}

void count_outcome(DoorCounters& counters, const model::AppendOutcome& outcome) {
    if (outcome.status.ok()) {
        add(counters.accepted_spans, outcome.counts.accepted_spans);
        add(counters.rejected_spans, outcome.counts.rejected_spans);
    } else if (outcome.status.error().code == base::Code::kInvalidArgument) {
        add(counters.unreadable_requests);
    } else {
        add(counters.failed_requests);
    }
}

}  // namespace skua::api
