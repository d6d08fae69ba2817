#include "fuse/report.hpp"

#include <cctype>
#include <set>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "fuse/evaluation.hpp"
#include "fuse/report_figures.hpp"
#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

constexpr std::string_view kYaml = R"(version: 1
sources:
  - {id: police, file: a.csv, record_id: nr}
  - {id: clinic, file: b.csv, record_id: nr, unique: true}
  - {id: 学校, file: c.csv, record_id: nr}
attributes:
  name: latin_name
  birth: date
  phone: phone
  id: {type: id_number, identifying: false}
  note: {type: text, compare: false}
)";

/// Three registers of made-up people, with typing errors, values that look like markup, and rows that can't be read.
struct Registers {
  std::string a = "nr,name,birth,phone,id,note\n";
  std::string b = a;
  std::string c = a;

  Registers() {
    Random random(5);
    for (int k = 0; k < 400; ++k) {
      auto name = fmt::format("given{} family{}", random.below(60), random.below(80));
      const auto birth =
          fmt::format("19{:02}-{:02}-{:02}", random.below(90), 1 + random.below(12), 1 + random.below(28));
      const auto phone = fmt::format("138{:08}", random.below(100'000'000));
      const auto id = fmt::format("990101{}{:04}", birth.substr(0, 4) + birth.substr(5, 2) + birth.substr(8, 2), k);
      const auto row = [&](std::string_view born) {
        return fmt::format("{},{},{},{},{},<script>alert({})</script>\n", k, name, born, phone, id, k);
      };
      a += row(birth);
      if (k % 2 == 0) b += row(random.chance(0.2) ? "1900-01-01" : birth);
      if (random.chance(0.3)) name += "x";
      if (k % 3 == 0) c += row(random.chance(0.2) ? "" : birth);
    }
    c += "900,too,few\n";
  }
};

/// Opening and closing tags match, attributes are quoted, nothing is left open.
std::string mistake_in(std::string_view html) {
  std::vector<std::string> open;
  size_t at = html.find("<html");
  while ((at = html.find('<', at)) != std::string_view::npos) {
    const size_t end = html.find('>', at);
    if (end == std::string_view::npos) return "a tag without end";
    const auto tag = html.substr(at + 1, end - at - 1);
    if (std::isalpha(static_cast<unsigned char>(html[at + 1])) == 0 && html[at + 1] != '/') return "a bare <";
    at = end;
    const bool closing = tag.starts_with('/');
    const auto name =
        std::string(tag.substr(closing ? 1 : 0, tag.find_first_of(" /\n", closing ? 1 : 0) - (closing ? 1 : 0)));
    if (closing) {
      if (open.empty() || open.back() != name) return "unexpected </" + name + ">";
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
      if (name == "script" || name == "style") at = html.find("</" + name, end) - 1;
    }
    if (std::ranges::count(tag, '"') % 2 != 0) return "an open quote in <" + std::string(tag) + ">";
  }
  return open.empty() ? std::string() : "<" + open.back() + "> is not closed";
}

class Report : public testing::Test {
 protected:
  Report() : fusion_(std::string(kYaml), {{"a.csv", rows_.a}, {"b.csv", rows_.b}, {"c.csv", rows_.c}}) {}

  std::string draw(ReportInput input) {
    EXPECT_TRUE(fusion_ && fusion_.run());
    input.title = "a <title>";
    input.version = "1.2.3";
    input.times = fusion_->times();
    for (const auto& edge : fusion_->scored().edges) review_.push_back(edge);
    input.review = review_;
    input.review_found = review_.size();
    auto html = draw_report(*fusion_, input);
    EXPECT_TRUE(html) << html.error().text();
    return html ? *html : std::string();
  }

  /// Record ids are the same number for the same person.
  Truth truth() {
    Truth out;
    for (uint64_t r = 0; r < fusion_->records().size(); ++r) {
      out.entity.push_back(static_cast<uint32_t>(std::stoul(std::string(fusion_->records().id(r)))));
    }
    out.labelled = out.entity.size();
    out.entities = 400;
    return out;
  }

  Registers rows_;
  TestFusion fusion_;
  std::vector<Edge> review_;
};

TEST_F(Report, IsOneWholePage) {
  const auto html = draw({});
  EXPECT_EQ(mistake_in(html), "");
  for (const auto* id : {"result", "sources", "entities", "review", "quality", "blocking", "model", "scores", "run"}) {
    EXPECT_NE(html.find(fmt::format("<section id=\"{}\"", id)), std::string::npos) << id;
    EXPECT_NE(html.find(fmt::format("href=\"#{}\"", id)), std::string::npos) << id;
  }
  // Every id once, every reference to one that is there.
  std::set<std::string> ids;
  for (size_t at = html.find(" id=\""); at != std::string::npos; at = html.find(" id=\"", at + 1)) {
    const auto id = html.substr(at + 5, html.find('"', at + 5) - at - 5);
    EXPECT_TRUE(ids.insert(id).second) << id << " twice";
  }
  for (const std::string_view reference : {" aria-labelledby=\"", " href=\"#", " for=\"", " data-table=\""}) {
    for (size_t at = html.find(reference); at != std::string::npos; at = html.find(reference, at + 1)) {
      const size_t begin = at + reference.size();
      const auto list = html.substr(begin, html.find('"', begin) - begin);
      EXPECT_TRUE(ids.contains(list.substr(0, list.find(' ')))) << reference << list;
    }
  }
}

