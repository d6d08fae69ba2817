#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zhili::twin {

/// Gives out names of places, made from the short lists in place_names.cpp, each as long as the lists last: then a
/// qualifier (东, 二, 新 …) is put in, and only past some 20,000 names of a kind do names repeat. Deterministic by
/// seed.
class PlaceNames {
 public:
  explicit PlaceNames(uint64_t seed);

  std::string street(bool town);                          ///< 青云街道, 永丰镇
  std::string community(bool village);                    ///< 和平社区, 清溪村
  std::string road(std::string_view suffix);              ///< 解放路; suffix 大道, 路, 街 or 巷
  std::string compound();                                 ///< 锦绣花园
  std::string county();                                   ///< 云峤县
  std::string far_town() { return word(far_++) + "镇"; }  ///< Outside the district.
  std::string far_village() { return word(far_++ * 3) + "村"; }
  std::string shop_word(uint64_t index) const { return words_[index % words_.size()]; }

 private:
  std::string word(uint64_t index) const;

  std::vector<std::string> words_;
  std::vector<std::string> known_roads_;
  std::vector<std::string> counties_;
  uint64_t streets_ = 0;
  uint64_t communities_ = 0;
  uint64_t roads_ = 0;
  uint64_t compounds_ = 0;
  uint64_t county_ = 0;
  uint64_t far_ = 0;
};

inline constexpr std::string_view kProvinceName = "云景省";
inline constexpr std::string_view kCityName = "岚安市";
inline constexpr std::string_view kDistrictName = "宁沐区";

}  // namespace zhili::twin
