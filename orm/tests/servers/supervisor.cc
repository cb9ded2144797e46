// SPDX-License-Identifier: Apache-2.0
// skua_test_servers <folder>: makes sure that both servers run in that folder, and returns; 0: they do. A process of
// its own stays behind, which ends them when nobody has held <folder>.users for a while.
//
// Locks, all of them files beside the folder: .start is held while somebody starts, .alive by the one that stays
// behind, .users (shared) by every test process.
#include "process.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace skua::orm_tests;
namespace fs = std::filesystem;

int open_lock(const std::string& path) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) throw std::runtime_error("cannot open " + path);
    return fd;
}

// A word for the one who waits for us: empty when all is well.
void tell(int pipe, const std::string& text) {
    const std::string word = text.empty() ? "ok" : text;
    static_cast<void>(!write(pipe, word.data(), word.size()));
    close(pipe);
}

volatile std::sig_atomic_t asked_to_end = 0;

void stay(const std::string& folder, int told) {
    const int users = open_lock(folder + ".users");
    pid_t postgres = -1, mariadb = -1;
    try {
        std::error_code none;
        fs::remove_all(folder, none);
        fs::create_directory(folder);
        give_to_server_user(folder);
        make_postgres(folder);
        make_mariadb(folder);
        postgres = start_postgres(folder);
        mariadb = start_mariadb(folder);
        tell(told, {});
        int quiet = 0;  // seconds without a user
        while (!asked_to_end && quiet < 10) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
            // Whoever comes while we end waits for this lock, and then starts anew.
            if (flock(users, LOCK_EX | LOCK_NB) != 0)
                quiet = 0;
            else if (++quiet < 10)
                flock(users, LOCK_UN);
        }
    } catch (const std::exception& e) {
        tell(told, e.what());
    }
    end_process(postgres, SIGINT);
    end_process(mariadb, SIGTERM);
    std::error_code none;
    fs::remove_all(folder, none);
}

int ensure(const std::string& folder) {
    const int start = open_lock(folder + ".start");
    flock(start, LOCK_EX);
    const int alive = open_lock(folder + ".alive");
    if (flock(alive, LOCK_EX | LOCK_NB) != 0) return 0;  // somebody holds it: they run
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        close(start);
        setsid();
        const int nowhere = open("/dev/null", O_RDWR);  // not CLOEXEC: ctest must not wait for our output
        for (int fd : {0, 1, 2}) dup2(nowhere, fd);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, [](int) { asked_to_end = 1; });
        std::signal(SIGPIPE, SIG_IGN);
        stay(folder, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    std::string word;
    char part[4096];
    for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;) word.append(part, static_cast<std::size_t>(n));
    if (word == "ok") return 0;
    waitpid(child, nullptr, 0);
    std::fprintf(stderr, "%s\n", word.empty() ? "the supervisor of the test servers died" : word.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: skua_test_servers FOLDER\n");
        return 2;
    }
    umask(0);
    try {
        return ensure(argv[1]);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "skua_test_servers: %s\n", e.what());
        return 1;
    }
}
