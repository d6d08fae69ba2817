#include "twin/twin.hpp"

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "base/parallel.hpp"
#include "twin/chronicle.hpp"
#include "twin/economy.hpp"
#include "twin/geography_files.hpp"
#include "twin/registers.hpp"
#include "twin/tables.hpp"

namespace zhili::twin {
namespace {

constexpr uint64_t kCellPeople = 5'000;       // Enough to marry in, few enough to hold many at once.
constexpr double kDwellingsPerPerson = 0.48;  // Households of 2.3 and a tenth of the homes empty.
constexpr uint64_t kSpareDwellings = 12;
constexpr uint32_t kPlacesAtOnce = 4096;

/// Lets pieces of work add to the files in their order, whichever is ready first.
class Turns {
 public:
  /// Waits until all pieces before `piece` have had their turn, and runs `work` unless one of them failed.
  template <class Work>
  void take(uint64_t piece, Work&& work) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ == piece; });
    if (status_) status_ = work();
    ++next_;
    changed_.notify_all();
  }
  bool failed() {
    const std::scoped_lock lock(mutex_);
    return !status_;
  }
  Status status() { return std::move(status_); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t next_ = 0;
  Status status_;
};

// The dwellings of a cell: as many places on a tour of the whole district whose step is the golden section of it, so
// that neighbours on the tour lie far apart.
std::vector<uint64_t> dwellings_of(uint64_t cell, uint64_t cells, uint64_t total) {
  uint64_t step = std::max<uint64_t>(1, static_cast<uint64_t>(static_cast<double>(total) * 0.6180339887498949));
  while (std::gcd(step, total) != 1) ++step;
  std::vector<uint64_t> out;
  for (uint64_t rank = cell * total / cells; rank < (cell + 1) * total / cells; ++rank) {
    out.push_back(rank * step % total);
  }
  return out;
}

Status check(const TwinOptions& options) {
  if (options.people == 0) {
    return fail(ErrorCode::kUsage, {}, "Give --people a number from 1 on, e.g. --people 200000.",
                "a district without residents has no registers");
  }
  if (options.people > limits::kTwinPeople) {
    return fail(ErrorCode::kLimit, {}, "Make several districts with different seeds.",
                "{} residents are more than the limit of {} (kTwinPeople)", options.people, limits::kTwinPeople);
  }
  if (!(options.error_scale >= 0 && options.error_scale <= 20)) {
    return fail(ErrorCode::kUsage, {}, "Choose 0 for no errors, 1 for the rates of the table, at most 20.",
                "an error scale of {} makes no sense", options.error_scale);
  }
  return {};
}

std::string summary_json(const TwinOptions& options, const TwinSummary& summary) {
  std::string out = fmt::format(
      "{{\n  \"people\": {},\n  \"seed\": {},\n  \"error_scale\": {},\n  \"reference_date\": \"{}\",\n  \"persons\": "
      "{},\n"
      "  \"households\": {},\n  \"enterprises\": {},\n  \"buildings\": {},\n  \"dwellings\": {},\n  \"rows\": {{\n",
      summary.people, options.seed, options.error_scale, dashed(kReference), summary.persons, summary.households,
      summary.enterprises, summary.buildings, summary.dwellings);
  for (size_t i = 0; i < summary.tables.size(); ++i) {
    out += fmt::format("    \"{}\": {}{}\n", summary.tables[i].first, summary.tables[i].second,
                       i + 1 < summary.tables.size() ? "," : "");
  }
  out += "  },\n  \"errors\": {\n";
  for (size_t k = 0; k < kErrorKinds; ++k) {
    out += fmt::format("    \"{}\": {{", kErrorTable[k].id);
    bool first = true;
    for (size_t r = 0; r < kRegisters; ++r) {
      const ErrorCount& count = summary.errors[k][r];
      if (count.possible == 0 || kErrorTable[k].per_thousand[r] == 0) continue;
      out += fmt::format("{}\"{}\": [{}, {}]", first ? "" : ", ", register_id(static_cast<Register>(r)), count.made,
                         count.possible);
      first = false;
    }
    out += k + 1 < kErrorKinds ? "},\n" : "}\n";
  }
  return out + "  }\n}\n";
}

void add(ErrorCounts& sum, const ErrorCounts& part) {
  for (size_t k = 0; k < kErrorKinds; ++k) {
    for (size_t r = 0; r < kRegisters; ++r) {
      sum[k][r].possible += part[k][r].possible;
      sum[k][r].made += part[k][r].made;
    }
  }
}

