// SPDX-License-Identifier: Apache-2.0
// For tests: a folder of text files, each an input, a line "----", and the answer to it. UPDATE_GOLDEN=1 writes
// answers.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace skua::base::testing {

// `answer` takes the whole input (lines with their ends) and returns the whole answer. `files_min` guards against an
// empty folder.
template <typename Answer>
void expect_golden_folder(std::string_view folder, std::size_t files_min, const Answer& answer) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(SKUA_SOURCE_DIR "/").append(folder))) {
        SCOPED_TRACE(entry.path().filename().string());
        std::stringstream file;
        file << std::ifstream(entry.path()).rdbuf();
        std::string input;
        for (std::string line; std::getline(file, line) && line != "----";) input += line + "\n";
        const std::string got = input + "----\n" + answer(input);
        if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(entry.path()) << got;
        EXPECT_EQ(got, file.str());
        ++files;
    }
    EXPECT_GE(files, files_min);
}

}  // namespace skua::base::testing
