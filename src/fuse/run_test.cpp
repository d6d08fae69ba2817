#include "fuse/run.hpp"

#include <algorithm>
#include <csignal>
#include <map>
#include <set>
#include <thread>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "base/output_dir.hpp"
#include "fuse/decisions.hpp"
#include "fuse/lookup.hpp"
#include "fuse/made_up_people.hpp"
#include "fuse/test_fusion.hpp"
#include "table/reader.hpp"

namespace zhili::fuse {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOutputs[] = {"links.csv",   "entities.parquet", "pairs.parquet", "review.csv", "model.json",
                                    "rejects.csv", "history.csv",      "run.json",      "report.html"};

/// Of the outputs, those that differ between two runs of the same.
bool tells_times(std::string_view name) { return name == "run.json" || name == "report.html"; }

std::string bytes_of(const fs::path& path) { return read_file(path, uint64_t{1} << 30).value_or("(none)"); }

/// Everything in a directory, by name.
std::map<std::string, std::string> snapshot(const fs::path& dir) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::directory_iterator(dir)) out[entry.path().filename()] = bytes_of(entry.path());
  return out;
}

std::vector<std::vector<std::string>> rows_of(const fs::path& path) {
  std::vector<std::vector<std::string>> out;
  auto reader = table::Reader::open(path);
  EXPECT_TRUE(reader) << reader.error().text();
  if (!reader) return out;
  table::Batch batch;
  while ((*reader)->next(batch).value_or(false)) {
    for (size_t r = 0; r < batch.rows(); ++r) {
      auto& row = out.emplace_back();
      for (size_t c = 0; c < batch.columns(); ++c) row.emplace_back(batch.cell(c, r));
    }
  }
  return out;
}

class RunTest : public testing::Test {
 protected:
  RunTest() { put(MadeUpPeople(300)); }

  void put(const MadeUpPeople& people, const std::string& yaml = MadeUpPeople::yaml()) {
    dir_.write("police.csv", people.police);
    dir_.write("clinic.csv", people.clinic);
    dir_.write("fuse.yaml", yaml);
  }
  Result<RunSummary> try_run(const fs::path& out, unsigned threads = 2,
                             const std::optional<fs::path>& previous = std::nullopt) {
    auto config = load_config(dir_.path() / "fuse.yaml");
    if (!config) return std::unexpected(config.error());
    const RunOptions options{.out = out,
                             .data_dir = {},
                             .previous = previous,
                             .truth = {},
                             .version = "test",
                             .members = members_,
                             .threads = threads,
                             .now = RunTime{std::chrono::milliseconds(1'700'000'000'000 + runs_++)}};
    return run(std::move(*config), options, *cancel_);
  }
  RunSummary run_to(const fs::path& out, unsigned threads = 2) {
    auto summary = try_run(out, threads);
    EXPECT_TRUE(summary) << summary.error().text();
    return summary ? *summary : RunSummary{};
  }
  /// Entity by "source:record".
  static std::map<std::string, std::string> links(const fs::path& out) {
    std::map<std::string, std::string> map;
    for (const auto& row : rows_of(out / "links.csv")) map[row[0] + ":" + row[1]] = row[2];
    return map;
  }

  ScratchDir dir_;
  fs::path out_ = dir_.path() / "out";
  std::unique_ptr<Cancel> cancel_ = std::make_unique<Cancel>();
  int runs_ = 0;
  bool members_ = false;
};

