// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <poll.h>
#include <pwd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skua::orm_tests {
namespace {

namespace fs = std::filesystem;

struct account {
    uid_t user;
    gid_t group;
};
account server_account() {
    if (geteuid() != 0) return {geteuid(), getegid()};
    for (const char* name : {"postgres", "nobody"})
        if (const passwd* p = getpwnam(name)) return {p->pw_uid, p->pw_gid};
    throw std::runtime_error("there is no user postgres or nobody to run a server as");
}

std::string find_program(const std::string& name, const std::string& package) {
    std::vector<fs::path> folders{"/usr/sbin", "/usr/bin", "/usr/local/bin"};
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none))
        folders.push_back(entry.path() / "bin");
    std::sort(folders.rbegin(), folders.rend());
    for (const fs::path& folder : folders)
        if (access((folder / name).c_str(), X_OK) == 0) return folder / name;
    throw std::runtime_error("cannot start a database for the tests: there is no " + name + "; want the package " +
                             package);
}

// A user who may look into every folder, and so may what it starts: in some containers "/" is closed to all but root.
bool keep_search_right() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct rights[2]{};
    rights[0].effective = rights[0].permitted = rights[0].inheritable = 1U << CAP_DAC_READ_SEARCH;
    return syscall(SYS_capset, &header, rights) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) == 0;
}

// The servers refuse to run as root.
bool leave_root(const account& who) {
    if (geteuid() != 0) return true;
    struct stat top {};
    const bool closed = stat("/", &top) != 0 || (top.st_mode & S_IXOTH) == 0;
    // The rights stay over setuid, and access(2) counts them.
    if (closed && prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) != 0) return false;
    if (setgroups(1, &who.group) != 0 || setgid(who.group) != 0 || setuid(who.user) != 0) return false;
    return !closed || keep_search_right();
}

// Runs as the server's account, output into `log`; ends with the process that started it.
pid_t spawn(const std::vector<std::string>& words, const std::string& log, const std::string& input, int end_signal) {
    const account who = server_account();
    std::vector<char*> argv;
    for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error(std::string("cannot fork: ") + std::strerror(errno));
    if (child > 0) return child;
    const int in = open(input.empty() ? "/dev/null" : input.c_str(), O_RDONLY | O_CLOEXEC);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
    for (int fd = 3; fd < 256; ++fd) close(fd);
    if (!leave_root(who)) _exit(126);
    prctl(PR_SET_PDEATHSIG, end_signal);
    if (getppid() != parent) _exit(126);
    if (chdir("/") != 0) _exit(126);
    setenv("LC_ALL", "C.UTF-8", 1);
    execv(argv[0], argv.data());
    _exit(127);
}

std::string end_of(const std::string& log) {
    std::ifstream in(log);
    std::stringstream all;
    all << in.rdbuf();
    const std::string text = all.str();
    return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

void run(const std::vector<std::string>& words, const std::string& log, const std::string& input = {}) {
    const pid_t child = spawn(words, log, input, SIGKILL);
    int how = 0;
    waitpid(child, &how, 0);
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
        throw std::runtime_error(words[0] + " failed with " + std::to_string(WEXITSTATUS(how)) +
                                 (WEXITSTATUS(how) == 126 ? " (could not leave root)" : "") + "; its last words:\n" +
                                 end_of(log));
}

bool answers(const std::string& socket_path) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, socket_path.c_str(), sizeof to.sun_path - 1);
    const bool good = connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    close(fd);
    return good;
}

// PostgreSQL listens before it is ready, and says in a file of its own that it is.
bool is_ready(const std::string& pid_file) {
    std::ifstream in(pid_file);
    std::string line, last;
    while (std::getline(in, line)) last = line;
    return last.starts_with("ready");
}

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

// Readable when the process has ended; it is still to be waited for.
int end_of_process(pid_t which) {
    const auto fd = static_cast<int>(syscall(SYS_pidfd_open, which, 0));
    if (fd < 0) throw std::runtime_error(std::string("cannot watch a process: ") + std::strerror(errno));
    return fd;
}

int left_ms(std::chrono::steady_clock::time_point until) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

