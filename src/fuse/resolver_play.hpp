#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "fuse/made_up_people.hpp"
#include "fuse/resolver.hpp"
#include "fuse/test_fusion.hpp"

/// For tests: random changes of records, and what a batch run makes of those that are there in the end.
namespace zhili::fuse {

using Lines = std::map<std::pair<uint32_t, std::string>, RecordChange>;  // By source and record id.
/// Members of an entity as text: its values as text.
using Picture = std::map<std::string, std::string>;

inline constexpr std::string_view kPeople = R"(version: 1
sources:
  - {id: police, file: police.csv, record_id: id, updated: updated, trust: 90}
  - {id: clinic, file: clinic.csv, record_id: id, updated: updated, trust: 50}
attributes: {name: latin_name, birth: date, phone: phone}
blocking: [phone, birth, name.tokens, "name.prefix(1) + birth.year", name.metaphone]
survivorship: vote
max_block: 9
)";

/// Blocks that are just as large as they may be, and nothing else that brings records together: they are split, given
/// up and united all the time.
inline constexpr std::string_view kCrowded = R"(version: 1
sources:
  - {id: police, file: police.csv, record_id: id, updated: updated, trust: 90}
  - {id: clinic, file: clinic.csv, record_id: id, updated: updated, trust: 50, unique: true}
attributes: {name: latin_name, birth: date, phone: phone}
blocking: [birth.year, name.initial]
survivorship: {default: trust, phone: newest}
max_block: 4
)";

inline std::vector<RecordChange> parse(const std::string& csv, uint32_t source) {
  std::vector<RecordChange> out;
  std::vector<std::string> cells(1);
  for (const char c : csv) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      if (cells[0] != "id") out.push_back({source, cells[0], cells[4], false, {cells[1], cells[2], cells[3]}});
      cells.assign(1, "");
    } else {
      cells.back() += c;
    }
  }
  return out;
}

inline std::string csv_of(const Lines& lines, uint32_t source) {
  std::string out = "id,name,birth,phone,updated\n";
  for (const auto& [key, line] : lines) {
    if (key.first != source) continue;
    out += fmt::format("{},{},{},{},{}\n", line.id, line.values[0], line.values[1], line.values[2], line.updated);
  }
  return out;
}

inline Picture picture_of(const Resolver& resolver) {
  Picture out;
  for (const EntityId id : resolver.ids()) {
    const auto entity = resolver.entity(id);
    if (!entity) continue;
    std::string members;
    for (const auto& [source, record] : entity->members) members += fmt::format("{}:{} ", source, record);
    for (const auto& v : entity->values) {
      out[members] += fmt::format("{}={} from {}:{} {} differs {}\n", v.attribute, v.value, v.source, v.record,
                                  v.updated, v.differs);
    }
    out[members] += "";
  }
  return out;
}

/// The first entity that only one of the two has.
inline std::string difference(const Picture& ours, const Picture& expected) {
  for (const auto& [members, values] : expected) {
    const auto found = ours.find(members);
    if (found == ours.end()) return "missing: " + members;
    if (found->second != values) return fmt::format("{}:\n{}instead of\n{}", members, found->second, values);
  }
  for (const auto& [members, values] : ours) {
    if (!expected.contains(members)) return "too many: " + members;
  }
  return {};
}

/// What a batch run makes of the records, under the frozen model.
inline Picture batch(const std::string& yaml, const Lines& lines, const FrozenModel& frozen,
                     const std::vector<Decision>& decisions) {
  TestFusion fusion(yaml, {{"police.csv", csv_of(lines, 0)}, {"clinic.csv", csv_of(lines, 1)}});
  fusion->freeze(frozen);
  if (!TestFusion::succeeded(fusion->read())) return {};
  const auto resolved =
      resolve_decisions(standing_decisions(decisions), fusion->config(), RecordIndex(fusion->records(), 1));
  for (auto step : {&Fusion::block, &Fusion::learn, &Fusion::score}) {
    if (!TestFusion::succeeded(((*fusion).*step)())) return {};
  }
  if (!TestFusion::succeeded(fusion->group(resolved.decided))) return {};
  const auto& records = fusion->records();
  const Membership membership(fusion->clusters());
  const GoldenRules golden(fusion->config(), records);
  GoldenRules::Scratch scratch;
  std::string buffer;
  Picture out;
  for (uint32_t c = 0; c < membership.clusters(); ++c) {
    std::string members;
    for (const uint32_t record : membership.of(c)) {
      members += fmt::format("{}:{} ", records.source(record), records.id(record));
    }
    auto& text = out[members];
    for (uint32_t a = 0; a < records.attributes(); ++a) {
      const auto value = golden.choose(a, membership.of(c), scratch);
      if (value.record == GoldenValue::kNone) continue;
      text += fmt::format("{}={} from {}:{} {} differs {}\n", a, golden.text(a, value.record, buffer),
                          records.source(value.record), records.id(value.record), records.updated(value.record),
                          value.differs);
    }
  }
  return out;
}

