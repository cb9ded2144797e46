// SPDX-License-Identifier: Apache-2.0
// A store's writing half for tests of the doors: it keeps the bodies and answers as told.
#pragma once

#include "api/http.h"
#include "model/ingest.h"

#include <string>
#include <vector>

namespace skua::api::testing {

class FakeWriter final : public model::SpanWriter {
public:
    struct Taken {
        model::Door door;
        model::Encoding encoding;
        std::string bytes;
        std::int64_t received_ns;
        const model::Decoder* decoder;
    };

    void append(const model::RequestContext&, const model::RawBody& body, const model::Decoder& decoder,
                model::AppendDone done) override {
        taken.push_back({body.door, body.encoding, std::string(body.bytes), body.received_ns, &decoder});
        done(outcome);
    }

    std::vector<Taken> taken;
    model::AppendOutcome outcome;
};

class NoDecoder final : public model::Decoder {
public:
    base::Result<model::DecodeCounts> decode(const model::RawBody&, model::SpanSink&) const override {
        return model::DecodeCounts{};
    }
};

inline HttpResponse ask(const HttpHandler& handler, const HttpRequest& request) {
    HttpResponse got;
    got.status = 0;
    handler(request, [&](HttpResponse response) { got = std::move(response); });
    return got;
}

inline HttpRequest make_request(std::string method, std::string path, std::string content_type = {},
                                std::string body = {}) {
    HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    if (!content_type.empty()) request.headers.emplace_back("content-type", std::move(content_type));
    request.body = std::move(body);
    return request;
}

inline std::string header_of(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

}  // namespace skua::api::testing