// What a server writes into its folders while it starts: its log, its pid file, its socket. Made before the server.
class start_watch {
public:
    explicit start_watch(std::initializer_list<std::string> folders) : changes_(inotify_init1(IN_CLOEXEC)) {
        for (const std::string& folder : folders)
            if (inotify_add_watch(changes_.get(), folder.c_str(), IN_CREATE | IN_MODIFY | IN_MOVED_TO) < 0)
                throw std::runtime_error("cannot watch " + folder + ": " + std::strerror(errno));
    }
    // After each change it is looked at anew.
    void wait(pid_t server, const std::string& socket_path, const std::string& log,
              const std::string& pid_file = {}) const {
        const descriptor ended(end_of_process(server));
        const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!answers(socket_path) || (!pid_file.empty() && !is_ready(pid_file))) {
            pollfd events[] = {{changes_.get(), POLLIN, 0}, {ended.get(), POLLIN, 0}};
            const int some = poll(events, 2, left_ms(until));
            if (some > 0 && events[1].revents) {
                waitpid(server, nullptr, 0);
                throw std::runtime_error("a database server ended while starting; its last words:\n" + end_of(log));
            }
            if (some == 0) {
                end_process(server, SIGKILL);
                throw std::runtime_error("a database server did not start within a minute; its last words:\n" +
                                         end_of(log));
            }
            char unread[4096];
            if (some > 0 && read(changes_.get(), unread, sizeof unread) < 0 && errno != EINTR)
                throw std::runtime_error(std::string("cannot watch a folder: ") + std::strerror(errno));
        }
    }

private:
    descriptor changes_;
};

}  // namespace

std::string postgres_socket_folder(const std::string& folder) {
    return folder;
}
std::string mariadb_socket(const std::string& folder) {
    return folder + "/mariadb.sock";
}

void give_to_server_user(const std::string& folder) {
    const account who = server_account();
    if (chown(folder.c_str(), who.user, who.group) != 0 || chmod(folder.c_str(), 0755) != 0)
        throw std::runtime_error("cannot prepare " + folder + ": " + std::strerror(errno));
}

void make_postgres(const std::string& folder) {
    run({find_program("initdb", "postgresql"), "-D", folder + "/postgres", "-U", "skua", "-A", "trust", "-E", "UTF8",
         "--locale=C", "--no-sync", "--no-instructions"},
        folder + "/postgres.log");
}

// Temporary tables have a folder of their own: each server that starts removes all it finds in the common one, those
// of others included.
std::string mariadb_temporary(const std::string& folder) {
    return "--tmpdir=" + folder + "/mariadb.tmp";
}

void make_mariadb(const std::string& folder) {
    const std::string data = folder + "/mariadb";
    for (const std::string& own : {data, folder + "/mariadb.tmp"}) {
        fs::create_directory(own);
        give_to_server_user(own);
    }
    // What mariadb-install-db feeds the server, without the programs that it needs besides.
    const std::string script = folder + "/mariadb.sql";
    {
        std::ofstream out(script);
        out << "CREATE DATABASE mysql;\nUSE mysql;\n";
        for (const char* part :
             {"mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"}) {
            std::ifstream in(std::string("/usr/share/mysql/") + part);
            if (!in)
                throw std::runtime_error(std::string("cannot start a database for the tests: there is no ") + part +
                                         "; want the package mariadb-server-core");
            out << in.rdbuf() << '\n';
        }
    }
    run({find_program("mariadbd", "mariadb-server-core"), "--no-defaults", "--bootstrap", "--datadir=" + data,
         mariadb_temporary(folder), "--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=1",
         "--enforce-storage-engine=", "--innodb-log-file-size=8M", "--log-warnings=0", "--max-allowed-packet=8M"},
        folder + "/mariadb.log", script);
}

pid_t start_postgres(const std::string& folder) {
    const std::string log = folder + "/postgres.log";
    const start_watch changes{folder, folder + "/postgres"};
    const pid_t server = spawn({find_program("postgres", "postgresql"), "-D", folder + "/postgres", "-k", folder, "-h",
                                "", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c",
                                "shared_buffers=32MB", "-c", "log_min_messages=warning"},
                               log, {}, SIGINT);
    changes.wait(server, folder + "/.s.PGSQL.5432", log, folder + "/postgres/postmaster.pid");
    return server;
}

pid_t start_mariadb(const std::string& folder) {
    const std::string log = folder + "/mariadb.log";
    const start_watch changes{folder};
    const pid_t server = spawn(
        {find_program("mariadbd", "mariadb-server-core"), "--no-defaults", "--datadir=" + folder + "/mariadb",
         mariadb_temporary(folder), "--socket=" + mariadb_socket(folder), "--pid-file=" + folder + "/mariadb.pid",
         "--skip-networking", "--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M",
         "--innodb-buffer-pool-size=64M", "--sync-binlog=0", "--innodb-doublewrite=0", "--max-connections=300",
         "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin", "--innodb-use-native-aio=0"},
        log, {}, SIGTERM);
    changes.wait(server, mariadb_socket(folder), log);
    return server;
}

void end_process(pid_t which, int signal) {
    if (which <= 0) return;
    const descriptor ended(end_of_process(which));
    ::kill(which, signal);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    pollfd event{ended.get(), POLLIN, 0};
    while (poll(&event, 1, left_ms(until)) < 0 && errno == EINTR) {
    }
    if (!event.revents) ::kill(which, SIGKILL);
    waitpid(which, nullptr, 0);
}

}  // namespace skua::orm_tests
