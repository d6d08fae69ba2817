#include "fuse/run.hpp"

#include <array>
#include <chrono>
#include <memory>

#include <boost/json/serialize.hpp>
#include <sys/resource.h>

#include "base/output_dir.hpp"
#include "base/parallel.hpp"
#include "base/progress.hpp"
#include "fuse/decisions.hpp"
#include "fuse/dir_lock.hpp"
#include "fuse/entities.hpp"
#include "fuse/fusion.hpp"
#include "fuse/identity.hpp"
#include "fuse/members.hpp"
#include "fuse/membership.hpp"
#include "fuse/outputs.hpp"
#include "fuse/record_index.hpp"
#include "fuse/report.hpp"
#include "fuse/review.hpp"
#include "fuse/truth.hpp"
#include "table/excerpt.hpp"

namespace zhili::fuse {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

uint64_t peak_bytes() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

fs::path absolute_path(const fs::path& path) {
  if (path.empty()) return path;
  std::error_code ec;
  auto out = fs::absolute(path, ec);
  return ec ? path : out.lexically_normal();
}

template <class T, class Target>
Status store(Result<T> made, Target& target) {
  if (!made) return std::unexpected(std::move(made).error());
  target = std::move(*made);
  return {};
}

/// Whether a value that can't be read as this type may stand in a message. A name or a number that leads to a person
/// may not: messages end in logs.
bool tells_nobody(SemanticType type) {
  return type == SemanticType::kDate || type == SemanticType::kNumber || type == SemanticType::kLatitude ||
         type == SemanticType::kLongitude;
}

class Run {
 public:
  Run(const RunOptions& options, Cancel& cancel) : options_(options), cancel_(cancel) {}

  Result<RunSummary> go(Config config);

 private:
  Status find_earlier();
  Status resolve();
  Status name_entities();
  Status write(const fs::path& dir);
  Status write_pair_list(const fs::path& dir, Progress& progress, std::vector<StepTime>& times);
  Status write_review_list(const fs::path& dir, std::vector<StepTime>& times);
  Status write_links_and_entities(const fs::path& dir, Progress& progress, std::vector<StepTime>& times);
  Status write_report(const fs::path& path);
  Status publish(OutputDir& out);
  void describe();
  void note_unreadable();
  /// Runs one step and notes what it took.
  template <class Work>
  Status timed(std::string step, Work&& work) {
    return timed(times_, std::move(step), std::forward<Work>(work));
  }
  template <class Work>
  Status timed(std::vector<StepTime>& times, std::string step, Work&& work) {
    const auto start = Clock::now();
    ZHILI_TRY(cancel_.check());
    ZHILI_TRY(work());
    times.push_back({std::move(step), seconds_since(start)});
    return {};
  }
  const Config& config() const { return fusion_->config(); }

