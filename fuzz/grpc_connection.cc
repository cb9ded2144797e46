// SPDX-License-Identifier: Apache-2.0
// One gRPC connection, fed in pieces: the first byte says how large they are. The handler touches every byte of its
// message; half of the calls are answered later, as a store does.
#include "net/grpc_connection.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>

namespace {

using namespace skua;

void run(std::string_view bytes, std::size_t piece) {
    net::ByteBudget budget(std::size_t{1} << 20);
    {
        std::vector<api::RpcRespond> later;
        net::RpcMethods methods;
        methods["/a.B/Echo"] = [&](const api::RpcRequest& request, const api::RpcRespond& respond) {
            const unsigned sum = std::accumulate(request.message.begin(), request.message.end(), 0U);
            if (sum % 2 == 0) return respond({{}, 0, std::string(request.message)});
            later.push_back(respond);
        };
        net::GrpcLimits limits;
        limits.message_bytes = std::size_t{64} << 10;
        net::GrpcShared shared(budget, "fuzz", std::move(methods), limits);
        const auto connection = std::make_shared<net::GrpcConnection>(shared, [] {});
        connection->set_owner(connection);
        std::string out;
        bool is_alive = true;
        while (is_alive && !bytes.empty()) {
            const std::size_t n = std::min(piece, bytes.size());
            is_alive = connection->feed(bytes.substr(0, n));
            bytes.remove_prefix(n);
            connection->output(out, std::size_t{1} << 16);
            out.clear();
        }
        is_alive = is_alive && connection->tick() && connection->tick();
        for (const auto& respond : later) respond({base::Error{base::Code::kUnavailable, "later"}, 5, {}});
        connection->take_answers();
        connection->output(out, std::size_t{1} << 16);
        connection->abandon();
        later.clear();
    }
    if (budget.used() != 0) std::abort();  // a lease was lost
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    run({reinterpret_cast<const char*>(data) + 1, size - 1}, std::size_t{data[0]} + 1);
    return 0;
}
