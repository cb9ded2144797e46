// SPDX-License-Identifier: Apache-2.0
#include "api/http_error.h"
#include "api/otlp/export_response.h"
#include "api/otlp/ingest_outcome.h"
#include "api/otlp/otlp_ingest.h"
#include "api/rpc_status.h"

#include <memory>

namespace skua::api {
namespace {

constexpr std::string_view kProtobufType = "application/x-protobuf";
constexpr std::string_view kJsonType = "application/json";

std::optional<model::Encoding> encoding_of(std::string_view content_type) {
    const std::string type = media_type(content_type);
    if (type == kProtobufType) return model::Encoding::kOtlpProtobuf;
    if (type == kJsonType) return model::Encoding::kOtlpJson;
    return std::nullopt;
}

// The collector's texts, without a line end and without a charset.
HttpResponse collector_text(int status, std::string_view text) {
    HttpResponse response;
    response.status = status;
    response.content_type = "text/plain";
    response.body = text;
    return response;
}

HttpResponse in_encoding(int status, model::Encoding encoding, std::string body) {
    HttpResponse response;
    response.status = status;
    response.content_type = encoding == model::Encoding::kOtlpJson ? kJsonType : kProtobufType;
    response.body = std::move(body);
    return response;
}

HttpResponse failure(model::Encoding encoding, const base::Error& error, std::int64_t retry_after_ms) {
    const RpcStatus status{grpc_code(error.code), error.message, retry_after_ms};
    const bool is_json = encoding == model::Encoding::kOtlpJson;
    const int http = ingest_http_status(error.code);
    HttpResponse response =
        in_encoding(http, encoding, is_json ? rpc_status_json(status) : rpc_status_protobuf(status));
    if (http == 429 || http == 503) {
        response.headers.emplace_back("Retry-After", std::to_string(retry_after_seconds(retry_after_ms)));
    }
    return response;
}

HttpResponse success(model::Encoding encoding, const model::DecodeCounts& counts) {
    const bool is_json = encoding == model::Encoding::kOtlpJson;
    return in_encoding(200, encoding, is_json ? export_response_json(counts) : export_response_protobuf(counts));
}

class OtlpHttp {
public:
    OtlpHttp(OtlpIngest ingest, DoorCounters& counters, CorsOptions cors)
        : ingest_(std::move(ingest)), counters_(counters), cors_(std::move(cors)) {}

    void handle(const HttpRequest& request, Respond respond) const {
        if (auto preflight = cors_.preflight(request)) return respond(std::move(*preflight));
        const bool is_traces = request.path == "/v1/traces";
        const bool is_metrics = request.path == "/v1/metrics";
        if (!is_traces && !is_metrics) return finish(request, respond, page_not_found());
        if (request.method != "POST") {
            return finish(request, respond, collector_text(405, "405 method not allowed, supported: [POST]"));
        }
        const auto encoding = encoding_of(request.header("content-type").value_or(""));
        if (!encoding) {
            return finish(request, respond,
                          collector_text(415,
                                         "415 unsupported media type, supported: [application/json, "
                                         "application/x-protobuf]"));
        }
        add(counters_.requests);
        if (is_metrics) return finish(request, respond, metrics(*encoding, request.body));
        traces(*encoding, request, std::move(respond));
    }

private:
    void finish(const HttpRequest& request, const Respond& respond, HttpResponse response) const {
        cors_.allow(request.header("origin").value_or(""), response);
        respond(std::move(response));
    }

    [[nodiscard]] HttpResponse metrics(model::Encoding encoding, std::string_view body) const {
        const auto points = ingest_.count_metrics(encoding, body);
        if (!points) {
            add(counters_.unreadable_requests);
            return failure(encoding, points.error(), 0);
        }
        add(counters_.metric_points, *points);
        return success(encoding, {});
    }

    void traces(model::Encoding encoding, const HttpRequest& request, Respond respond) const {
        const bool is_json = encoding == model::Encoding::kOtlpJson;
        if (request.body.empty() && !is_json) return finish(request, respond, success(encoding, {}));
        const model::RawBody body{model::Door::kOtlpHttp, encoding, request.body, ingest_.clock.now_ns()};
        // The request is the client's until the answer: its origin is still there then.
        ingest_.writer.append(
            request.context, body, is_json ? ingest_.json : ingest_.protobuf,
            [this, encoding, &request, respond = std::move(respond)](const model::AppendOutcome& outcome) {
                count_outcome(counters_, outcome);
                finish(request, respond,
                       outcome.status.ok() ? success(encoding, outcome.counts)
                                           : failure(encoding, outcome.status.error(), outcome.retry_after_ms));
            });
    }

    const OtlpIngest ingest_;
    DoorCounters& counters_;
    const Cors cors_;
};

}  // namespace

HttpHandler otlp_http_handler(const OtlpIngest& ingest, DoorCounters& counters, CorsOptions cors) {
    const auto door = std::make_shared<const OtlpHttp>(ingest, counters, std::move(cors));
    return [door](const HttpRequest& request, Respond respond) { door->handle(request, std::move(respond)); };
}

}  // namespace skua::api
