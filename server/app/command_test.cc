// SPDX-License-Identifier: Apache-2.0
// The program as a process: exit codes, texts, signals.
#include "app/command.h"

#include "app/config.h"
#include "net/testing.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skua::app {
namespace {

using ::testing::HasSubstr;

std::string temporary(const std::string& name) {
    return (std::filesystem::temp_directory_path() / fmt::format("skua-command-{}-{}", ::getpid(), name)).string();
}

std::string read(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// Runs the program's entry in a child with its output in files.
class Child {
public:
    explicit Child(const std::vector<std::string>& arguments) : out_(temporary("out")), err_(temporary("err")) {
        pid_ = ::fork();
        if (pid_ != 0) return;
        if (std::freopen(out_.c_str(), "w", stdout) == nullptr || std::freopen(err_.c_str(), "w", stderr) == nullptr) {
            ::_exit(99);
        }
        const int code = run(arguments, {});
        std::fflush(nullptr);
        ::_exit(code);
    }
    ~Child() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        std::filesystem::remove(out_);
        std::filesystem::remove(err_);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    void signal(int number) const { ::kill(pid_, number); }
    [[nodiscard]] bool is_running() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
    }
    [[nodiscard]] std::string out() const { return read(out_); }
    [[nodiscard]] std::string err() const { return read(err_); }

private:
    const std::string out_;
    const std::string err_;
    pid_t pid_ = 0;
};

TEST(Command, HelpVersionAndConfigEndAtOnce) {
    Child version({"version"});
    EXPECT_EQ(version.wait(), 0);
    EXPECT_THAT(version.out(), HasSubstr("skua "));
    Child help({"--help"});
    EXPECT_EQ(help.wait(), 0);
    EXPECT_THAT(help.out(), HasSubstr("--query.base-path"));
    Child config({"print-config", "--query.base-path=/x"});
    EXPECT_EQ(config.wait(), 0);
    EXPECT_THAT(config.out(), HasSubstr("query.base-path: \"/x\"  # --query.base-path"));
}

TEST(Command, WrongUsageIsExitCode2) {
    Child flag({"--lisen=x"});
    EXPECT_EQ(flag.wait(), 2);
    EXPECT_THAT(flag.err(), HasSubstr("skua: unknown flag --lisen; did you mean --listen?"));
    Child value({"--io-threads=many"});
    EXPECT_EQ(value.wait(), 2);
    EXPECT_THAT(value.err(), HasSubstr("cannot use io-threads=many"));
}

TEST(Command, APortInUseIsExitCode1) {
    for (const auto& [protocol, setting] :
         {std::pair{net::Protocol::kTcp, "query.http-server.host-port"},
          std::pair{net::Protocol::kUdp, "processor.jaeger-compact.server-host-port"}}) {
        const auto taken = net::testing::bind_free(protocol);
        std::vector<std::string> arguments = {"--storage.path="};
        for (const PortInfo& info : all_ports()) arguments.push_back(fmt::format("--{}=0", info.setting));
        arguments.push_back(fmt::format("--{}={}", setting, taken.front().port()));
        Child child(arguments);
        EXPECT_EQ(child.wait(), 1);
        EXPECT_THAT(child.err(), HasSubstr(fmt::format("{} port {}: the port is in use by pid {}", to_string(protocol),
                                                       taken.front().port(), ::getpid())));
        EXPECT_THAT(child.err(), HasSubstr(fmt::format("--{}", setting)));
        EXPECT_EQ(child.out(), "");
    }
}

TEST(Command, StopsOnSignalsWithExitCode0) {
    for (const int number : {SIGTERM, SIGINT}) {
        const std::string ports = temporary("ports");
        std::vector<std::string> arguments = {"--ports-file=" + ports, "--storage.path="};
        for (const PortInfo& info : all_ports()) arguments.push_back(fmt::format("--{}=0", info.setting));
        Child child(arguments);
        while (!std::filesystem::exists(ports) && child.is_running()) std::this_thread::yield();
        const std::string json = read(ports);
        EXPECT_THAT(json, HasSubstr("\"query\":"));
        const auto at = json.find("\"health\":");
        ASSERT_NE(at, std::string::npos) << json << child.err();
        net::testing::Client health(static_cast<std::uint16_t>(std::atoi(json.c_str() + at + 9)));
        EXPECT_EQ(health.ask(net::testing::get("/")).status, 200);
        child.signal(number);
        EXPECT_EQ(child.wait(), 0) << child.err();
        EXPECT_THAT(child.out(), HasSubstr(" is ready: http://localhost:"));
        std::filesystem::remove(ports);
    }
}

}  // namespace
}  // namespace skua::app
