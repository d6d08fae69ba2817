#include "fuse/markup.hpp"

#include <gtest/gtest.h>

#include "fuse/wording.hpp"

namespace zhili::fuse {
namespace {

TEST(Markup, EscapesWhatWouldBeMarkup) {
  EXPECT_EQ(escaped("<b>\"a\" & 'b'</b>\n\x01"), "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/b&gt;  ");
  EXPECT_EQ(escaped("\xff王"), "\uFFFD王");
  EXPECT_EQ(escaped("&&&&&&", 3), "&amp;&amp;…");
}

TEST(Markup, LabelsComeInOneLanguageOrBoth) {
  const Both label{"阈<", "t"};
  EXPECT_EQ(spans(label, Language::kChinese), "阈&lt;");
  EXPECT_EQ(spans(label, Language::kEnglish), "t");
  EXPECT_EQ(spans(label), "<span class=\"zh\" lang=\"zh-CN\">阈&lt;</span><span class=\"en\" lang=\"en\">t</span>");
  EXPECT_EQ(tspans(label),
            "<tspan class=\"zh\" lang=\"zh-CN\">阈&lt;</tspan><tspan class=\"en\" lang=\"en\">t</tspan>");
  EXPECT_EQ(plain(label), "阈&lt; / t");
  EXPECT_EQ(spans({"F1", "F1"}), "F1");
}

TEST(Markup, NumbersReadWell) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(short_number(9999).zh, "9,999");
  EXPECT_EQ(short_number(12'345).zh, "1.23 万");
  EXPECT_EQ(short_number(12'345).en, "12.3 K");
  EXPECT_EQ(short_number(139'000'000).zh, "1.39 亿");
  EXPECT_EQ(short_number(139'000'000).en, "139 M");
  EXPECT_EQ(short_number(99'999'999).zh, "1 亿");
  EXPECT_EQ(bits_text(-3.14), "\u22123.1");
  EXPECT_EQ(bits_text(0.04), "0.0");
  EXPECT_EQ(bits_text(12), "+12.0");
  EXPECT_EQ(whole(-5.2), "\u22125");
  EXPECT_EQ(whole(-0.1), "0");
  EXPECT_EQ(set_share(0.9), "90%");
  EXPECT_EQ(set_share(0.995), "99.5%");
  EXPECT_EQ(duration(0.44).zh, "0.4 秒");
  EXPECT_EQ(duration(192).en, "3 min 12 s");
}

TEST(Markup, PercentKeepsTheDifferenceToNoneAndAll) {
  EXPECT_EQ(percent(0), "0%");
  EXPECT_EQ(percent(1), "100%");
  EXPECT_EQ(percent(0.5), "50.0%");
  EXPECT_EQ(percent(0.99999), ">99.9%");
  EXPECT_EQ(percent(0.00001), "<0.1%");
  EXPECT_EQ(percent(0.99987, 2), "99.99%");
}

TEST(Labels, MaskHidesTheMiddle) {
  EXPECT_EQ(masked(SemanticType::kIdNumber, "99010119900307123X"), "9901••••••••••123X");
  EXPECT_EQ(masked(SemanticType::kPhone, "13812345678"), "138••••••78");
  EXPECT_EQ(masked(SemanticType::kPhone, "1234"), "1••4");
  EXPECT_EQ(masked(SemanticType::kPhone, ""), "");
  EXPECT_EQ(masked(SemanticType::kChineseName, "张三"), "张三");
  EXPECT_EQ(masked(SemanticType::kText, "tel 13812345678, room 501"), "tel 138••••••78, room 501");
  EXPECT_EQ(masked(SemanticType::kDate, "1990-03-07"), "1990-03-07");
}

TEST(Labels, MaskShowsWhereTwoValuesDiffer) {
  EXPECT_EQ(masked(SemanticType::kPhone, "13812345678", "13812945678"), "138••≠•••78");
  EXPECT_EQ(masked(SemanticType::kPhone, "13812345678", "138123456"), "138••••••78");
}

}  // namespace
}  // namespace zhili::fuse
