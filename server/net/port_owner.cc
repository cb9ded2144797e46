// SPDX-License-Identifier: Apache-2.0
#include "net/port_owner.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include <fmt/format.h>

namespace skua::net {
namespace {

namespace fs = std::filesystem;

// Inodes of the sockets bound to the port. Format: proc(5); fields: sl local_address rem_address st … inode (10th).
void collect_inodes(const char* table, Protocol protocol, std::uint16_t port, std::set<std::string>& inodes) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::string fields[10];
        std::size_t at = 0;
        for (std::string& field : fields) {
            at = line.find_first_not_of(' ', at);
            if (at == std::string::npos) break;
            const std::size_t end = line.find(' ', at);
            field = line.substr(at, end - at);
            at = end;
            if (at == std::string::npos) break;
        }
        const std::size_t colon = fields[1].rfind(':');
        if (colon == std::string::npos) continue;
        if (std::strtoul(fields[1].c_str() + colon + 1, nullptr, 16) != port) continue;
        if (protocol == Protocol::kTcp && fields[3] != "0A") continue;  // 0A: LISTEN
        inodes.insert("socket:[" + fields[9] + "]");
    }
}

bool holds_one_of(const fs::path& process, const std::set<std::string>& inodes) {
    std::error_code error;
    for (fs::directory_iterator it(process / "fd", error), end; !error && it != end; it.increment(error)) {
        std::error_code link_error;
        const fs::path target = fs::read_symlink(it->path(), link_error);
        if (!link_error && inodes.contains(target.string())) return true;
    }
    return false;
}

}  // namespace

std::string port_owner(Protocol protocol, std::uint16_t port) {
    std::set<std::string> inodes;
    const bool tcp = protocol == Protocol::kTcp;
    collect_inodes(tcp ? "/proc/net/tcp" : "/proc/net/udp", protocol, port, inodes);
    collect_inodes(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", protocol, port, inodes);
    if (inodes.empty()) return {};
    std::error_code error;
    for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (!holds_one_of(it->path(), inodes)) continue;
        std::ifstream comm(it->path() / "comm");
        std::string command;
        std::getline(comm, command);
        return fmt::format("pid {} ({})", name, command);
    }
    return {};
}

}  // namespace skua::net
