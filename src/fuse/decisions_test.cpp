#include "fuse/decisions.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include "base/output_dir.hpp"
#include "base/random.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

constexpr auto kSame = Verdict::kSame;
constexpr auto kDifferent = Verdict::kDifferent;
constexpr auto kUndo = Verdict::kUndo;

Decision decision(const std::string& a, const std::string& b, Verdict verdict) {
  return {{"s", a}, {"s", b}, verdict, "", "", "", 0};
}

std::string told(const std::vector<Decision>& decisions) {
  std::string out;
  for (const auto& d : decisions) out += fmt::format("{} {} {};", d.a.record, name_of(d.verdict), d.b.record);
  return out;
}

class DecisionsTest : public testing::Test {
 protected:
  std::vector<Decision> read(const std::string& bytes) {
    dir_.write("d.csv", bytes);
    auto out = read_decisions(path());
    EXPECT_TRUE(out) << out.error().text();
    return out ? *out : std::vector<Decision>();
  }
  Error refused(const std::string& bytes) {
    dir_.write("d.csv", bytes);
    auto out = read_decisions(path());
    EXPECT_FALSE(out) << bytes;
    return out ? Error{} : out.error();
  }
  std::string bytes() const { return read_file(path(), 1 << 20).value_or(""); }
  std::filesystem::path path() const { return dir_.path() / "d.csv"; }

  ScratchDir dir_;
};

TEST_F(DecisionsTest, ReadsLines) {
  const auto found = read(
      "source_a,record_a,source_b,record_b,decision,by,time,note\n"
      "police,P1,tax,7,same,Li,2026-01-01,\"father, not son\"\n"
      "tax,7,tax,8,different,,,\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].a.text(), "police:P1");
  EXPECT_EQ(found[0].b.text(), "tax:7");
  EXPECT_EQ(found[0].verdict, kSame);
  EXPECT_EQ(found[0].by, "Li");
  EXPECT_EQ(found[0].note, "father, not son");
  EXPECT_EQ(found[1].verdict, kDifferent);
  EXPECT_EQ(found[1].line, 3U);
}

TEST_F(DecisionsTest, BearsOtherColumnsAndOrders) {
  const auto found = read("decision;record_b;x;source_a;record_a;source_b\nundo;2;?;s;1;t\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].a.text(), "s:1");
  EXPECT_EQ(found[0].b.text(), "t:2");
  EXPECT_EQ(found[0].verdict, kUndo);
}

TEST_F(DecisionsTest, AMissingOrEmptyFileHoldsNone) {
  EXPECT_TRUE(read_decisions(path()).value().empty());
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("source_a,record_a,source_b,record_b,decision\n").empty());
}

TEST_F(DecisionsTest, TellsWhereAMistakeIs) {
  const std::string header = "source_a,record_a,source_b,record_b,decision\n";
  auto error = refused(header + "s,1,s,2,same\ns,1,s,3,equal\n");
  EXPECT_EQ(error.code, ErrorCode::kInput);
  EXPECT_EQ(error.place.line, 3U);
  EXPECT_EQ(error.place.column, 5U);
  EXPECT_NE(error.text().find("'equal' is no decision"), std::string::npos);
  EXPECT_NE(error.hint.find("same, different or undo"), std::string::npos);
  EXPECT_NE(refused(header + "s,1,s,,same\n").message.find("record_b"), std::string::npos);
  EXPECT_NE(refused(header + "s,1,s,1,same\n").message.find("itself"), std::string::npos);
  EXPECT_NE(refused("source_a,record_a,source_b,decision\ns,1,s,same\n").message.find("record_b"), std::string::npos);
}

TEST_F(DecisionsTest, AppendsAndKeepsWhatIsThere) {
  auto first = decision("1", "2", kSame);
  first.note = "a \"note\", with\nlines";
  ASSERT_TRUE(append_decision(path(), first));
  ASSERT_TRUE(append_decision(path(), decision("2", "3", kDifferent)));
  const auto found = read_decisions(path());
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(told(*found), "1 same 2;2 different 3;");
  EXPECT_EQ((*found)[0].note, first.note);
}

TEST_F(DecisionsTest, AppendsToAFileWithColumnsOfItsOwn) {
  dir_.write("d.csv", "mark\tsource_a\trecord_a\tsource_b\trecord_b\tdecision\r\n★\ts\t1\ts\t2\tsame\r\n");
  auto next = decision("3", "4", kDifferent);
  next.by = "Li";
  ASSERT_TRUE(append_decision(path(), next));
  EXPECT_EQ(bytes(),
            "mark,source_a,record_a,source_b,record_b,decision,by,time,note\n"
            "★,s,1,s,2,same,,,\n"
            ",s,3,s,4,different,Li,,\n");
}

TEST_F(DecisionsTest, DoesNotTouchAFileThatItCannotRead) {
  dir_.write("d.csv", "a,b\n1,2\n");
  EXPECT_FALSE(append_decision(path(), decision("1", "2", kSame)));
  EXPECT_EQ(bytes(), "a,b\n1,2\n");
}

TEST_F(DecisionsTest, WritersWaitForEachOther) {
  constexpr int kEach = 20;
  std::vector<std::jthread> writers;
  writers.reserve(4);
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        ASSERT_TRUE(append_decision(path(), decision(fmt::format("{}-{}", w, i), "x", kSame)));
      }
    });
  }
  writers.clear();
  EXPECT_EQ(read_decisions(path()).value().size(), 4U * kEach);
}