TEST_F(RunTest, WritesEveryOutput) {
  const auto summary = run_to(out_);
  for (const auto* name : kOutputs) EXPECT_TRUE(fs::exists(out_ / name)) << name;
  EXPECT_EQ(snapshot(dir_.path()).size(), 4U);  // Nothing lies beside the result.

  EXPECT_TRUE(bytes_of(out_ / "links.csv").starts_with("source,record_id,entity_id\npolice,P0,"));
  const auto link_rows = rows_of(out_ / "links.csv");
  EXPECT_EQ(link_rows.size(), summary.records);
  std::set<std::string> entities;
  for (const auto& row : link_rows) entities.insert(row[2]);
  EXPECT_EQ(entities.size(), summary.entities);

  const auto golden = rows_of(out_ / "entities.parquet");
  EXPECT_EQ(golden.size(), summary.entities);
  std::map<std::string, uint64_t> sizes;
  for (const auto& row : link_rows) ++sizes[row[2]];
  for (const auto& row : golden) EXPECT_EQ(row[1], std::to_string(sizes[row[0]])) << row[0];

  const auto pairs = rows_of(out_ / "pairs.parquet");
  EXPECT_EQ(pairs.size(), summary.linked_pairs);
  for (const auto& row : pairs) EXPECT_GE(std::stod(row[5]), 0.5);
  EXPECT_EQ(rows_of(out_ / "review.csv").size(), summary.review_pairs);
  EXPECT_GT(summary.candidate_pairs, summary.linked_pairs);
  EXPECT_GT(summary.peak_bytes, 1'000'000U);
  EXPECT_EQ(bytes_of(out_ / "history.csv"), "time,event,old_id,new_id,records\n");
  EXPECT_EQ(bytes_of(out_ / "rejects.csv"), "source,file,line,column,reason,excerpt\n");

  const auto file = read_run_file(out_);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->config, dir_.path() / "fuse.yaml");
  EXPECT_EQ(file->decisions, out_ / "decisions.csv");
  EXPECT_EQ(file->rules.size(), 4U);
  EXPECT_EQ(file->sources, (std::vector<std::string>{"police", "clinic"}));
}

TEST_F(RunTest, MembersSayWhyEachRecordBelongs) {
  run_to(out_, 2);
  EXPECT_FALSE(fs::exists(out_ / "members.parquet"));
  members_ = true;
  run_to(out_, 2);
  const auto rows = rows_of(out_ / "members.parquet");
  const auto entity_of = links(out_);
  ASSERT_EQ(rows.size(), entity_of.size());
  std::map<std::string, std::set<std::string>> before;
  for (const auto& row : rows) {
    const std::string name = row[1] + ":" + row[2];
    EXPECT_EQ(entity_of.at(name), row[0]);
    auto& seen = before[row[0]];
    EXPECT_EQ(seen.empty(), row[3].empty()) << name;
    if (!row[3].empty()) {
      EXPECT_TRUE(seen.contains(row[3] + ":" + row[4])) << name << " hangs on a later row";
      double bits = 0;
      const auto parts = boost::json::parse(row[7]);
      for (const auto& part : parts.as_array()) bits += part.at(2).to_number<double>();
      // The rest is the prior, which all pairs share.
      EXPECT_LT(std::stod(row[5]), bits) << name;
      EXPECT_NEAR(std::stod(row[6]), 1 / (1 + std::exp2(-std::stod(row[5]))), 1e-6);
      for (const char* personal : {"张", "王", "990101"}) EXPECT_FALSE(row[7].contains(personal)) << row[7];
    }
    seen.insert(name);
  }
  EXPECT_LT(before.size(), rows.size());
  members_ = false;
  run_to(out_, 2);
  EXPECT_TRUE(rows_of(out_ / "members.parquet").empty());
}

TEST_F(RunTest, GivesTheSameBytesOnAnyNumberOfThreads) {
  run_to(out_, 1);
  run_to(dir_.path() / "again", 3);
  for (const auto* name : kOutputs) {
    if (!tells_times(name)) {
      EXPECT_EQ(bytes_of(out_ / name), bytes_of(dir_.path() / "again" / name)) << name;
    }
  }
}

TEST_F(RunTest, ASecondRunKeepsAllIds) {
  run_to(out_);
  const auto first = links(out_);
  const auto summary = run_to(out_);
  EXPECT_EQ(links(out_), first);
  EXPECT_EQ(summary.ids_new, 0U);
  EXPECT_EQ(rows_of(out_ / "history.csv").size(), 0U);
}

