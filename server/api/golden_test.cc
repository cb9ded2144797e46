// SPDX-License-Identifier: Apache-2.0
// testdata/*.http: spans, then requests (METHOD path?query, as a client would send it); after ---- the answers. A new
// case is a new line or file. UPDATE_GOLDEN=1 writes. The clock stands at 2026-01-01T00:10:00Z, ten minutes after the
// spans' epoch.
#include "base/golden.h"

#include "api/jaeger_v1/routes.h"
#include "api/jaeger_v3/routes.h"
#include "ingest/decoders.h"
#include "store/contract/span_text.h"
#include "store/naive/naive_store.h"

#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::api {
namespace {

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

HttpRequest read_request(std::string_view line) {
    HttpRequest request;
    const std::size_t space = line.find(' ');
    request.method = line.substr(0, space);
    std::string_view target = line.substr(space + 1);
    if (const std::size_t body = target.find(' '); body != std::string_view::npos) {
        request.body = target.substr(body + 1);
        target = target.substr(0, body);
    }
    request.path = target.substr(0, target.find('?'));
    std::string_view query = target.find('?') == std::string_view::npos ? "" : target.substr(target.find('?') + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        request.query.emplace_back(decoded(pair.substr(0, equals)),
                                   equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1)));
    }
    return request;
}

class Server {
public:
    Server() {
        jaeger_v1::add_routes(router_, engine_, ingest::decoder_for(model::Encoding::kOtlpJson));
        jaeger_v3::add_routes(router_, engine_);
    }
    void add(const std::string& spans) {
        const auto outcome = store::testing::append_text(store_, spans);
        EXPECT_TRUE(outcome.status.ok()) << outcome.status.error().message;
    }
    std::string ask(std::string_view line) {
        std::string answer = "no answer\n";
        router_.handle(read_request(line), [&](const HttpResponse& response) {
            answer = fmt::format("{} {}", response.status, response.content_type);
            for (const auto& [name, value] : response.headers) answer += fmt::format("; {}: {}", name, value);
            answer += "\n" + response.body;
            if (!answer.ends_with('\n')) answer += "\n";
        });
        return answer;
    }

private:
    base::ManualClock clock_{static_cast<std::int64_t>(store::testing::kTextEpochNs) + 600'000'000'000};
    store::NaiveStore store_{{}, clock_};
    query::Engine engine_{store_, clock_};
    Router router_;
};

std::string play(const std::string& input) {
    Server server;
    std::string spans;
    std::string answers;
    std::istringstream lines(input);
    for (std::string line; std::getline(lines, line);) {
        const bool is_request = line.starts_with("GET ") || line.starts_with("POST ") || line.starts_with("DELETE ");
        if (!is_request) {
            spans += line + "\n";
            continue;
        }
        if (!spans.empty()) server.add(spans);
        spans.clear();
        answers += fmt::format("> {}\n{}", line, server.ask(line));
    }
    return answers;
}

TEST(ApiGolden, AnswersAsWritten) {
    base::testing::expect_golden_folder("server/api/testdata", 6, play);
}

}  // namespace
}  // namespace skua::api