TEST(StandingDecisions, TheLastOneOnAPairCounts) {
  const std::vector<Decision> all = {
      decision("1", "2", kSame), decision("3", "4", kSame), decision("2", "1", kDifferent), decision("3", "4", kUndo),
      decision("5", "6", kSame), decision("6", "5", kUndo), decision("5", "6", kSame)};
  EXPECT_EQ(told(standing_decisions(all)), "2 different 1;5 same 6;");
}

class ResolveTest : public testing::Test {
 protected:
  ResolveTest() : fusion_(yaml(), {{"s.csv", table()}}) {
    EXPECT_TRUE(TestFusion::succeeded(fusion_->read()));
    index_ = std::make_unique<RecordIndex>(fusion_->records(), 2);
  }
  static std::string yaml() {
    return "version: 1\nsources: [{id: s, file: s.csv, record_id: id}]\nattributes: {v: text}\n";
  }
  static std::string table() {
    std::string out = "id,v\n";
    for (int i = 0; i < 100; ++i) out += fmt::format("{},x\n", i);
    return out;
  }
  ResolvedDecisions resolve(const std::vector<Decision>& decisions) {
    return resolve_decisions(decisions, fusion_->config(), *index_);
  }

  TestFusion fusion_;
  std::unique_ptr<RecordIndex> index_;
};

TEST_F(ResolveTest, MakesConstraints) {
  const auto out = resolve({decision("1", "2", kSame), decision("4", "3", kDifferent)});
  EXPECT_EQ(out.decided.same, (std::vector<std::pair<uint32_t, uint32_t>>{{1, 2}}));
  EXPECT_EQ(out.decided.different, (std::vector<std::pair<uint32_t, uint32_t>>{{3, 4}}));
  EXPECT_TRUE(out.set_aside.empty());
}

TEST_F(ResolveTest, ConnectsWhatAChainConnects) {
  const auto out = resolve({decision("1", "2", kSame), decision("2", "3", kSame), decision("3", "4", kSame)});
  EXPECT_EQ(out.decided.same.size(), 6U);
}

TEST_F(ResolveTest, KeepsApartWhatNamesNoRecord) {
  auto foreign = decision("1", "2", kSame);
  foreign.b.source = "t";
  const auto out = resolve({decision("1", "999", kSame), foreign, decision("1", "2", kSame)});
  EXPECT_EQ(out.unknown.size(), 2U);
  EXPECT_EQ(out.followed.size(), 1U);
}

