// SPDX-License-Identifier: Apache-2.0
#include "app/command.h"

#include <string>
#include <vector>

#include <unistd.h>

int main(int count, char** values) {
    const std::vector<std::string> arguments(values + 1, values + count);
    skua::app::Settings::Environment environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (const std::size_t equals = text.find('='); equals != std::string::npos) {
            environment.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return skua::app::run(arguments, environment);
}
