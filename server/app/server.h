// SPDX-License-Identifier: Apache-2.0
// The whole server: every part made, joined, started and stopped in order.
//
// Start: all ports are bound and the health doors served (prepare), then the store is opened (which may take a while:
// it reads its log back, and the health doors say so), then everything is built and served (open). Stop: health says
// so, the doors for spans close and end what they have, then the pages, then the store, then the health doors.
#pragma once

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/embedded/engine/start_options.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skua::app {

class Server {
public:
    // The first half. `clock` outlives the server. kUnavailable: a port is in use, and the message names port, protocol
    // and flag.
    static base::Result<std::unique_ptr<Server>> prepare(const Config& config, const base::Clock& clock);
    // The second half, once. `start.stop` gives it up with kCancelled, without loss; `start.progress` is called on this
    // thread as the log is read back. After an error only the destructor is left.
    base::Status open(store::embedded::StartOptions start = {});
    // Both.
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
    base::Status bind();

    const Config config_;
    std::array<std::vector<net::ListenSocket>, kPortCount> sockets_;
    std::array<std::optional<std::uint16_t>, kPortCount> ports_;
    std::unique_ptr<Parts> parts_;
};

std::string_view version();

}  // namespace skua::app
