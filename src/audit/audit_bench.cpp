#include <atomic>
#include <filesystem>
#include <semaphore>
#include <thread>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "audit/audit_log.hpp"
#include "audit/log.hpp"
#include "audit/verify.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

constexpr const char* kOrigin = "district.example/audit";
constexpr uint64_t kLargeLog = 10'000'000;

/// Writes like the disk below it but flushes nothing: a large log to read from is made in seconds.
class Hasty final : public Disk {
 public:
  explicit Hasty(Disk& disk) : disk_(disk) {}
  Result<std::string> read(const std::string& path, uint64_t limit) const override { return disk_.read(path, limit); }
  Result<std::vector<std::string>> list(const std::string& path) const override { return disk_.list(path); }
  Status write(const std::string& path, std::string_view bytes) override { return disk_.write(path, bytes); }
  Status sync_files(std::span<const std::string> /*paths*/) override { return {}; }
  Status make_directory(const std::string& path) override { return disk_.make_directory(path); }
  Status rename(const std::string& from, const std::string& to) override { return disk_.rename(from, to); }
  Status remove(const std::string& path) override { return disk_.remove(path); }
  Status sync_directory(const std::string& /*path*/) override { return {}; }

 private:
  Disk& disk_;
};

/// A directory below the bench's own that is gone at the end.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::current_path() / "build-bench" / fmt::format("audit-{}", ::getpid())) {
    std::filesystem::remove_all(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<SignKey> one_key(KeyKind kind) {
  std::vector<SignKey> keys;
  keys.push_back(*SignKey::generate(kOrigin, kind));
  return keys;
}

void durable_entries(benchmark::State& state, HashKind hash, KeyKind key) {
  const auto group = static_cast<size_t>(state.range(0));
  const Scratch scratch;
  const auto keys = one_key(key);
  auto disk = PosixDisk::open(scratch.path(), PosixDisk::Access::kWrite);
  auto log = Log::open(*disk, kOrigin, hash, keys);
  const std::string entry(200, 'x');
  const std::vector<std::string_view> entries(group, entry);
  for ([[maybe_unused]] auto _ : state) {
    if (!log->append(entries) || !log->publish()) state.SkipWithError("cannot write");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sha256_ed25519(benchmark::State& state) { durable_entries(state, HashKind::kSha256, KeyKind::kEd25519); }
void sm3_sm2(benchmark::State& state) { durable_entries(state, HashKind::kSm3, KeyKind::kSm2); }

/// Entries of real form through the store, each a change of its own that is answered when it is durable, from so many
/// callers that keep 64 under way each; the files follow meanwhile.
void entries_through_the_store(benchmark::State& state) {
  constexpr int kEach = 20'000;
  constexpr int kUnderWay = 64;
  const auto callers = static_cast<int>(state.range(0));
  const Scratch scratch;
  std::filesystem::create_directories(scratch.path());
  const auto url = store::StoreUrl::parse("sqlite:" + (scratch.path() / "store.db").string());
  auto store = store::Store::open(*url, AuditLog::migrations());
  AuditLogOptions options;
  options.area_id = 1;
  options.origin = kOrigin;
  options.directory = scratch.path() / "log";
  options.keys = one_key(KeyKind::kEd25519);
  options.server = "bench";
  auto log = AuditLog::open(**store, std::move(options));
  (*log)->start();
  const auto object = Ref::create(Kind::kPerson, "01J9ZCABCDEFGHJKMNPQRSTVWX");
  const auto purpose = Word::create("relief.check");
  const auto name = Word::create("name");
  const auto call = [&] {
    std::counting_semaphore<kUnderWay> places(kUnderWay);
    std::atomic<int> failed{0};
    for (int i = 0; i < kEach; ++i) {
      places.acquire();
      auto draft = (*log)->draft(Action::kDisclose, Ref::of(Kind::kAccount, 1));
      draft->object(*object).purpose(*purpose).personal(*name, "张三");
      (*store)->submit([&log, entry = std::move(*draft)](store::Transaction& tx) { return (*log)->add(tx, entry); },
                       [&](const Status& status) {
                         failed += status ? 0 : 1;
                         places.release();
                       });
    }
    for (int i = 0; i < kUnderWay; ++i) places.acquire();
    if (failed > 0) state.SkipWithError("entries were not taken");
  };
  for ([[maybe_unused]] const auto _ : state) {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<size_t>(callers));
    for (int i = 0; i < callers; ++i) threads.emplace_back(call);
  }
  (*log)->stop();
  if ((*log)->trouble()) state.SkipWithError("the files did not follow");
  const auto counts = (*store)->counts();
  state.SetItemsProcessed(state.iterations() * callers * kEach);
  state.counters["group"] = static_cast<double>(counts.changes) / static_cast<double>(counts.groups);
  state.counters["in_files"] = static_cast<double>((*log)->integrate()->published.size);
}

/// A log of ten million entries, made once.
struct Large {
  Scratch scratch;
  std::vector<SignKey> keys = one_key(KeyKind::kEd25519);
  std::vector<VerifyKey> verifiers;
  TreeHead head;

  Large() {
    verifiers.push_back(*keys[0].verify_key());
    auto disk = PosixDisk::open(scratch.path(), PosixDisk::Access::kWrite);
    Hasty hasty(*disk);
    auto log = Log::open(hasty, kOrigin, HashKind::kSha256, keys);
    std::vector<std::string> bytes(500'000);
    for (uint64_t done = 0; done < kLargeLog; done += bytes.size()) {
      for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = fmt::format("entry {}", done + i);
      const std::vector<std::string_view> entries(bytes.begin(), bytes.end());
      if (!log->append(entries) || !log->publish()) std::abort();
    }
    head = log->head();
  }
};

const Large& large() {
  static const Large log;
  return log;
}

void inclusion_proof(benchmark::State& state) {
  const auto disk = PosixDisk::open(large().scratch.path(), PosixDisk::Access::kRead);
  auto reader = TileReader::create(*disk, HashKind::kSha256);
  Random random(1);
  for ([[maybe_unused]] auto _ : state) {
    auto proof = reader->inclusion(random.below(large().head.size), large().head.size);
    benchmark::DoNotOptimize(proof);
  }
}

void consistency_proof(benchmark::State& state) {
  const auto disk = PosixDisk::open(large().scratch.path(), PosixDisk::Access::kRead);
  auto reader = TileReader::create(*disk, HashKind::kSha256);
  Random random(1);
  for ([[maybe_unused]] auto _ : state) {
    auto proof = reader->consistency(1 + random.below(large().head.size), large().head.size);
    benchmark::DoNotOptimize(proof);
  }
}

void verify_inclusion_proof(benchmark::State& state) {
  const auto disk = PosixDisk::open(large().scratch.path(), PosixDisk::Access::kRead);
  auto reader = TileReader::create(*disk, HashKind::kSha256);
  const auto proof = reader->inclusion(7'654'321, large().head.size);
  const auto leaf = reader->leaf(7'654'321, large().head.size);
  for ([[maybe_unused]] auto _ : state) {
    if (!verify_inclusion(reader->hasher(), large().head, 7'654'321, *leaf, *proof)) state.SkipWithError("wrong");
  }
}

void verify_whole_log(benchmark::State& state) {
  const auto disk = PosixDisk::open(large().scratch.path(), PosixDisk::Access::kRead);
  const Cancel cancel;
  for ([[maybe_unused]] auto _ : state) {
    if (!verify_log(*disk, {.log_keys = large().verifiers, .threads = usable_cores()}, cancel)) {
      state.SkipWithError("not in order");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kLargeLog));
}

BENCHMARK(sha256_ed25519)->Arg(100)->Arg(1000)->Arg(10000)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(sm3_sm2)->Arg(1000)->Arg(10000)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(entries_through_the_store)->Arg(4)->Arg(16)->Iterations(3)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(inclusion_proof)->Unit(benchmark::kMicrosecond);
BENCHMARK(consistency_proof)->Unit(benchmark::kMicrosecond);
BENCHMARK(verify_inclusion_proof)->Unit(benchmark::kMicrosecond);
BENCHMARK(verify_whole_log)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zhili::audit
