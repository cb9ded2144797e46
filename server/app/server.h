// SPDX-License-Identifier: Apache-2.0
// The whole server: every part made, joined, started and stopped in order.
//
// Start: all ports are bound, the health doors served, the store opened (which may take a while: it reads its log
// back), then everything is built and served. Stop: health says so, the doors for spans close and end what they have,
// then the pages, then the store, then the health doors.
#pragma once

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace skua::app {

class Server {
public:
    // `clock` outlives the server. kUnavailable: a port is in use, and the message names port, protocol and flag.
    static base::Result<std::unique_ptr<Server>> start(const Config& config, const base::Clock& clock);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Once. Running requests have config.shutdown_timeout to end.
    void stop();

    // The port in use, or nothing when it is off.
    [[nodiscard]] std::optional<std::uint16_t> port(Port port) const { return ports_[static_cast<std::size_t>(port)]; }
    // {"otlp-grpc":4317,…}
    [[nodiscard]] std::string ports_json() const;
    // "Skua 0.1.0 is ready: http://localhost:16686 (…); spans in /var/lib/skua".
    [[nodiscard]] std::string ready_line() const;

    struct Parts;

private:
    explicit Server(const Config& config);
    base::Status bind(const Config& config);

    const std::chrono::milliseconds shutdown_timeout_;
    const std::string base_path_;
    const std::string storage_text_;
    std::array<std::vector<net::ListenSocket>, kPortCount> sockets_;
    std::array<std::optional<std::uint16_t>, kPortCount> ports_;
    std::unique_ptr<Parts> parts_;
};

std::string_view version();

}  // namespace skua::app
