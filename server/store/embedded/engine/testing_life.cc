// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/engine/testing_life.h"

#include <algorithm>

namespace skua::store::embedded::testing {
namespace {

// What is wrong with a view; empty: nothing. The checker the mutants must not get past.
std::string complaint(const View& view, const std::set<std::string>& acked, const std::set<std::string>& sent) {
    const std::vector<std::string> words = words_of(view);
    const auto twice = std::adjacent_find(words.begin(), words.end());
    if (twice != words.end()) return "I4: twice in one view: " + *twice;
    for (const std::string& word : words) {
        if (!sent.contains(word)) return "I1: never sent: " + word;
    }
    for (const std::string& word : acked) {
        if (!std::binary_search(words.begin(), words.end(), word)) return "I1: acknowledged and gone: " + word;
    }
    return "";
}

// One store through many lives.
class Life {
public:
    Life(const Setup& setup, std::uint64_t seed) : promise_(setup.promise), random_(seed), disk_(setup.disk) {
        options_.wal.durability = setup.durability;
        options_.wal.ring.file_bytes = kWalBlock + kWalChunkMax;
        options_.wal.ring.spare_files = 1;
        // Half of the stores keep no released file: what is released is gone at once.
        options_.wal.ring.ring_bytes_max = seed % 2 == 0 ? options_.wal.ring.file_bytes : 0;
        options_.reserve_bytes = 4096;
        options_.retention.free_min = 0;
        options_.compact_fanout = 3;
        options_.mutants = setup.mutants;
        options_.start_threads = false;
        options_.decoder_for = [this](model::Door, model::Encoding, std::uint16_t) { return &decoder_; };
        options_.random = [this] { return random_(); };
    }

    SimDisk& disk() { return disk_; }
    const std::string& problem() const { return problem_; }
    std::size_t acked() const { return acked_.size(); }

