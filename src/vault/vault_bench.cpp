// Disclosures through the door with many under way, and taking subjects in, each on SQLite in the temporary directory.
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <mutex>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "base/random.hpp"
#include "catalog/in_force.hpp"
#include "catalog/registry.hpp"
#include "identity/policy.hpp"
#include "vault/door.hpp"
#include "vault/intake.hpp"
#include "vault/records.hpp"

namespace zhili::vault {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kArea = 7;
constexpr uint64_t kSubjects = 200'000;

constexpr const char* kPack =
    "id: bench\nversion: 0.1.0\ntitle: {zh: 测, en: bench}\nentities: [person]\n"
    "legal_basis:\n  - {id: law-1, title: 法, purposes: [handle_case, build_base]}\n";
constexpr const char* kDataset =
    "version: 1\nid: person\ntitle: {zh: 人, en: person}\nfields:\n"
    "  - {id: name, zh: 姓名, en: name, type: person_name, grade: 3, mask: name, look_up: true}\n"
    "  - {id: id_number, zh: 号码, en: number, type: id_number, grade: 4, mask: id_number, look_up: true}\n"
    "  - {id: birth, zh: 出生日期, en: birth, type: date, grade: 3, mask: year}\n"
    "  - {id: sex, zh: 性别, en: sex, type: category, grade: 2}\n"
    "  - {id: phone, zh: 电话, en: phone, type: phone, grade: 3, mask: phone, look_up: true}\n"
    "  - {id: address, zh: 住址, en: address, type: address, grade: 3, mask: address}\n";

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().text().c_str());
  std::abort();
}

Value value(const char* field, std::string text) {
  return {field, std::move(text), "police", "P000012345", "2026-01-02 10:11:12", 1};
}

std::string id_of(uint64_t i) { return fmt::format("k{:011x}", mix64(i) >> 20); }

Subject subject(uint64_t i) {
  return {.id = id_of(i),
          .place = fmt::format("9901{:02}", i % 50),
          .values = {value("name", fmt::format("张三{}", i % 5000)),
                     value("id_number", fmt::format("99010119900101{:04}", i % 10000)), value("birth", "1990-01-01"),
                     value("sex", "男"), value("phone", fmt::format("138{:08}", i)),
                     value("address", fmt::format("试验区东街街道人民路{}号3栋501室", i))},
          .provenance = {{{"police", "P000012345", "2026-01-02"}, {"tax", "T000012345", "2025-05-05"}},
                         {{0, 1, 9.5, 0.999}}}};
}

catalog::Dataset register_of_twenty() {
  using catalog::ValueType;
  catalog::Dataset out;
  out.id = "civil.register";
  out.code = "306012/000001";
  out.title = {"登记", "Register"};
  out.summary = "登记";
  out.provider = "civil";
  out.format = "database";
  out.sharing = catalog::Sharing::kUnconditional;
  for (int i = 0; i < 20; ++i) {
    catalog::DatasetField field;
    field.id = fmt::format("f{:02}", i);
    field.title = {"字段", "field"};
    field.grade = 3;
    field.type = i == 0   ? ValueType::kIdNumber
                 : i == 1 ? ValueType::kPersonName
                 : i == 2 ? ValueType::kPhone
                          : ValueType::kText;
    field.key = field.required = i == 0;
    out.fields.push_back(field);
  }
  return out;
}

std::vector<std::string> register_row(uint64_t i) {
  std::vector<std::string> row = {fmt::format("X{:017}", i), fmt::format("张三{}", i % 5000),
                                  fmt::format("138{:08}", i)};
  for (int field = 3; field < 20; ++field) row.push_back(fmt::format("值{}-{:06}", field, mix64(i + 7) % 1'000'000));
  return row;
}

