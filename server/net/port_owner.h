// SPDX-License-Identifier: Apache-2.0
// Who listens on a port, as far as /proc shows it to this user.
#pragma once

#include "net/listen_socket.h"

#include <string>

namespace skua::net {

// "pid 4711 (skua)", or empty when nobody is found or may be seen.
std::string port_owner(Protocol protocol, std::uint16_t port);

}  // namespace skua::net
