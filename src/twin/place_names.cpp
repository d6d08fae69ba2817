#include "twin/place_names.hpp"

#include <algorithm>
#include <span>

#include "base/random.hpp"
#include "twin/names.hpp"

namespace zhili::twin {
namespace {

constexpr std::string_view kFront = "永安和文兴福长青清云锦瑞嘉景明德仁康泰昌宁平新金玉紫翠丹白石";
constexpr std::string_view kBack = "宁安和兴昌丰泉溪河湖山林桥园庭坊塘湾岭阳光华盛源苑";
// Words that no division of China has as its name in these pairs (checked against the list of 2023).
constexpr std::string_view kCountyFront = "云岚沐澜琅溯霁岫砚昙泠沅峤棠蘅";
constexpr std::string_view kCountyBack = "峤岫沐汀渚浦垣畈埠屿碛隰浔漪";
constexpr std::string_view kKnownRoads[] = {"解放", "人民", "建设", "和平", "文化", "新华", "胜利", "民主", "团结",
                                            "光明", "友谊", "青年", "中山", "滨河", "体育", "学府", "站前", "劳动"};
constexpr std::string_view kQualifiers[] = {"",   "东", "西", "南", "北", "中", "一", "二", "三",
                                            "四", "五", "六", "七", "八", "九", "十", "新", "前",
                                            "后", "上", "下", "内", "外", "左", "右"};
constexpr std::string_view kCompoundEnds[] = {"花园", "小区", "家园", "新村", "雅苑",
                                              "公寓", "名邸", "华府", "新城", "佳苑"};

void shuffle(std::vector<std::string>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

std::vector<std::string> pairs(std::string_view front, std::string_view back) {
  std::vector<std::string> out;
  for (const auto a : characters_of(front)) {
    for (const auto b : characters_of(back)) {
      if (a != b) out.push_back(std::string(a) + std::string(b));
    }
  }
  return out;
}

}  // namespace

PlaceNames::PlaceNames(uint64_t seed)
    : words_(pairs(kFront, kBack)),
      known_roads_(std::begin(kKnownRoads), std::end(kKnownRoads)),
      counties_(pairs(kCountyFront, kCountyBack)) {
  Random random(seed, 0x706c616365);
  shuffle(words_, random);
  shuffle(known_roads_, random);
  shuffle(counties_, random);
}

std::string PlaceNames::word(uint64_t index) const {
  const uint64_t round = index / words_.size();
  return words_[index % words_.size()] + std::string(kQualifiers[round % std::size(kQualifiers)]);
}

std::string PlaceNames::street(bool town) { return word(streets_++) + (town ? "镇" : "街道"); }

std::string PlaceNames::community(bool village) {
  // The words in the other direction than for streets, so that a street and its community seldom share a name.
  const uint64_t index = communities_++;
  const uint64_t round = index / words_.size();
  return word(round * words_.size() + words_.size() - 1 - index % words_.size()) + (village ? "村" : "社区");
}

std::string PlaceNames::road(std::string_view suffix) {
  const uint64_t index = roads_++;
  if (index < known_roads_.size()) return known_roads_[index] + std::string(suffix);
  return word(index - known_roads_.size()) + std::string(suffix);
}

std::string PlaceNames::compound() {
  const uint64_t index = compounds_++;
  const uint64_t round = index / words_.size();
  std::string name = words_[(index * 7 + round) % words_.size()];
  name += kCompoundEnds[(index + round) % std::size(kCompoundEnds)];
  const uint64_t part = round / std::size(kCompoundEnds);
  if (part > 0) name += std::string(kQualifiers[6 + part % 10]) + "期";
  return name;
}

std::string PlaceNames::county() {
  const uint64_t index = county_++;
  const uint64_t round = index / counties_.size();
  return counties_[index % counties_.size()] + std::string(kQualifiers[round % std::size(kQualifiers)]);
}

}  // namespace zhili::twin