/// One run, with what its pieces share.
class Making {
 public:
  Making(const TwinOptions& options, const Cancel& cancel, TableFiles& files)
      : options_(options),
        cancel_(cancel),
        files_(files),
        cells_((options.people + kCellPeople - 1) / kCellPeople),
        geography_(Geography::build(
            options.seed,
            static_cast<uint64_t>(static_cast<double>(options.people) * kDwellingsPerPerson) + cells_ * kSpareDwellings,
            static_cast<uint32_t>((cells_ + Geography::kBlockCells - 1) / Geography::kBlockCells))),
        confusion_(names_),
        office_{geography_, confusion_, options.seed, options.error_scale},
        progress_("twin", options.people, "residents", options.progress) {}

  Status cells() {
    Turns turns;
    const unsigned threads = options_.threads == 0 ? usable_cores() : options_.threads;
    parallel_for(cells_, 1, threads, [&](uint64_t cell, uint64_t, unsigned) { one_cell(cell, turns); });
    return turns.status();
  }

  Status places() {
    const auto count = static_cast<uint32_t>(geography_.buildings().size());
    for (uint32_t first = 0; first < count; first += kPlacesAtOnce) {
      ZHILI_TRY(cancel_.check());
      CellRows rows;
      write_places(office_, first, std::min(count, first + kPlacesAtOnce), rows, summary_.errors);
      shuffle(rows, first, 0x62);
      ZHILI_TRY(append(rows));
    }
    return {};
  }

  TwinSummary summary() const {
    TwinSummary summary = summary_;
    summary.people = options_.people;
    summary.dwellings = geography_.dwellings();
    summary.buildings = geography_.buildings().size();
    for (size_t t = 0; t < kTables; ++t) {
      const auto table = static_cast<Table>(t);
      summary.tables.emplace_back(table_spec(table).file, files_.rows(table));
      if (t < kRegisters) summary.records_of_people += files_.rows(table);
    }
    return summary;
  }
  const Geography& geography() const { return geography_; }

 private:
  void one_cell(uint64_t number, Turns& turns) {
    CellRows rows;
    ErrorCounts counts{};
    Cell cell;
    if (!cancel_.requested() && !turns.failed()) {
      cell.number = number;
      cell.dwellings = dwellings_of(number, cells_, geography_.dwellings());
      const uint64_t residents = options_.people * (number + 1) / cells_ - options_.people * number / cells_;
      Chronicle(geography_, names_, options_.seed, cell).tell(residents);
      Random random(options_.seed ^ 0x65636f6e, number);
      give_phones(random, cell);
      found_enterprises(geography_, random, residents, cell);
      Clerks(office_, cell, rows, counts).write_all();
      shuffle(rows, number, 0x63);
      progress_.add(residents);
    }
    turns.take(number, [&]() -> Status {
      ZHILI_TRY(cancel_.check());
      add(summary_.errors, counts);
      summary_.persons += cell.people.size();
      summary_.enterprises += cell.enterprises.size();
      for (const Household& h : cell.households) summary_.households += h.members.empty() ? 0 : 1;
      return append(rows);
    });
  }

  void shuffle(CellRows& rows, uint64_t piece, uint64_t salt) const {
    Random random(options_.seed ^ salt, piece);
    for (Rows& table : rows) table.shuffle(random);
  }
  Status append(const CellRows& rows) {
    for (size_t t = 0; t < kTables; ++t) ZHILI_TRY(files_.append(static_cast<Table>(t), rows[t]));
    return {};
  }

  const TwinOptions& options_;
  const Cancel& cancel_;
  TableFiles& files_;
  uint64_t cells_;
  Names names_;
  Geography geography_;
  Confusion confusion_;
  Office office_;
  Progress progress_;
  TwinSummary summary_;
};

}  // namespace

Result<TwinSummary> generate(const TwinOptions& options, const Cancel& cancel) {
  ZHILI_TRY(check(options));
  ZHILI_ASSIGN(auto directory, OutputDir::create(options.out));
  ZHILI_ASSIGN(auto files, TableFiles::create(directory.staging()));
  Making making(options, cancel, files);
  ZHILI_TRY(write_geography(making.geography(), directory.staging()));
  ZHILI_TRY(making.cells());
  ZHILI_TRY(making.places());
  ZHILI_TRY(files.finish());
  TwinSummary summary = making.summary();
  ZHILI_TRY(write_file_atomically(directory.staging() / "twin.json", summary_json(options, summary)));
  ZHILI_TRY(directory.publish());
  return summary;
}

}  // namespace zhili::twin
