// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_ingest/jaeger_ingest.h"

#include "api/http_error.h"
#include "api/otlp/ingest_outcome.h"
#include "api/rpc_status.h"
#include "base/log.h"

#include <fmt/format.h>

namespace skua::api {
namespace {

HttpResponse answer(const model::AppendOutcome& outcome) {
    if (outcome.status.ok()) {
        HttpResponse response;
        response.status = 202;
        return response;
    }
    const base::Error& error = outcome.status.error();
    if (error.code == base::Code::kInvalidArgument) {
        return http_error(400, "Unable to process request body: " + error.message);
    }
    const int status = ingest_http_status(error.code);
    const bool may_retry = status == 429 || status == 503;
    HttpResponse response =
        http_error(may_retry || status == 413 ? status : 500, "Cannot submit Jaeger batch: " + error.message);
    if (may_retry) {
        response.headers.emplace_back("Retry-After", std::to_string(retry_after_seconds(outcome.retry_after_ms)));
    }
    return response;
}

// A media type is two tokens with a slash between; parameters follow after ';' (RFC 9110, section 8.3.1).
bool is_parsable(std::string_view type) {
    const std::size_t slash = type.find('/');
    return slash != std::string_view::npos && slash > 0 && slash + 1 < type.size() &&
           type.find_first_of(" \t,\"(){}<>@[]?=\\") == std::string_view::npos &&
           type.find('/', slash + 1) == std::string_view::npos;
}

}  // namespace

bool is_thrift(const HttpRequest& request) {
    const std::string type = media_type(request.header("content-type").value_or(""));
    return type == "application/x-thrift" || type == "application/vnd.apache.thrift.binary";
}

DatagramHandler jaeger_datagram_handler(model::SpanWriter& writer, const model::Decoder& decoder, model::Door door,
                                        model::Encoding encoding, DoorCounters& counters, const base::Clock& clock) {
    return [&writer, &decoder, door, encoding, &counters, &clock](std::string_view datagram,
                                                                  std::function<void()> done) {
        add(counters.requests);
        const model::RawBody body{door, encoding, datagram, clock.now_ns()};
        writer.append({}, body, decoder, [&counters, done = std::move(done)](const model::AppendOutcome& outcome) {
            count_outcome(counters, outcome);
            if (!outcome.status.ok()) {
                base::log(base::Level::kDebug, "api", "a datagram was not taken: {}", outcome.status.error().message);
            }
            done();
        });
    };
}

HttpHandler jaeger_batch_handler(model::SpanWriter& writer, const model::Decoder& decoder, DoorCounters& counters,
                                 const base::Clock& clock) {
    return [&writer, &decoder, &counters, &clock](const HttpRequest& request, Respond respond) {
        add(counters.requests);
        const std::string_view content_type = request.header("content-type").value_or("");
        if (!is_thrift(request)) {
            add(counters.unreadable_requests);
            const std::string type = media_type(content_type);
            return respond(http_error(400, is_parsable(type) ? "Unsupported content type: " + type
                                           : content_type.empty()
                                               ? "Cannot parse content type: mime: no media type"
                                               : fmt::format("Cannot parse content type: {}", content_type)));
        }
        const model::RawBody body{model::Door::kJaegerHttp, model::Encoding::kJaegerBatchBinary, request.body,
                                  clock.now_ns()};
        writer.append(request.context, body, decoder,
                      [&counters, respond = std::move(respond)](const model::AppendOutcome& outcome) {
                          count_outcome(counters, outcome);
                          respond(answer(outcome));
                      });
    };
}

}  // namespace skua::api
