// SPDX-License-Identifier: Apache-2.0
#include "app/command.h"

#include "app/server.h"
#include "base/log.h"
#include "net/malloc_tuning.h"
#include "store/embedded/tools/inspect.h"
#include "store/embedded/tools/verify.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <semaphore>
#include <stop_token>
#include <thread>

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

namespace skua::app {
namespace {

constexpr int kCannotStart = 1;
constexpr int kDamaged = 1;
constexpr int kUsage = 2;

int fail(int code, std::string_view message) {
    fmt::print(stderr, "skua: {}\n", message);
    if (code == kUsage) fmt::print(stderr, "skua --help lists the flags\n");
    return code;
}

// Written whole and then renamed: whoever waits for the file reads all of it.
base::Status write_ports_file(const std::string& path, const std::string& json) {
    const std::string part = path + ".part";
    errno = 0;
    std::ofstream file(part, std::ios::trunc);
    file << json << '\n';
    file.close();
    if (!file || std::rename(part.c_str(), path.c_str()) != 0) {
        return base::errno_error(fmt::format("cannot write the ports file {}", path), errno);
    }
    return {};
}

// SIGTERM and SIGINT, from the first moment on. A thread of its own takes them: the main thread may be reading a log
// back. To be made before the first other thread, so that all inherit that they are blocked.
class StopSignals {
public:
    StopSignals() {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        // Not to be joined: it waits for a signal that may never come, and ends with the process.
        std::thread([signals, stopping = stopping_]() mutable {
            ::pthread_setname_np(::pthread_self(), "signals");
            int signal = 0;
            ::sigwait(&signals, &signal);
            base::log(base::Level::kInfo, "app", "{}: stopping", signal == SIGTERM ? "SIGTERM" : "SIGINT");
            // A second signal ends the program at once.
            ::signal(SIGTERM, SIG_DFL);
            ::signal(SIGINT, SIG_DFL);
            ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
            stopping.request_stop();
            for (;;) ::pause();
        }).detach();
    }
    [[nodiscard]] std::stop_token token() const { return stopping_.get_token(); }
    void wait() const {
        std::binary_semaphore came(0);
        const std::stop_callback wake(token(), [&came] { came.release(); });
        came.acquire();
    }

private:
    std::stop_source stopping_;
};

int serve(const Config& config) {
    net::keep_freed_memory();
    const StopSignals signals;
    ::signal(SIGPIPE, SIG_IGN);
    auto server = Server::prepare(config, base::system_clock());
    if (!server) return fail(kCannotStart, server.error().message);
    if (const base::Status opened = (*server)->open({signals.token(), {}}); !opened.ok()) {
        if (opened.error().code != base::Code::kCancelled) return fail(kCannotStart, opened.error().message);
        base::log(base::Level::kInfo, "app", "stopped: {}", opened.error().message);
        return 0;
    }
    if (!config.ports_file.empty()) {
        if (const base::Status written = write_ports_file(config.ports_file, (*server)->ports_json()); !written.ok()) {
            return fail(kCannotStart, written.error().message);
        }
    }
    fmt::print("{}\n", (*server)->ready_line());
    std::fflush(stdout);
    signals.wait();
    (*server)->stop();
    base::log(base::Level::kInfo, "app", "stopped");
    return 0;
}

int inspect(std::span<const std::string> files) {
    if (files.empty()) return fail(kUsage, "inspect: want files of a store: skua inspect FILE...");
    for (const std::string& file : files) {
        const auto text = store::embedded::inspect_file(file);
        if (!text) return fail(kCannotStart, text.error().message);
        fmt::print("{}{}", files.size() > 1 ? file + ":\n" : "", *text);
    }
    return 0;
}

int verify(std::span<const std::string> arguments) {
    bool rebuild = false;
    std::string folder;
    for (const std::string& argument : arguments) {
        if (argument == "--rebuild") {
            rebuild = true;
        } else if (folder.empty() && !argument.starts_with("-")) {
            folder = argument;
        } else {
            return fail(kUsage, fmt::format("verify: unexpected '{}'; want: skua verify DIR [--rebuild]", argument));
        }
    }
    if (folder.empty()) return fail(kUsage, "verify: want the folder of a store: skua verify DIR [--rebuild]");
    const auto report = rebuild ? store::embedded::rebuild_store(folder) : store::embedded::verify_store(folder);
    if (!report) return fail(kCannotStart, report.error().message);
    for (const std::string& line : report->lines) fmt::print("{}\n", line);
    fmt::print("{}\n", report->is_sound ? "sound" : "not sound");
    return report->is_sound ? 0 : kDamaged;
}

}  // namespace

int run(std::span<const std::string> arguments, const Settings::Environment& environment) {
    bool prints_config = false;
    if (!arguments.empty()) {
        const std::string& first = arguments.front();
        if (first == "--help" || first == "-h" || first == "help") {
            fmt::print("{}", help_text());
            return 0;
        }
        if (first == "version" || first == "--version") {
            fmt::print("skua {}\n", version());
            return 0;
        }
        if (first == "inspect") return inspect(arguments.subspan(1));
        if (first == "verify") return verify(arguments.subspan(1));
        prints_config = first == "print-config";
        if (prints_config) arguments = arguments.subspan(1);
    }
    const auto settings = Settings::read(arguments, environment);
    if (!settings) return fail(kUsage, settings.error().message);
    const auto config = Config::from(*settings);
    if (!config) return fail(kUsage, config.error().message);
    if (prints_config) {
        fmt::print("{}", print_settings(*settings));
        return 0;
    }
    base::set_log_level(config->log_level);
    for (const std::string& warning : settings->warnings()) base::log(base::Level::kWarn, "app", "{}", warning);
    return serve(*config);
}

}  // namespace skua::app