TEST_F(Report, ContactsNobodyAndRunsNothingOfTheData) {
  const auto html = draw({});
  for (const auto* address :
       {"http:", "https:", "src=", "url(", "@import", "<script>alert", "javascript:", "<link rel=\"stylesheet"}) {
    EXPECT_EQ(html.find(address), std::string::npos) << address;
  }
  EXPECT_NE(html.find("Content-Security-Policy"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert"), std::string::npos);
  EXPECT_NE(html.find("a &lt;title&gt;"), std::string::npos);
}

TEST_F(Report, MasksPersonalNumbersUnlessAskedForPlain) {
  const auto digits = [](const std::string& html, size_t run) {
    size_t longest = 0;
    size_t n = 0;
    for (const char c : html) {
      n = c >= '0' && c <= '9' ? n + 1 : 0;
      longest = std::max(longest, n);
    }
    return longest >= run;
  };
  EXPECT_FALSE(digits(draw({}), 11));
  ReportInput plain;
  plain.plain = true;
  auto html = draw_report(*fusion_, [&] {
    plain.review = review_;
    return plain;
  }());
  ASSERT_TRUE(html);
  EXPECT_TRUE(digits(*html, 11));
}

TEST_F(Report, CountsRejectsAndSaysWhy) {
  const auto html = draw({});
  const auto figures = count_figures(*fusion_, group_by(fusion_->clusters().of_record));
  EXPECT_EQ(figures.sources[2].rejected, 1U);
  ASSERT_EQ(figures.rejects.size(), 1U);
  EXPECT_EQ(figures.rejects[0].source, 2U);
  EXPECT_EQ(figures.rejects[0].kind, table::RejectKind::kRagged);
  EXPECT_NE(html.find("拒收的行及原因"), std::string::npos);
  EXPECT_NE(html.find("列数与表头不符"), std::string::npos);
}

TEST_F(Report, ShowsQualityWhereTheTruthIsKnown) {
  EXPECT_EQ(draw({}).find("id=\"curve-t\""), std::string::npos);
  const auto evaluation = evaluate(*fusion_, truth(), fusion_->clusters().of_record);
  ASSERT_TRUE(evaluation) << evaluation.error().text();
  ReportInput input;
  input.evaluation = &*evaluation;
  const auto html = draw_report(*fusion_, input);
  ASSERT_TRUE(html);
  EXPECT_NE(html->find("id=\"curve-t\""), std::string::npos);
  EXPECT_NE(html->find("B³"), std::string::npos);
  EXPECT_EQ(mistake_in(*html), "");
}

TEST_F(Report, FiguresAgreeWithCountingByHand) {
  draw({});
  const auto& clusters = fusion_->clusters();
  const auto members = group_by(clusters.of_record);
  const auto figures = count_figures(*fusion_, members);
  EXPECT_EQ(figures.records, fusion_->records().size());
  EXPECT_EQ(figures.entities, clusters.count);
  uint64_t entities = 0;
  for (const auto& size : figures.sizes) entities += size.entities;
  EXPECT_EQ(entities, clusters.count);
  uint64_t in_all = 0;
  uint64_t in_both = 0;
  for (uint32_t c = 0; c < clusters.count; ++c) {
    std::set<uint16_t> sources;
    for (const uint32_t r : members.of(c)) sources.insert(fusion_->records().source(r));
    in_all += sources.size() == 3 ? 1 : 0;
    in_both += sources.contains(0) && sources.contains(1) ? 1 : 0;
  }
  EXPECT_EQ(figures.entities_known[3], in_all);
  EXPECT_EQ(figures.overlap[0][1], in_both);
  EXPECT_EQ(figures.overlap[1][0], in_both);
  EXPECT_EQ(figures.overlap[1][1], figures.sources[1].entities);
  std::set<std::string_view> births;
  uint64_t filled = 0;
  const auto& column = fusion_->records().column(1);
  const auto& count = fusion_->records().sources()[2];
  for (uint64_t r = count.first; r < count.first + count.records; ++r) {
    filled += column.raw[r] != 0 ? 1 : 0;
    if (column.value(r) != 0) births.insert(column.values[column.value(r)]);
  }
  EXPECT_EQ(figures.sources[2].columns[1].filled, filled);
  EXPECT_EQ(figures.sources[2].columns[1].distinct, births.size());
}

TEST(SmallReport, OneRecordIsEnough) {
  TestFusion fusion("version: 1\nsources: [{id: a, file: a.csv}]\nattributes: {name: latin_name}\nblocking: [[name]]\n",
                    {{"a.csv", "name\nada\n"}});
  ASSERT_TRUE(fusion && fusion.run());
  const auto html = draw_report(*fusion, {});
  ASSERT_TRUE(html) << html.error().text();
  EXPECT_EQ(mistake_in(*html), "");
  EXPECT_EQ(html->find("nan"), std::string::npos);
  EXPECT_EQ(html->find("inf\""), std::string::npos);
}

}  // namespace
}  // namespace zhili::fuse