  const RunOptions& options_;
  Cancel& cancel_;
  fs::path earlier_;  // Directory of the earlier result; empty if there is none.
  std::vector<Decision> standing_;
  std::unique_ptr<Fusion> fusion_;
  ResolvedDecisions decisions_;
  std::unique_ptr<Membership> membership_;
  Identity identity_;
  std::optional<Truth> truth_;
  ReviewList review_;
  RunSummary summary_;
  std::vector<StepTime> times_;
};

Status Run::find_earlier() {
  std::error_code ec;
  if (options_.previous) {
    if (!fs::exists(*options_.previous / "links.csv", ec)) {
      return fail(ErrorCode::kNotFound, {options_.previous->string(), 0, 0},
                  "Name the directory of an earlier run, or leave --previous out.", "holds no links.csv of a run");
    }
    earlier_ = *options_.previous;
  } else if (fs::exists(options_.out / "links.csv", ec)) {
    earlier_ = options_.out;
  }
  return {};
}

Status Run::resolve() {
  if (standing_.empty()) return {};
  const RecordIndex index(fusion_->records(), options_.threads);
  decisions_ = resolve_decisions(standing_, config(), index);
  for (const auto& contradiction : decisions_.set_aside) {
    summary_.notes.push_back(fmt::format("{}: not followed: {}", summary_.decisions.string(), contradiction.text()));
  }
  constexpr size_t kShown = 10;
  for (size_t i = 0; i < decisions_.unknown.size() && i < kShown; ++i) {
    const auto& decision = decisions_.unknown[i];
    summary_.notes.push_back(fmt::format("{}:{}: not followed, since a record is not there any more: {} and {}",
                                         summary_.decisions.string(), decision.line, decision.a.text(),
                                         decision.b.text()));
  }
  if (decisions_.unknown.size() > kShown) {
    summary_.notes.push_back(
        fmt::format("{} more decisions name records that are not there any more", decisions_.unknown.size() - kShown));
  }
  return {};
}

Status Run::name_entities() {
  membership_ = std::make_unique<Membership>(fusion_->clusters());
  std::optional<EarlierEntities> earlier;
  if (!earlier_.empty()) {
    ZHILI_ASSIGN(earlier, read_earlier_entities(earlier_, config(), fusion_->records(), options_.threads,
                                                options_.progress, cancel_));
  }
  identity_ = assign_ids(config(), fusion_->records(), *membership_, earlier ? &*earlier : nullptr, options_.threads);
  return {};
}

Status Run::write(const fs::path& dir) {
  const auto& records = fusion_->records();
  ZHILI_TRY(write_rejects(dir / "rejects.csv", config(), records));
  const auto earlier_history = earlier_.empty() ? fs::path() : earlier_ / "history.csv";
  ZHILI_TRY(write_history(dir / "history.csv", earlier_history, identity_.events, summary_.time));
  // Each of the three is mostly one thread's work: making one file. The long ones come first.
  Progress progress("Writing", records.size() + fusion_->scored().edges.size() + membership_->clusters(), "rows",
                    options_.progress);
  std::array<std::vector<StepTime>, 3> times;
  std::array<Status, 3> done;
  parallel_for(3, 1, options_.threads, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t part = begin; part < end; ++part) {
      done[part] = part == 0   ? write_pair_list(dir, progress, times[part])
                   : part == 1 ? write_review_list(dir, times[part])
                               : write_links_and_entities(dir, progress, times[part]);
    }
  });
  for (size_t part = 0; part < done.size(); ++part) {
    ZHILI_TRY(std::move(done[part]));
    times_.insert(times_.end(), times[part].begin(), times[part].end());
  }
  return write_file_atomically(dir / "model.json", fusion_->model().to_json());
}

Status Run::write_pair_list(const fs::path& dir, Progress& progress, std::vector<StepTime>& times) {
  return timed(times, "pairs",
               [&] { return store(write_pairs(dir / "pairs.parquet", *fusion_, progress), summary_.linked_pairs); });
}

Status Run::write_review_list(const fs::path& dir, std::vector<StepTime>& times) {
  return timed(times, "review", [&]() -> Status {
    ZHILI_TRY(store(find_review(*fusion_, *membership_, decisions_.decided), review_));
    summary_.review_pairs = review_.found;
    return write_review(dir / "review.csv", review_, *fusion_, identity_.of_cluster);
  });
}

Status Run::write_links_and_entities(const fs::path& dir, Progress& progress, std::vector<StepTime>& times) {
  ZHILI_TRY(timed(times, "links", [&] {
    return write_links(dir / "links.csv", config(), fusion_->records(), fusion_->clusters().of_record,
                       identity_.of_cluster, progress, cancel_);
  }));
  ZHILI_TRY(timed(times, "golden records", [&] {
    return write_entities(dir / "entities.parquet", config(), fusion_->records(), *membership_, identity_.of_cluster,
                          options_.threads, progress, cancel_);
  }));
  std::error_code ec;
  if (options_.members) {
    return timed(times, "members",
                 [&] { return write_members(dir / "members.parquet", *fusion_, *membership_, identity_.of_cluster); });
  }
  // One of an earlier run would be kept, and tell of a result that is gone.
  return fs::exists(options_.out / "members.parquet", ec) ? write_no_members(dir / "members.parquet") : Status();
}

