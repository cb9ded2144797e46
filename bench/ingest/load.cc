// SPDX-License-Identifier: Apache-2.0
// Sends the reference load to an OTLP/gRPC port and prints one JSON object: what was sent, how long the answers took.
// otlp_load --target=HOST:PORT [--spans=N] [--per-request=N] [--connections=N] [--in-flight=N] [--shape=A] [--seed=N]
//
// Bodies are made ahead of the clock in rounds, so that the client's own generator does not pace the server.

#include "bench/store/generator.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

namespace {

using Clock = std::chrono::steady_clock;
constexpr char kExport[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr std::size_t kRoundBytes = std::size_t{64} << 20;

struct Options {
    std::string target = "127.0.0.1:4317";
    std::uint64_t spans = 1'000'000;
    int connections = 2;
    int in_flight = 8;  // per connection
    skua::bench::GeneratorOptions load;
};

bool take(std::string_view argument, std::string_view name, std::string& value) {
    if (!argument.starts_with(name) || argument.size() <= name.size() || argument[name.size()] != '=') return false;
    value = argument.substr(name.size() + 1);
    return true;
}

Options parse(int argc, char** argv) {
    Options options;
    options.load.start_ns = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    for (int i = 1; i < argc; ++i) {
        std::string value;
        if (take(argv[i], "--target", value)) {
            options.target = value;
        } else if (take(argv[i], "--spans", value)) {
            options.spans = std::strtoull(value.c_str(), nullptr, 10);
        } else if (take(argv[i], "--per-request", value)) {
            options.load.spans_per_request = std::strtoull(value.c_str(), nullptr, 10);
        } else if (take(argv[i], "--connections", value)) {
            options.connections = std::atoi(value.c_str());
        } else if (take(argv[i], "--in-flight", value)) {
            options.in_flight = std::atoi(value.c_str());
        } else if (take(argv[i], "--seed", value)) {
            options.load.seed = std::strtoull(value.c_str(), nullptr, 10);
        } else if (!take(argv[i], "--shape", value) || !skua::bench::shape_from(value[0], options.load.shape)) {
            std::fprintf(stderr, "otlp_load: unknown argument %s\n", argv[i]);
            std::exit(2);
        }
    }
    return options;
}

struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer answer;
    grpc::Status status;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    Clock::time_point sent;
};

// One connection of its own (a channel argument keeps gRPC from sharing) with up to `in_flight` calls.
class Connection {
public:
    Connection(const std::string& target, int number) {
        grpc::ChannelArguments arguments;
        arguments.SetInt("skua.bench.connection", number);
        stub_ = std::make_unique<grpc::GenericStub>(
            grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
    }
    void send(const grpc::ByteBuffer& body, grpc::CompletionQueue& queue) {
        auto call = std::make_unique<Call>();
        call->sent = Clock::now();
        call->reader = stub_->PrepareUnaryCall(&call->context, kExport, body, &queue);
        call->reader->StartCall();
        Call* tag = call.release();
        tag->reader->Finish(&tag->answer, &tag->status, tag);
    }

private:
    std::unique_ptr<grpc::GenericStub> stub_;
};

double percentile(std::vector<double>& values, double share) {
    if (values.empty()) return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
    return values[at];
}

class Load {
public:
    explicit Load(const Options& options) : options_(options), generator_(options.load) {
        for (int i = 0; i < options.connections; ++i) connections_.emplace_back(options.target, i);
    }

    void run() {
        while (generator_.spans() < options_.spans) {
            make_round();
            const auto start = Clock::now();
            send_round();
            seconds_ += std::chrono::duration<double>(Clock::now() - start).count();
        }
        std::printf(
            "{\"spans\": %llu, \"bytes\": %llu, \"seconds\": %.3f, \"failed_requests\": %llu, \"ack_p50_us\": %.0f, "
            "\"ack_p99_us\": %.0f}\n",
            static_cast<unsigned long long>(generator_.spans()), static_cast<unsigned long long>(generator_.bytes()),
            seconds_, static_cast<unsigned long long>(failed_), percentile(ack_us_, 0.5), percentile(ack_us_, 0.99));
    }

private:
    void make_round() {
        bodies_.clear();
        for (std::size_t bytes = 0; bytes < kRoundBytes && generator_.spans() < options_.spans;) {
            const std::string& body = generator_.next();
            const grpc::Slice slice(body);
            bodies_.emplace_back(&slice, 1);
            bytes += body.size();
        }
    }

    void send_round() {
        std::size_t next = 0;
        std::size_t open = 0;
        const auto most = static_cast<std::size_t>(options_.connections * options_.in_flight);
        while (next < bodies_.size() || open > 0) {
            for (; next < bodies_.size() && open < most; ++next, ++open) {
                connections_[next % connections_.size()].send(bodies_[next], queue_);
            }
            void* tag = nullptr;
            bool ok = false;
            queue_.Next(&tag, &ok);
            --open;
            const std::unique_ptr<Call> call(static_cast<Call*>(tag));
            ack_us_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - call->sent).count());
            if (!call->status.ok() && ++failed_ == 1) {
                std::fprintf(stderr, "otlp_load: %s\n", call->status.error_message().c_str());
            }
        }
    }

    const Options options_;
    skua::bench::Generator generator_;
    grpc::CompletionQueue queue_;
    std::vector<Connection> connections_;
    std::vector<grpc::ByteBuffer> bodies_;
    std::vector<double> ack_us_;
    double seconds_ = 0;
    std::uint64_t failed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    Load(options).run();
}
