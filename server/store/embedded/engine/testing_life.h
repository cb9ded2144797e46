// SPDX-License-Identifier: Apache-2.0
// Seeded lives of an engine on a disk that forgets all it may, cut off at any operation and opened again: what the
// crash tests and their mutants run.
#pragma once

#include "store/embedded/engine/engine.h"
#include "store/embedded/engine/testing_data.h"
#include "store/embedded/io/sim_disk.h"

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace skua::store::embedded::testing {

// What a store must keep over a power cut, for the checker.
enum class Promise : std::uint8_t {
    kAcknowledged,  // all of it
    kLastSync,      // what was acknowledged when the log was synced last; of the rest a beginning, in whole requests
};

struct Setup {
    SimDisk::Options disk;
    Durability durability = Durability::kDurable;
    Promise promise = Promise::kAcknowledged;
    EngineMutants mutants;
};

// Lives through: a run cut off at `point`, `recoveries` starts cut off themselves, a good start, more work, an orderly
// end and a last look. The first thing that was wrong; empty: nothing.
std::string one_run(const Setup& setup, std::uint64_t seed, std::uint64_t point, int recoveries, bool* reached);

// How many of some runs the checker complains about.
int complaints(const Setup& setup);

}  // namespace skua::store::embedded::testing