/// A store of its own, with a vault in it.
class Ground {
 public:
  explicit Ground(CipherKind cipher = CipherKind::kAes256Gcm) {
    std::string pattern = (fs::temp_directory_path() / "zhili-vault-bench-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
    if (!catalog_.add({"pack.yaml", kPack}, {{"person.yaml", kDataset}})) std::abort();
    auto all = audit::AuditLog::migrations();
    for (const auto& room : {catalog::InForce::migrations(), catalog::Registry::migrations(), Vault::migrations()}) {
      all.insert(all.end(), room.begin(), room.end());
    }
    store_ = must(store::Store::open(must(store::StoreUrl::parse("sqlite:" + (dir_ / "bench.db").string())), all));
    audit::AuditLogOptions options;
    options.area_id = kArea;
    options.origin = "bench.example/audit";
    options.directory = dir_ / "log";
    options.keys.push_back(must(audit::SignKey::generate(options.origin, audit::KeyKind::kEd25519)));
    options.server = "one";
    log_ = must(audit::AuditLog::open(*store_, std::move(options)));
    vault_ = must(Vault::open(*store_, *log_, catalog_, must(MasterKeys::parse(must(MasterKeys::generate()), "key")),
                              {.area_id = kArea, .cipher = cipher}));
    std::vector<identity::Area> areas = {{"9901", "", "district", "区", "district"}};
    for (int i = 0; i < 50; ++i) areas.push_back({fmt::format("9901{:02}", i), "9901", "street", "街", "street"});
    auto policy = must(identity::parse_policy(identity::default_policy_yaml(), "default"));
    door_ = must(Door::open(*vault_, std::make_shared<const Rules>(Rules{
                                         std::move(policy), must(identity::AreaTree::create(std::move(areas)))})));
  }
  ~Ground() {
    door_.reset();
    log_->stop();
    vault_.reset();
    log_.reset();
    store_.reset();
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
  }
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  void take_in(uint64_t count) {
    auto intake = must(Intake::begin(*vault_, {"person", "", "build_base", "law-1", true}));
    for (uint64_t i = 0; i < count; ++i) {
      if (!intake->put(subject(i))) std::abort();
    }
    (void)must(intake->finish());
  }
  /// Absorbs so many rows of 20 fields, three of which can be looked up, as one whole batch.
  RecordCounts absorb(uint64_t count, const std::string& batch) {
    if (batch == "b1") {
      (void)must(catalog::Registry(*store_, *log_, catalog_, kArea).declare(register_of_twenty(), 0, "officer"));
    }
    auto intake = must(RecordIntake::begin(
        *vault_,
        {.dataset = "civil.register", .batch = batch, .actor = "", .purpose = "build_base", .basis = "law-1"}));
    for (uint64_t i = 0; i < count; ++i) {
      const auto row = register_row(i);
      std::vector<std::string_view> cells(row.begin(), row.end());
      if (!intake->put(cells)) std::abort();
    }
    return must(intake->finish());
  }
  Vault& vault() { return *vault_; }
  Door& door() { return *door_; }
  audit::AuditLog& log() { return *log_; }

 private:
  fs::path dir_;
  catalog::Catalog catalog_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<audit::AuditLog> log_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<Door> door_;
};

/// One that holds kSubjects, for all that read.
Ground& loaded() {
  static const auto ground = [] {
    auto made = std::make_unique<Ground>();
    made->take_in(kSubjects);
    made->log().start();
    return made;
  }();
  return *ground;
}

/// Keeps so many questions under way.
void disclose(benchmark::State& state, bool by_value) {
  const auto under_way = static_cast<size_t>(state.range(0));
  Ground& ground = loaded();
  std::mutex mutex;
  std::condition_variable came;
  size_t now = 0;
  const std::clock_t before = std::clock();
  Random random(1);
  const identity::Actor actor{"abcdefghijklmnopqrstuvwxyz", {{"grid_worker", "hall", "9901"}}, false};
  for ([[maybe_unused]] const auto _ : state) {
    {
      std::unique_lock lock(mutex);
      came.wait(lock, [&] { return now < under_way; });
      ++now;
    }
    Ask ask{.actor = actor,
            .purpose = "handle_case",
            .basis = "law-1",
            .kind = "person",
            .subject = {},
            .by = {},
            .value = {},
            .fields = {},
            .how = "web"};
    const uint64_t i = random.below(kSubjects);
    if (by_value) {
      ask.by = "phone";
      ask.value = fmt::format("138{:08}", i);
    } else {
      ask.subject = id_of(i);
    }
    ground.door().disclose(std::move(ask), [&](const Result<Answer>& answer) {
      if (!answer || answer->subjects.size() != 1) std::abort();
      const std::scoped_lock lock(mutex);
      --now;
      if (now + 1 == under_way || now == 0) came.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  came.wait(lock, [&] { return now == 0; });
  state.SetItemsProcessed(state.iterations());
  // Of all threads: what a disclosure costs in processor, however busy the machine is.
  state.counters["cpu_us"] =
      static_cast<double>(std::clock() - before) * 1e6 / CLOCKS_PER_SEC / static_cast<double>(state.iterations());
}

void read_by_id(benchmark::State& state) { disclose(state, false); }
void look_up_by_phone(benchmark::State& state) { disclose(state, true); }
BENCHMARK(read_by_id)->Arg(256)->Arg(32)->UseRealTime()->Iterations(100'000);
BENCHMARK(look_up_by_phone)->Arg(256)->UseRealTime()->Iterations(50'000);

void take_in(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    auto ground = std::make_unique<Ground>(static_cast<CipherKind>(state.range(0)));
    state.ResumeTiming();
    ground->take_in(kSubjects);
    state.PauseTiming();
    ground.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(kSubjects) * state.iterations());
}
BENCHMARK(take_in)
    ->Arg(static_cast<int>(CipherKind::kAes256Gcm))
    ->Arg(static_cast<int>(CipherKind::kSm4))
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

/// Rows of a dataset into an empty vault; then the same batch again, of which nothing is written.
void absorb(benchmark::State& state) {
  const bool again = state.range(0) != 0;
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    auto ground = std::make_unique<Ground>();
    if (again) (void)ground->absorb(kSubjects, "b1");
    state.ResumeTiming();
    const RecordCounts counts = ground->absorb(kSubjects, again ? "b2" : "b1");
    if (counts.added + counts.unchanged != kSubjects) std::abort();
    state.PauseTiming();
    ground.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(kSubjects) * state.iterations());
}
/// All rows of a dataset under a grant, each with its line in a ledger.
void release(benchmark::State& state) {
  Ground ground;
  (void)ground.absorb(kSubjects, "b1");
  Opening opening{.grant = "g1",
                  .department = "health",
                  .dataset = "civil.register",
                  .fields = {},
                  .rows = {},
                  .purpose = "handle_case",
                  .basis = "law-1"};
  for (int i = 0; i < 10; ++i) opening.fields.push_back({fmt::format("f{:02}", i), i == 2});
  const ReleaseAsk ask{.actor = {"officer", {{"data_officer", "health", "9901"}}, true},
                       .open = [opening](store::Snapshot&) -> Result<Opening> { return opening; },
                       .fields = {},
                       .how = "file",
                       .admit = {}};
  for ([[maybe_unused]] const auto _ : state) {
    size_t bytes = 0;
    const auto out = must(ground.door().release(ask, Cancel(), [&](const std::vector<ShownRow>& rows) -> Status {
      for (const ShownRow& row : rows) bytes += row.cells.back().value.size();
      return {};
    }));
    if (out.rows != kSubjects || bytes == 0) std::abort();
  }
  state.SetItemsProcessed(static_cast<int64_t>(kSubjects) * state.iterations());
}
BENCHMARK(release)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(2);
BENCHMARK(absorb)->ArgName("again")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace zhili::vault