TEST_F(RunTest, IdsStayWithTheRecordsWhenSourcesAreSwappedAndRecordsAdded) {
  run_to(out_);
  const auto before = links(out_);
  const MadeUpPeople people(300);
  auto yaml = MadeUpPeople::yaml();
  const auto police = yaml.find("  - {id: police");
  const auto clinic = yaml.find("  - {id: clinic");
  const auto end = yaml.find("attributes:");
  yaml = yaml.substr(0, police) + yaml.substr(clinic, end - clinic) + yaml.substr(police, clinic - police) +
         yaml.substr(end);
  put(people, yaml);
  dir_.write("police.csv", people.police + "P9000,zo newman,1977-07-07,13111111111,2024-01-01\n");
  const auto summary = run_to(out_);
  const auto after = links(out_);
  EXPECT_EQ(after.size(), before.size() + 1);
  size_t changed = 0;
  for (const auto& [record, entity] : before) changed += after.at(record) == entity ? 0 : 1;
  // One more record can move the learnt weights, and with them a pair at the threshold, but no more.
  EXPECT_LE(changed, before.size() / 100);
  EXPECT_EQ(summary.ids_new + summary.ids_kept, summary.entities);
  EXPECT_GE(summary.ids_kept, summary.entities - 1 - changed);
}

TEST_F(RunTest, TakesIdsFromAPreviousResult) {
  run_to(out_);
  const auto next = dir_.path() / "next";
  const auto summary = try_run(next, 2, out_);
  ASSERT_TRUE(summary) << summary.error().text();
  EXPECT_EQ(summary->ids_new, 0U);
  EXPECT_EQ(links(next), links(out_));
  const auto wrong = try_run(next, 2, dir_.path());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kNotFound);
}

TEST_F(RunTest, DecisionsBindAreUndoneAndLeaveATrace) {
  run_to(out_);
  const auto before = links(out_);
  // Two records of one entity, and two of different ones, of different sources.
  std::map<std::string, std::vector<std::string>> members;
  for (const auto& [record, entity] : before) members[entity].push_back(record);
  const auto whole = std::ranges::find_if(members, [](const auto& m) { return m.second.size() == 2; });
  const auto lone_a = std::ranges::find_if(members, [](const auto& m) { return m.second.size() == 1; });
  const auto lone_b =
      std::find_if(std::next(lone_a), members.end(), [](const auto& m) { return m.second.size() == 1; });
  ASSERT_NE(lone_b, members.end());
  const auto name = [](const std::string& text) { return parse_record_name(text).value(); };
  const auto decide = [&](const std::string& a, const std::string& b, Verdict verdict) {
    const auto written = append_decision(out_ / "decisions.csv", {name(a), name(b), verdict, "", "", "", 0});
    ASSERT_TRUE(written) << written.error().text();
  };
  decide(whole->second[0], whole->second[1], Verdict::kDifferent);
  decide(lone_a->second[0], lone_b->second[0], Verdict::kSame);

  for (int again = 0; again < 2; ++again) {  // A re-run does not forget them.
    const auto summary = run_to(out_);
    EXPECT_EQ(summary.decisions_followed, 2U);
    const auto after = links(out_);
    EXPECT_NE(after.at(whole->second[0]), after.at(whole->second[1]));
    EXPECT_EQ(after.at(lone_a->second[0]), after.at(lone_b->second[0]));
    EXPECT_EQ(rows_of(out_ / "history.csv").size(), 2U);
  }
  // The id that went out of use leads to the entity that holds its record now.
  const auto survivor = links(out_).at(lone_a->second[0]);
  const auto& lost = survivor == lone_a->first ? lone_b->first : lone_a->first;
  const auto found = look_up(out_, lost, Progress::Mode::kOff, *cancel_);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_FALSE(found->present);
  ASSERT_EQ(found->entities.size(), 1U);
  EXPECT_EQ(found->entities[0].id, survivor);
  EXPECT_EQ(found->entities[0].records.size(), 2U);
  ASSERT_EQ(found->events.size(), 1U);
  EXPECT_EQ(found->events[0].event, "merged");

  decide(whole->second[0], whole->second[1], Verdict::kUndo);
  decide(lone_b->second[0], lone_a->second[0], Verdict::kUndo);
  const auto summary = run_to(out_);
  EXPECT_EQ(summary.decisions_followed, 0U);
  EXPECT_EQ(links(out_), before);
}

