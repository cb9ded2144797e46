// SPDX-License-Identifier: Apache-2.0
#include "../../core.h"
#include "../../dialect/mariadb.h"
#include "connection.h"
#include "errors.h"

#include <charconv>

namespace skua::orm {
namespace detail::mariadb {
namespace {

std::string unescaped(std::string_view text) {  // %40 of a URL
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool set_word(place& p, std::string_view key, std::string value) {
    if (key == "host")
        p.host = std::move(value);
    else if (key == "socket" || key == "unix_socket")
        p.socket = std::move(value);
    else if (key == "user")
        p.user = std::move(value);
    else if (key == "password")
        p.password = std::move(value);
    else if (key == "database" || key == "dbname")
        p.database = std::move(value);
    else if (key == "port") {
        const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), p.port);
        if (bad != std::errc() || end != value.data() + value.size() || p.port == 0 || p.port > 65535)
            p.wrong = "port is not a number from 1 to 65535";
    } else {
        return false;
    }
    return true;
}

void read_url(place& p, std::string_view rest) {
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
        const std::string_view who = rest.substr(0, at);
        const std::size_t colon = who.find(':');
        p.user = unescaped(who.substr(0, colon));
        if (colon != std::string_view::npos) p.password = unescaped(who.substr(colon + 1));
        rest.remove_prefix(at + 1);
    }
    const std::size_t slash = rest.find('/');
    const std::string_view host = rest.substr(0, slash);
    const std::size_t colon = host.rfind(':');
    p.host = unescaped(host.substr(0, colon));
    if (colon != std::string_view::npos) set_word(p, "port", std::string(host.substr(colon + 1)));
    if (slash == std::string_view::npos) return;
    const std::string_view path = rest.substr(slash + 1);
    p.database = unescaped(path.substr(0, path.find('?')));
}

}  // namespace

place read_dsn(std::string_view dsn) {
    place p;
    for (const std::string_view scheme : {"mariadb://", "mysql://"})
        if (dsn.starts_with(scheme)) {
            read_url(p, dsn.substr(scheme.size()));
            return p;
        }
    while (p.wrong.empty()) {
        const std::size_t from = dsn.find_first_not_of(" \t\n");
        if (from == std::string_view::npos) break;
        dsn.remove_prefix(from);
        const std::size_t equals = dsn.find('=');
        if (equals == std::string_view::npos) {
            p.wrong = "want key=value, or mariadb://user:password@host:port/database";
            break;
        }
        const std::string_view key = dsn.substr(0, equals);
        dsn.remove_prefix(equals + 1);
        std::string value;
        if (dsn.starts_with('\'')) {
            std::size_t i = 1;
            for (; i < dsn.size() && dsn[i] != '\''; ++i) {
                if (dsn[i] == '\\' && i + 1 < dsn.size()) ++i;
                value += dsn[i];
            }
            dsn.remove_prefix(std::min(i + 1, dsn.size()));
        } else {
            const std::size_t end = dsn.find_first_of(" \t\n");
            value = dsn.substr(0, end);
            dsn.remove_prefix(end == std::string_view::npos ? dsn.size() : end);
        }
        if (!set_word(p, key, std::move(value))) p.wrong = "there is no key \"" + std::string(key) + "\"";
    }
    return p;
}

MYSQL* open_link(const place& where, const mariadb_options& options, error& why) {
    MYSQL* link = mysql_init(nullptr);
    if (!link) {
        why = make_error(errc::internal, "no memory");
        return nullptr;
    }
    const auto seconds =
        static_cast<unsigned>(std::max<std::int64_t>(1, options.connect_timeout.count() / 1'000'000'000));
    const my_bool yes = 1;
    mysql_options(link, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(link, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(link, MYSQL_REPORT_DATA_TRUNCATION, &yes);
    mysql_options(link, MYSQL_OPT_NONBLOCK, nullptr);
    mysql_options(link, MYSQL_INIT_COMMAND,
                  "SET SESSION time_zone = '+00:00', sql_mode = CONCAT_WS(',', @@sql_mode, 'STRICT_ALL_TABLES')");
    const auto text = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
    if (mysql_real_connect(link, text(where.host), text(where.user), text(where.password), text(where.database),
                           where.port, text(where.socket), 0))
        return link;
    why = error_of(mysql_errno(link), mysql_sqlstate(link), mysql_error(link));
    mysql_close(link);
    return nullptr;
}

namespace {

class mariadb_driver final : public driver {
public:
    mariadb_driver(std::string_view dsn, mariadb_options options) : where_(read_dsn(dsn)), options_(options) {
        // Not safe from several threads at once; mysql_init would call it.
        static const int once = mysql_library_init(0, nullptr, nullptr);
        static_cast<void>(once);
    }

    result<std::unique_ptr<connection>> connect() override {
        const auto refused = [&](error e) {
            e.code = errc::cannot_open;
            e.message = "cannot open MariaDB database \"" + where_.database + "\": " + e.message;
            e.poisons = poison::nothing;
            return e;
        };
        if (!where_.wrong.empty()) return refused(make_error(errc::cannot_open, where_.wrong));
        error why;
        trips_.fetch_add(1, std::memory_order_relaxed);
        MYSQL* link = open_link(where_, options_, why);
        if (!link) return refused(std::move(why));
        auto made = std::make_unique<mariadb_connection>(link, where_, options_, trips_);
        if (status s = made->set_up(); !s) return refused(std::move(s.error()));
        return std::unique_ptr<connection>(std::move(made));
    }
    [[nodiscard]] const orm::dialect& dialect() const noexcept override { return dialect_; }
    [[nodiscard]] database_info info() const override {
        database_info info;
        info.system = "mariadb";
        info.name_space = where_.database;
        info.server_address = !where_.socket.empty() ? where_.socket : where_.host.empty() ? "localhost" : where_.host;
        info.server_port = where_.port == 3306 ? 0 : static_cast<int>(where_.port);
        return info;
    }
    [[nodiscard]] int max_connections() const noexcept override { return 10'000; }
    [[nodiscard]] int default_connections() const noexcept override { return 10; }
    [[nodiscard]] std::uint64_t round_trips() const noexcept override { return trips_.load(std::memory_order_relaxed); }

private:
    const place where_;
    const mariadb_options options_;
    const mariadb_dialect dialect_;
    std::atomic<std::uint64_t> trips_{0};
};

}  // namespace
}  // namespace detail::mariadb

std::shared_ptr<driver> mariadb(const std::string& dsn, mariadb_options options) {
    return std::make_shared<detail::mariadb::mariadb_driver>(dsn, options);
}

}  // namespace skua::orm
