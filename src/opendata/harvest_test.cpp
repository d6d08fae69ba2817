#include "opendata/harvest.hpp"

#include <gtest/gtest.h>

#include "opendata/dcat.hpp"

namespace zhili::opendata {
namespace {

Publication residents() {
  Publication out;
  out.plan.id = "residents";
  out.plan.title = {"常住人口", "Residents"};
  out.plan.summary = "按街道统计 <&>";
  out.plan.tags = {"人口"};
  out.provider = "police";
  out.cycle = "monthly";
  out.newest.number = 2;
  out.newest.digest = "ab";
  out.newest.columns = {{"street", {}, ColumnType::kText, "area:street"}};
  return out;
}

TEST(Harvest, ReadsWhatItTells) {
  const CatalogInfo info{"https://data.example", {"宁沐区", "Ningmu"}};
  const Names names = {{"police", {"公安局", "Police"}}};
  const auto read = read_dcat(to_jsonld({residents()}, info, names));
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 1U);
  const Harvested& one = read->front();
  EXPECT_EQ(one.title, "常住人口");
  EXPECT_EQ(one.description, "按街道统计 <&>");
  EXPECT_EQ(one.page, "https://data.example/open/data/residents");
  EXPECT_EQ(one.publisher, "公安局");
  EXPECT_EQ(one.formats, "CSV GEO+JSON JSON VND.APACHE.PARQUET");
  EXPECT_NE(to_rdf({residents()}, info, names).find("按街道统计 &lt;&amp;&gt;"), std::string::npos);
}

TEST(Harvest, ReadsWholeIrisAndReferences) {
  const auto read = read_dcat(R"json([
    {"@id": "urn:set", "@type": ["http://www.w3.org/ns/dcat#Dataset"],
     "http://purl.org/dc/terms/title": [{"@value": "Trees", "@language": "en"}, {"@value": "树", "@language": "zh-CN"}],
     "http://purl.org/dc/terms/publisher": [{"@id": "_:body"}],
     "http://www.w3.org/ns/dcat#distribution": [{"@id": "_:file"}],
     "http://www.w3.org/ns/dcat#landingPage": [{"@id": "javascript:alert(1)"}]
},
    {"@id": "_:body", "@type": ["http://xmlns.com/foaf/0.1/Agent"], "http://xmlns.com/foaf/0.1/name": [{"@value": "Park"}]},
    {"@id": "_:file", "@type": "http://www.w3.org/ns/dcat#Distribution", "http://purl.org/dc/terms/format": "csv"},
    {"@id": "urn:nameless", "@type": "http://www.w3.org/ns/dcat#Dataset"}])json");
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front(), (Harvested{"", "urn:set", "树", "", "", "Park", "CSV", ""}));
}

TEST(Harvest, RefusesWhatIsNoCatalogue) {
  for (const char* text : {"", "<html>", "[]", R"({"@type": "dcat:Catalog"})", "7", R"({"@type": 7})"}) {
    EXPECT_FALSE(read_dcat(text)) << text;
  }
}

}  // namespace
}  // namespace zhili::opendata