TEST_F(RunTest, TellsContradictionsAndUnknownRecords) {
  fs::create_directory(out_);
  std::ofstream(out_ / "decisions.csv") << "source_a,record_a,source_b,record_b,decision\n"
                                           "police,P1,police,P3,different\npolice,P1,police,P2,same\n"
                                           "police,P2,police,P3,same\npolice,P1,police,gone,same\n";
  const auto summary = run_to(out_);
  EXPECT_EQ(summary.decisions_followed, 2U);
  EXPECT_EQ(summary.decisions_set_aside, 1U);
  EXPECT_EQ(summary.decisions_unknown, 1U);
  ASSERT_EQ(summary.notes.size(), 2U);
  EXPECT_NE(summary.notes[0].find("police:P1 = police:P2 = police:P3"), std::string::npos) << summary.notes[0];
  EXPECT_NE(summary.notes[1].find("decisions.csv:5"), std::string::npos) << summary.notes[1];
  const auto after = links(out_);
  EXPECT_EQ(after.at("police:P1"), after.at("police:P3"));
}

TEST_F(RunTest, ABrokenDecisionStopsTheRunAtOnce) {
  run_to(out_);
  std::ofstream(out_ / "decisions.csv") << "source_a,record_a,source_b,record_b,decision\npolice,P1,police,P3,maybe\n";
  const auto before = snapshot(out_);
  const auto refused = try_run(out_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInput);
  EXPECT_EQ(refused.error().place.line, 2U);
  EXPECT_EQ(snapshot(out_), before);
}

TEST_F(RunTest, KeepsFilesThatAreNotItsOwn) {
  fs::create_directories(out_ / "notes");
  std::ofstream(out_ / "notes" / "a.txt") << "mine";
  std::ofstream(out_ / "decisions.csv") << "source_a,record_a,source_b,record_b,decision\n";
  run_to(out_);
  run_to(out_);
  EXPECT_EQ(bytes_of(out_ / "notes" / "a.txt"), "mine");
  EXPECT_TRUE(fs::exists(out_ / "decisions.csv"));
}

TEST_F(RunTest, RejectsAreListed) {
  const MadeUpPeople people(300);
  dir_.write("clinic.csv", people.clinic + "C9000,too,many,cells,here,now\nC0,same id,1990-01-01,,2020-01-01\n");
  const auto summary = run_to(out_);
  EXPECT_EQ(summary.rejected, 2U);
  const auto rejects = rows_of(out_ / "rejects.csv");
  ASSERT_EQ(rejects.size(), 2U);
  EXPECT_EQ(rejects[0][0], "clinic");
  EXPECT_EQ(rejects[0][1], (dir_.path() / "clinic.csv").string());
  EXPECT_FALSE(rejects[0][2].empty());
  EXPECT_NE(rejects[1][4].find("used before"), std::string::npos);
}