TEST_F(ResolveTest, TheLaterDecisionsWinAndTheChainIsTold) {
  auto out = resolve({decision("1", "3", kDifferent), decision("1", "2", kSame), decision("2", "3", kSame)});
  ASSERT_EQ(out.set_aside.size(), 1U);
  EXPECT_NE(out.set_aside[0].text().find("s:1 and s:3 can't be different, since later decisions say s:1 = s:2 = s:3"),
            std::string::npos)
      << out.set_aside[0].text();
  EXPECT_EQ(out.decided.same.size(), 3U);

  out = resolve({decision("1", "2", kSame), decision("2", "3", kSame), decision("3", "1", kDifferent)});
  ASSERT_EQ(out.set_aside.size(), 1U);
  EXPECT_NE(out.set_aside[0].text().find("s:1 and s:2 can't be same, since later decisions say s:1 ≠ s:3 = s:2"),
            std::string::npos)
      << out.set_aside[0].text();
}

TEST_F(ResolveTest, WhatItFollowsCanBeTrueTogetherAndWhatItSetsAsideCannot) {
  Random random(11);
  for (int round = 0; round < 300; ++round) {
    const uint64_t records = 3 + random.below(12);
    std::map<std::pair<uint64_t, uint64_t>, Decision> by_pair;
    for (uint64_t i = 0; i < records * 2; ++i) {
      const uint64_t a = random.below(records);
      const uint64_t b = random.below(records);
      if (a == b) continue;
      by_pair.insert_or_assign(std::minmax(a, b),
                               decision(std::to_string(a), std::to_string(b), random.chance(0.6) ? kSame : kDifferent));
    }
    std::vector<Decision> all;
    all.reserve(by_pair.size());
    for (const auto& [pair, d] : by_pair) all.push_back(d);
    for (size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
    const auto out = resolve(all);
    ASSERT_EQ(out.followed.size() + out.set_aside.size(), all.size());

    const auto number = [](const RecordName& name) { return static_cast<size_t>(std::stoi(name.record)); };
    std::vector<size_t> group(records);
    std::iota(group.begin(), group.end(), 0);
    const auto join = [&](size_t a, size_t b) { std::ranges::replace(group, size_t{group[a]}, size_t{group[b]}); };
    for (const auto& d : out.followed) {
      if (d.verdict == kSame) join(number(d.a), number(d.b));
    }
    for (const auto& d : out.followed) {
      if (d.verdict == kDifferent) {
        ASSERT_NE(group[number(d.a)], group[number(d.b)]);
      }
    }
    for (const auto& [a, b] : out.decided.same) ASSERT_EQ(group[a], group[b]);
    for (const auto& aside : out.set_aside) {
      const auto a = number(aside.decision.a);
      const auto b = number(aside.decision.b);
      // The chain runs from one record to the other over followed decisions and says the opposite.
      ASSERT_EQ(aside.chain.front(), aside.decision.a);
      ASSERT_EQ(aside.chain.back(), aside.decision.b);
      ASSERT_EQ(std::ranges::count(aside.same, false), aside.decision.verdict == kSame ? 1 : 0);
      for (size_t i = 0; i < aside.same.size(); ++i) {
        const auto step = [&](const Decision& d) {
          return d.verdict == (aside.same[i] ? kSame : kDifferent) &&
                 std::minmax(d.a, d.b) == std::minmax(aside.chain[i], aside.chain[i + 1]);
        };
        ASSERT_TRUE(std::ranges::any_of(out.followed, step));
      }
      if (aside.decision.verdict == kDifferent) {
        ASSERT_EQ(group[a], group[b]);
      }
    }
  }
}

TEST_F(ResolveTest, CountsWhatClustersBreak) {
  Clusters clusters;
  clusters.of_record = {0, 0, 1, 1};
  const Decided decided{{{0, 1}, {1, 2}}, {{2, 3}, {0, 3}}};
  EXPECT_EQ(count_broken(decided, clusters), 2U);
}

}  // namespace
}  // namespace zhili::fuse