    bool open() {
        auto opened = Engine::open(disk_, data_, clock_, options_);
        if (!opened.ok()) {
            if (!disk_.crashed()) note("cannot open: " + opened.error().message);
            return false;
        }
        engine_ = std::move(opened).value();
        // A crash is no corruption, and only what nobody was promised may be set aside.
        if (!engine_->recovery().damage.empty())
            note("I7: damage after a crash: " + engine_->recovery().damage[0].what);
        if (promise_ == Promise::kLastSync) take_stock();
        synced_ns_ = 0;
        check();
        return true;
    }
    void work(int steps) {
        for (int i = 0; i < steps && !disk_.crashed() && problem_.empty(); ++i) {
            step();
            check();
        }
    }
    // The process dies, then the power fails.
    void crash() {
        // What the destructor would still write does not reach the disk.
        if (!disk_.crashed()) disk_.crash_after(1);
        engine_.reset();
        disk_.crash(random_());
    }
    void shut() {
        const auto status = engine_->close();
        if (!status.ok() && !disk_.crashed()) note("cannot close: " + status.error().message);
        if (!disk_.crashed()) all_is_safe();
        engine_.reset();
    }

private:
    void note(const std::string& what) {
        if (problem_.empty()) problem_ = what;
    }
    void check() {
        if (engine_ && !disk_.crashed()) note(complaint(*engine_->view(), acked_, sent_));
    }
    // After a power cut: what may be gone is forgotten, what is there must stay from now on.
    void take_stock() {
        const std::vector<std::string> there = words_of(*engine_->view());
        std::vector<Request> kept;
        std::string gone;  // the first that is
        for (const Request& request : requests_) {
            const auto found = std::count_if(request.words.begin(), request.words.end(), [&](const auto& word) {
                return std::binary_search(there.begin(), there.end(), word);
            });
            if (found != 0 && static_cast<std::size_t>(found) != request.words.size())
                note("a torn request: " + request.words[0]);
            if (found == 0 && request.is_safe) note("synced and gone: " + request.words[0]);
            if (found != 0 && !gone.empty()) note("there without what came before: " + request.words[0] + ", " + gone);
            if (found == 0 && gone.empty()) gone = request.words[0];
            if (found != 0) kept.push_back(request);
        }
        requests_ = std::move(kept);
        acked_.clear();
        for (Request& request : requests_) {
            request.is_acked = true;
            acked_.insert(request.words.begin(), request.words.end());
        }
        all_is_safe();
    }
    void all_is_safe() {
        for (Request& request : requests_) request.is_safe |= request.is_acked;
    }
    void tick() {
        const bool is_due = clock_.monotonic_ns() - synced_ns_ >= options_.wal.interval_ns;
        engine_->tick_step();
        if (!is_due || disk_.crashed()) return;
        synced_ns_ = clock_.monotonic_ns();
        all_is_safe();
    }
    void append() {
        std::vector<std::string> words;
        std::string body;
        const int count = 1 + static_cast<int>(random_() % 3);
        for (int i = 0; i < count; ++i) {
            words.push_back("w" + std::to_string(next_word_++));
            body += words.back() + " ";
        }
        // Some bodies need several chunks and files.
        body.append(random_() % 10 == 0 ? 90000 : random_() % 3000, ' ');
        sent_.insert(words.begin(), words.end());
        const std::size_t number = requests_.size();
        requests_.push_back({words});
        const model::RawBody raw{model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, body, clock_.now_ns()};
        engine_->append(raw, decoder_, [this, words, number](const model::AppendOutcome& outcome) {
            if (!outcome.status.ok()) return;
            requests_[number].is_acked = true;
            acked_.insert(words.begin(), words.end());
            if (engine_ && !disk_.crashed()) note(complaint(*engine_->view(), acked_, sent_));  // visible before the OK
        });
    }
    void step() {
        clock_.advance(50'000'000);
        switch (random_() % 10) {
            case 0:
            case 1:
            case 2:
            case 3:
                return append();
            case 4:
            case 5:
            case 6:
                engine_->commit_step();
                return;
            case 7: {
                // Its last group must be through; otherwise the step does nothing.
                (void)engine_->seal_step(true);
                return;
            }
            case 8:
                (void)engine_->compact_step();
                if (promise_ == Promise::kLastSync) tick();
                return;
            default:
                (void)engine_->retain_step();
        }
    }

    struct Request {
        std::vector<std::string> words;
        bool is_acked = false;
        bool is_safe = false;  // a sync came after it
    };

    const Promise promise_;
    std::mt19937_64 random_;
    SimDisk disk_;
    WordData data_;
    AnyDecoder decoder_;
    base::ManualClock clock_{1'700'000'000'000'000'000};
    EngineOptions options_;
    std::unique_ptr<Engine> engine_;
    std::set<std::string> sent_;
    std::set<std::string> acked_;
    std::vector<Request> requests_;  // in the order of the log
    std::int64_t synced_ns_ = 0;     // the interval's last sync
    std::uint64_t next_word_ = 0;
    std::string problem_;
};

constexpr int kSteps = 100;

}  // namespace

std::string one_run(const Setup& setup, std::uint64_t seed, std::uint64_t point, int recoveries, bool* reached) {
    Life life(setup, seed);
    life.disk().crash_after(point);
    if (life.open()) life.work(kSteps);
    if (reached != nullptr) *reached = life.disk().crashed();
    life.crash();
    std::mt19937_64 random(seed * 31 + point);
    for (int i = 0; i < recoveries && life.problem().empty(); ++i) {
        life.disk().crash_after(1 + random() % 12);
        life.open();
        life.crash();
    }
    if (life.problem().empty() && life.open()) {
        life.work(20);
        life.shut();
        if (life.problem().empty() && life.open()) life.shut();
    }
    if (life.problem().empty()) return "";
    return life.problem() + " (seed " + std::to_string(seed) + ", point " + std::to_string(point) + ")";
}

int complaints(const Setup& setup) {
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) found += !one_run(setup, seed, 40 + seed * 5, 0, nullptr).empty();
    return found;
}

}  // namespace skua::store::embedded::testing