Status Run::write_report(const fs::path& path) {
  return timed("report", [&]() -> Status {
    if (truth_) ZHILI_TRY(store(evaluate(*fusion_, *truth_, fusion_->clusters().of_record), summary_.evaluation));
    const auto review = examples_of(review_);
    ReportInput input;
    input.title = config().path.filename().string();
    input.made_at = summary_.time;
    input.version = options_.version;
    input.times = summary_.times;
    input.peak_memory = peak_bytes();
    input.threads = options_.threads;
    input.review = review;
    input.review_found = review_.found;
    input.decided = decisions_.decided;
    input.evaluation = summary_.evaluation ? &*summary_.evaluation : nullptr;
    input.plain = options_.plain;
    ZHILI_ASSIGN(const auto page, draw_report(*fusion_, input));
    return write_file_atomically(path, page);
  });
}

/// A column in which many values can't be read as what the configuration says they are is mapped wrongly, or spoilt:
/// the run goes on without them, but not silently.
void Run::note_unreadable() {
  constexpr double kMany = 0.1;
  const auto& records = fusion_->records();
  for (uint32_t a = 0; a < records.attributes(); ++a) {
    const auto& column = records.column(a);
    std::vector<uint8_t> unreadable(column.raws.size(), 0);
    for (uint32_t raw = 1; raw < column.raws.size(); ++raw) {
      const uint32_t value = column.value_of_raw[raw];
      if (value == 0 || column.valid[value] == 0) unreadable[raw] = says_nothing(column.raws[raw]) ? 0 : 1;
    }
    for (const auto& source : records.sources()) {
      uint64_t present = 0;
      uint64_t wrong = 0;
      uint64_t first = 0;
      for (uint64_t r = source.first; r < source.first + source.records; ++r) {
        present += column.raw[r] != 0 ? 1 : 0;
        if (unreadable[column.raw[r]] != 0 && wrong++ == 0) first = r;
      }
      if (wrong == 0 || static_cast<double>(wrong) < kMany * static_cast<double>(present)) continue;
      const auto& attribute = config().attributes[a];
      const auto shown = tells_nobody(attribute.type)
                             ? fmt::format(" (\"{}\")", table::excerpt(column.raws[column.raw[first]]))
                             : std::string();
      summary_.notes.push_back(
          fmt::format("{}: {} of {} values of {} are no {}, the first in record {}{}; is the right column mapped?",
                      config().sources[records.source(first)].file.string(), wrong, present, attribute.name,
                      name_of(attribute.type), table::excerpt(records.id(first)), shown));
    }
  }
  for (size_t s = 0; s < config().sources.size(); ++s) {
    if (records.sources()[s].records > 0) continue;
    summary_.notes.push_back(fmt::format("{}: has no rows; entities that only this source knew are gone",
                                         config().sources[s].file.string()));
  }
}