/// A model learnt from made-up people, and the records to play with.
struct Ground {
  std::string yaml;
  FrozenModel frozen;
  std::vector<RecordChange> pool;

  Ground(std::string config, int people, uint64_t seed) : yaml(std::move(config)) {
    const MadeUpPeople made(people, 0.25, seed);
    TestFusion fusion(yaml, {{"police.csv", made.police}, {"clinic.csv", made.clinic}});
    EXPECT_TRUE(fusion.run());
    frozen = fusion->frozen();
    pool = parse(made.police, 0);
    const auto clinic = parse(made.clinic, 1);
    pool.insert(pool.end(), clinic.begin(), clinic.end());
  }

  std::unique_ptr<Resolver> empty() const {
    static Cancel cancel;
    auto config = parse_config(yaml);
    EXPECT_TRUE(config) << config.error().text();
    auto fusion = Fusion::create(std::move(*config), 1, Progress::Mode::kOff, cancel);
    EXPECT_TRUE(fusion);
    (*fusion)->freeze(FrozenModel::parse(frozen.to_bytes()).value());
    EXPECT_TRUE((*fusion)->adopt(RecordEditor::empty((*fusion)->config())));
    auto resolver = Resolver::create(std::move(*fusion), nullptr, {}, 1000);
    EXPECT_TRUE(resolver) << resolver.error().text();
    return std::move(*resolver);
  }
};

/// Plays random changes and decisions, and keeps what should be there.
class Play {
 public:
  Play(const Ground& ground, uint64_t seed) : ground_(ground), random_(seed) {}

  RecordChange change() {
    auto out = random_.pick(ground_.pool);
    out.updated = fmt::format("2026-01-01T{:08}", ++clock_);
    const auto there = lines.find({out.source, out.id});
    if (there != lines.end() && random_.chance(0.4)) {
      out.gone = true;
      out.values.clear();
    } else if (there != lines.end() || random_.chance(0.2)) {
      out.values = random_.pick(ground_.pool).values;
    }
    if (there != lines.end() && random_.chance(0.1)) {
      out.updated = "2025";  // Came late: what is there is newer.
      return out;
    }
    if (out.gone)
      lines.erase({out.source, out.id});
    else
      lines[{out.source, out.id}] = out;
    return out;
  }
  Decision decision() {
    const auto name = [&] {
      const auto& record = random_.pick(ground_.pool);
      return RecordName{record.source == 0 ? "police" : "clinic", record.id};
    };
    Decision out{name(), name(), Verdict::kSame, "somebody", "", "", 0};
    while (out.b == out.a) out.b = name();
    out.verdict = static_cast<Verdict>(random_.below(2));
    if (!decisions.empty() && random_.chance(0.4)) {
      const auto& old = random_.pick(decisions);
      out.a = old.b;
      out.b = old.a;
      out.verdict = Verdict::kUndo;
    }
    decisions.push_back(out);
    return out;
  }
  Random& random() { return random_; }

  Lines lines;
  std::vector<Decision> decisions;

 private:
  const Ground& ground_;
  Random random_;
  uint64_t clock_ = 0;
};

/// Steps of random changes and decisions; some are taken back at once. What is there in the end is compared with a
/// batch run.
struct Walk {
  Picture picture;
  std::vector<std::string> journals;
};

inline Walk walk(const Ground& ground, Resolver& resolver, Play& play, int steps, bool compare = true) {
  Walk out;
  for (int s = 0; s < steps; ++s) {
    std::vector<RecordChange> changes;
    std::vector<Decision> decisions;
    const auto lines = play.lines;
    const auto decided = play.decisions;
    for (uint64_t n = play.random().below(12); n > 0; --n) changes.push_back(play.change());
    for (uint64_t n = play.random().chance(0.3) ? 2 : 0; n > 0; --n) decisions.push_back(play.decision());
    for (const auto& change : changes) EXPECT_TRUE(check_change(change, resolver.config()));
    const auto before = play.random().chance(0.1) ? picture_of(resolver) : Picture();
    auto step = resolver.apply(changes, decisions);
    if (!before.empty()) {
      // With another step on top of it.
      std::vector<RecordChange> more;
      more.reserve(5);
      for (int n = 0; n < 5; ++n) more.push_back(play.change());
      resolver.apply(more, {});
      resolver.undo();
      resolver.undo();
      EXPECT_EQ(difference(picture_of(resolver), before), "");
      play.lines = lines;
      play.decisions = decided;
      continue;
    }
    resolver.keep();
    if (!step.journal.empty()) out.journals.push_back(std::move(step.journal));
  }
  if (!compare) return out;
  out.picture = picture_of(resolver);
  EXPECT_EQ(difference(out.picture, batch(ground.yaml, play.lines, ground.frozen, play.decisions)), "");
  return out;
}

}  // namespace zhili::fuse
