// SPDX-License-Identifier: Apache-2.0
#include "servers.h"

#include "process.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <libpq-fe.h>
#include <mysql.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skua::orm_tests {
namespace {

namespace fs = std::filesystem;

// One for each build folder and user; short, because the path of a socket may have 107 characters.
std::string shared_folder() {
    const std::size_t hash = std::hash<std::string>()(SKUA_BINARY_DIR);
    return "/tmp/skua-db-" + std::to_string(geteuid()) + "-" + std::to_string(hash % 1'000'000);
}

std::string run_launcher(const std::string& folder) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return "cannot make a pipe";
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 2);
        execl(SKUA_TEST_SERVERS, SKUA_TEST_SERVERS, folder.c_str(), nullptr);
        _exit(127);
    }
    close(ends[1]);
    std::string words;
    char part[4096];
    for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;) words.append(part, static_cast<std::size_t>(n));
    close(ends[0]);
    int how = 0;
    waitpid(child, &how, 0);
    return WIFEXITED(how) && WEXITSTATUS(how) == 0 ? std::string() : "no test servers: " + words;
}

// Keeps the servers alive as long as this process lives.
const std::string& servers() {
    static const std::string folder = [] {
        const std::string at = shared_folder();
        const int users = open((at + ".users").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (users < 0 || flock(users, LOCK_SH) != 0) throw std::runtime_error("cannot lock " + at + ".users");
        if (const std::string wrong = run_launcher(at); !wrong.empty()) throw std::runtime_error(wrong);
        return at;
    }();
    return folder;
}

std::string own_name() {
    static std::atomic<int> next{1};
    return "t_" + std::to_string(getpid()) + "_" + std::to_string(next++);
}

void postgres_exec(const std::string& dsn, const std::string& sql) {
    PGconn* link = PQconnectdb(dsn.c_str());
    PQsetNoticeProcessor(
        link, [](void*, const char*) {}, nullptr);
    PGresult* r = PQstatus(link) == CONNECTION_OK ? PQexec(link, sql.c_str()) : nullptr;
    const bool good = r && PQresultStatus(r) == PGRES_COMMAND_OK;
    const std::string why = PQerrorMessage(link);
    PQclear(r);
    PQfinish(link);
    if (!good) throw std::runtime_error("cannot " + sql + ": " + why);
}

void mariadb_exec(const std::string& socket, const std::string& sql) {
    MYSQL* link = mysql_init(nullptr);
    const bool good = mysql_real_connect(link, nullptr, "root", nullptr, nullptr, 0, socket.c_str(), 0) &&
                      mysql_query(link, sql.c_str()) == 0;
    const std::string why = mysql_error(link);
    mysql_close(link);
    if (!good) throw std::runtime_error("cannot " + sql + ": " + why);
}

std::string postgres_words(const std::string& folder) {
    return "host=" + postgres_socket_folder(folder) + " user=skua dbname=postgres";
}
std::string mariadb_words(const std::string& folder, const std::string& database) {
    return "socket=" + mariadb_socket(folder) + " user=root database=" + database;
}

// What this process made, dropped when it ends.
class made_here {
public:
    ~made_here() {
        for (const auto& drop : drops_) try {
                drop();
            } catch (const std::exception&) {
                // the server goes soon, and takes it along
            }
    }
    void add(std::function<void()> drop) {
        const std::lock_guard lock(mutex_);
        drops_.push_back(std::move(drop));
    }

private:
    std::mutex mutex_;
    std::vector<std::function<void()>> drops_;
};
made_here& made() {
    static made_here all;
    return all;
}

}  // namespace

std::string postgres_dsn() {
    const std::string words = postgres_words(servers());
    const std::string name = own_name();
    postgres_exec(words, "CREATE SCHEMA " + name);
    made().add([=] { postgres_exec(words, "DROP SCHEMA " + name + " CASCADE"); });
    return words + " options='-c search_path=" + name + " -c client_min_messages=warning'";
}

std::string mariadb_dsn() {
    const std::string socket = mariadb_socket(servers());
    const std::string name = own_name();
    mariadb_exec(socket, "CREATE DATABASE " + name);
    made().add([=] { mariadb_exec(socket, "DROP DATABASE " + name); });
    return mariadb_words(servers(), name);
}

private_server::private_server(server_kind kind) : kind_(kind), folder_("/tmp/skua-own-XXXXXX") {
    if (!mkdtemp(folder_.data())) throw std::runtime_error("cannot make a folder in /tmp");
    give_to_server_user(folder_);
    if (kind == server_kind::postgres)
        make_postgres(folder_);
    else
        make_mariadb(folder_);
    start();
    if (kind == server_kind::mariadb) mariadb_exec(mariadb_socket(folder_), "CREATE DATABASE own");
}

private_server::~private_server() {
    kill();
    std::error_code none;
    fs::remove_all(folder_, none);
}

std::string private_server::dsn() const {
    return kind_ == server_kind::postgres ? postgres_words(folder_) : mariadb_words(folder_, "own");
}
void private_server::kill() {
    // PostgreSQL's parent process, killed, leaves its children to end by themselves: SIGQUIT takes them along.
    end_process(server_, kind_ == server_kind::postgres ? SIGQUIT : SIGKILL);
    server_ = -1;
}
void private_server::stop() {
    end_process(server_, kind_ == server_kind::postgres ? SIGINT : SIGTERM);
    server_ = -1;
}
void private_server::start() {
    server_ = kind_ == server_kind::postgres ? start_postgres(folder_) : start_mariadb(folder_);
}

}  // namespace skua::orm_tests