void Run::describe() {
  summary_.threshold = config().threshold;
  for (const auto& rule : fusion_->rules()) summary_.rules.push_back(rule.text);
  for (size_t s = 0; s < config().sources.size(); ++s) {
    const auto& count = fusion_->records().sources()[s];
    summary_.sources.push_back(
        {config().sources[s].id, absolute_path(config().sources[s].file).string(), count.records, count.rejected});
    summary_.rejected += count.rejected;
  }
  summary_.records = fusion_->records().size();
  summary_.entities = fusion_->clusters().count;
  summary_.candidate_pairs = fusion_->scored().counts.pairs;
  summary_.cuts = fusion_->clusters().cut_count;
  summary_.ids_kept = identity_.kept;
  summary_.ids_new = identity_.fresh;
  EntityId last;  // Events are in order of old ids; one that went to several entities counts once.
  for (const auto& event : identity_.events) {
    summary_.ids_merged += event.change == Change::kMerged && event.old_id != last ? 1 : 0;
    summary_.ids_split += event.change == Change::kSplit ? 1 : 0;
    summary_.ids_gone += event.change == Change::kGone ? 1 : 0;
    last = event.old_id;
  }
  summary_.decisions_followed = decisions_.followed.size();
  summary_.decisions_set_aside = decisions_.set_aside.size();
  summary_.decisions_unknown = decisions_.unknown.size();
  note_unreadable();
  if (const auto broken = count_broken(decisions_.decided, fusion_->clusters()); broken > 0) {
    summary_.notes.push_back(fmt::format("{} decided pairs are not kept: that is a fault of this program", broken));
  }
  if (const auto& labels = config().labels; labels && config().model) {
    summary_.notes.push_back(fmt::format("{} is not read: the model is given, so nothing is learnt", labels->string()));
  }
  for (const auto& large : fusion_->blocks().rules()) {
    if (large.pairs_given_up == 0) continue;
    summary_.notes.push_back(fmt::format("{} blocks were larger than max_block; {} of their pairs are not compared",
                                         large.large_count, large.pairs_given_up));
  }
  auto steps = fusion_->times();
  steps.insert(steps.end(), times_.begin(), times_.end());
  summary_.times = std::move(steps);
}

Status Run::publish(OutputDir& out) {
  std::error_code ec;
  if (!fs::is_directory(options_.out, ec)) return out.publish();
  // A decision that is being written right now is waited for, and the next one finds the new directory.
  ZHILI_ASSIGN(const auto lock, DirLock::take(options_.out));
  return out.publish();
}

Result<RunSummary> Run::go(Config config) {
  const auto start = Clock::now();
  summary_.time = time_text(options_.now);
  summary_.config = absolute_path(config.path);
  summary_.data_dir = absolute_path(options_.data_dir);
  summary_.out = absolute_path(options_.out);
  summary_.decisions = absolute_path(config.decisions.value_or(options_.out / "decisions.csv"));
  ZHILI_ASSIGN(auto out, OutputDir::create(options_.out));
  ZHILI_TRY(find_earlier());
  ZHILI_ASSIGN(const auto all, read_decisions(summary_.decisions));
  standing_ = standing_decisions(all);
  std::error_code ec;
  if (config.decisions && fs::exists(options_.out / "decisions.csv", ec) &&
      !fs::equivalent(options_.out / "decisions.csv", *config.decisions, ec)) {
    summary_.notes.push_back(fmt::format("{} is not read: the configuration names {}",
                                         (options_.out / "decisions.csv").string(), config.decisions->string()));
  }
  ZHILI_ASSIGN(fusion_, Fusion::create(std::move(config), options_.threads, options_.progress, cancel_));
  ZHILI_TRY(fusion_->read());
  if (options_.truth) {
    // Now, so that a mistake in it is told before the long part of the work.
    ZHILI_TRY(
        store(read_truth(*options_.truth, this->config(), RecordKeys(fusion_->records()), options_.progress, cancel_),
              truth_));
  }
  ZHILI_TRY(fusion_->block());
  ZHILI_TRY(fusion_->learn());
  ZHILI_TRY(fusion_->score());
  ZHILI_TRY(resolve());
  ZHILI_TRY(fusion_->group(decisions_.decided));
  ZHILI_TRY(timed("ids", [&] { return name_entities(); }));
  ZHILI_TRY(write(out.staging()));
  describe();
  ZHILI_TRY(write_report(out.staging() / "report.html"));
  summary_.times.push_back(times_.back());
  summary_.seconds = seconds_since(start);
  summary_.peak_bytes = peak_bytes();
  ZHILI_TRY(write_file_atomically(out.staging() / "run.json", boost::json::serialize(summary_.to_json())));
  ZHILI_TRY(cancel_.check());
  ZHILI_TRY(publish(out));
  return std::move(summary_);
}

}  // namespace

Result<RunSummary> run(Config config, const RunOptions& options, Cancel& cancel) {
  return Run(options, cancel).go(std::move(config));
}

}  // namespace zhili::fuse