TEST_F(RunTest, AStoppedRunLeavesTheEarlierResult) {
  put(MadeUpPeople(3000));
  run_to(out_);
  const auto before = snapshot(out_);
  Random random(5);
  int stopped = 0;
  for (int i = 0; i < 12; ++i) {
    {
      const auto pause = std::chrono::microseconds(random.below(400'000));
      const std::jthread stopper([&] {
        std::this_thread::sleep_for(pause);
        cancel_->request();
      });
      const auto result = try_run(out_);
      if (!result) {
        ASSERT_EQ(result.error().code, ErrorCode::kCancelled) << result.error().text();
        ++stopped;
      } else {
        // It was quicker. Its result differs in times and history alone.
        EXPECT_EQ(bytes_of(out_ / "links.csv"), before.at("links.csv"));
      }
    }
    cancel_ = std::make_unique<Cancel>();
    if (stopped > 0) {
      EXPECT_EQ(bytes_of(out_ / "links.csv"), before.at("links.csv"));
    }
  }
  EXPECT_GT(stopped, 0);
  EXPECT_EQ(snapshot(dir_.path()).size(), 4U);
}

TEST_F(RunTest, AStopBeforeTheStartWritesNothing) {
  cancel_->request();
  const auto result = try_run(out_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_EQ(snapshot(dir_.path()).size(), 3U);
}

TEST_F(RunTest, AKilledRunLeavesTheEarlierResultAndTheNextOneCleansUp) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer does not follow a fork of a program with threads";
#endif
  put(MadeUpPeople(2000));
  run_to(out_);
  const auto before = snapshot(out_);
  Random random(6);
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      (void)try_run(out_);
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random.below(500'000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    // Whenever it was killed, the directory is whole: the old result, or a new one that is the same but for times.
    for (const auto* name : kOutputs) {
      if (!tells_times(name)) {
        EXPECT_EQ(bytes_of(out_ / name), before.at(name)) << name;
      }
    }
    EXPECT_TRUE(read_run_file(out_));
  }
  run_to(out_);
  EXPECT_EQ(snapshot(dir_.path()).size(), 4U);
}

/// A file system of a few hundred kilobytes.
class FullDisk {
 public:
  explicit FullDisk(const fs::path& dir) : dir_(dir) {
    fs::create_directory(dir_);
    mounted_ = ::mount("tmpfs", dir_.c_str(), "tmpfs", 0, "size=400k") == 0;
  }
  ~FullDisk() {
    if (mounted_) ::umount2(dir_.c_str(), MNT_DETACH);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  fs::path dir_;
  bool mounted_;
};

TEST_F(RunTest, AFullDiskIsToldAndLeavesTheEarlierResult) {
  const auto disk = dir_.path() / "disk";
  const FullDisk full(disk);
  if (!full.mounted()) GTEST_SKIP() << "needs the right to mount a small file system";
  put(MadeUpPeople(20));
  for (const auto& out : {disk / "out", disk}) {
    put(MadeUpPeople(20));
    run_to(out);
    const auto before = links(out);
    put(MadeUpPeople(6000));
    const auto result = try_run(out);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kIo) << result.error().text();
    EXPECT_NE(result.error().text().find("No space left"), std::string::npos) << result.error().text();
    EXPECT_NE(result.error().hint.find("Free some space"), std::string::npos) << result.error().text();
    EXPECT_EQ(links(out), before);
    EXPECT_TRUE(read_run_file(out));
  }
}

TEST_F(RunTest, LookUpShowsAnEntityAndRefusesAnUnknownOne) {
  run_to(out_);
  const auto all = links(out_);
  const auto& id = all.at("police:P1");
  const auto found = look_up(out_, id, Progress::Mode::kOff, *cancel_);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_TRUE(found->present);
  ASSERT_EQ(found->entities.size(), 1U);
  const auto& entity = found->entities[0];
  EXPECT_EQ(entity.id, id);
  ASSERT_EQ(entity.values.size(), 3U);
  EXPECT_EQ(entity.values[0].attribute, "name");
  EXPECT_FALSE(entity.values[0].value.empty());
  EXPECT_EQ(std::ranges::count(entity.records, RecordName{"police", "P1"}), 1);
  EXPECT_EQ(std::ranges::count(entity.records, entity.values[0].from), 1);

  const auto unknown = look_up(out_, "b00000000001", Progress::Mode::kOff, *cancel_);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(look_up(dir_.path(), id, Progress::Mode::kOff, *cancel_));
  const std::vector<RecordName> names = {{"police", "P1"}, {"police", "none"}};
  const auto entities = entities_of(out_, names, Progress::Mode::kOff, *cancel_);
  ASSERT_TRUE(entities);
  EXPECT_EQ(*entities, (std::vector<std::string>{id, ""}));
}

TEST_F(RunTest, ARunFileThatIsNoneIsRefused) {
  EXPECT_EQ(read_run_file(dir_.path()).error().code, ErrorCode::kNotFound);
  dir_.write("run.json", "{\"config\": 3}");
  EXPECT_EQ(read_run_file(dir_.path()).error().code, ErrorCode::kInput);
  dir_.write("run.json", "not json");
  EXPECT_EQ(read_run_file(dir_.path()).error().code, ErrorCode::kInput);
}

}  // namespace
}  // namespace zhili::fuse
