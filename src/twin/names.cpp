#include "twin/names.hpp"

#include <algorithm>
#include <map>

namespace zhili::twin {
namespace {

struct Surname {
  std::string_view text;
  uint32_t weight;
};

struct GivenCharacter {
  std::string_view text;
  uint32_t male;
  uint32_t female;
};

#include "twin/name_data.inc"

// What parents of a generation liked, most liked first: first and last character of a two-character name, girls then
// boys. Written after the ministry of public security's yearly name reports (全国姓名报告 2018 to 2021), which list the
// most frequent names by decade of birth.
struct Liked {
  std::string_view first;
  std::string_view last;
};

constexpr Liked kLiked[Names::kEras][2] = {
    {{"秀桂玉淑凤兰春素月翠金美惠彩银爱文", "英兰珍芳芝荣云华琴莲香花娥梅贞清仙娣"},
     {"德国世文永玉福长金明志振光学兴正万成景忠", "生才福山林发荣祥贵清义德元和成堂友云龙海"}},
    {{"秀桂玉淑凤美丽爱月春惠建亚素", "英兰珍芳华荣萍琴云莲香娟玲敏霞平"},
     {"建国志德新文永金明玉长福保援解跃胜", "国华民平生明林成发军根祥富荣庆忠清新"}},
    {{"丽秀红玉淑桂爱春建小晓海雪亚凤", "华英萍芳霞红玲梅琴敏娟兰珍云燕平"},
     {"建志国卫文永军红新晓海立宏学向", "军国华平明东强民林伟生忠斌峰兵勇刚"}},
    {{"丽晓海红春小玉艳秀雪爱彩冬金", "霞红丽燕梅萍玲芳英华娟艳琴平敏云"},
     {"志建海晓永文小国红卫宏立俊春新", "军强伟峰勇刚斌明华平东波辉杰林涛兵"}},
    {{"晓丽海雪艳小春秀玉婷文佳", "丽娟燕霞敏静艳红玲芳娜婷萍梅琴华莉"},
     {"晓志海俊建文小永国春金少振", "伟强峰涛杰鹏磊飞波超龙军辉亮明勇斌东"}},
    {{"佳雨梦晓思文雪嘉欣诗静婉", "婷静怡雪敏倩颖琪丹悦欣洁娜雯莹慧玲"},
     {"文俊志子嘉佳明宇天家浩晓", "杰鹏龙豪浩宇超辉涛伟强凯飞阳峰轩健"}},
    {{"欣子雨佳思梦嘉诗紫可晓心梓", "怡涵婷琪妍萱欣悦雯彤静瑶颖洁萌"},
     {"子俊浩宇嘉文家泽天志佳博梓明", "杰轩豪宇浩涛鹏然辰阳博航鑫龙睿"}},
    {{"梓子欣雨一诗可思语若沐佳心", "涵萱怡彤妍琪瑶悦桐欣诺汐瑾妤"},
     {"子梓浩宇俊一泽奕沐皓铭嘉睿", "轩宇辰泽睿然晨涵豪航宸霖阳博"}},
};
// Share of the characters that come from those lists; the rest come from the whole table, which was counted among
// people born since the 1960s.
constexpr double kLikedShare[Names::kEras] = {0.74, 0.72, 0.66, 0.60, 0.56, 0.50, 0.50, 0.50};
// One-character given names had their height among those born in the 1980s.
constexpr double kSingle[Names::kEras] = {0.07, 0.08, 0.13, 0.22, 0.36, 0.34, 0.20, 0.08};
// Beyond the tables of older systems, some beyond the 16 bits of a plane: registers write them in many ways.
constexpr std::string_view kRare[] = {"堃", "喆", "犇", "骉", "淼", "昇", "淏", "頔", "翀", "珺", "祎",
                                      "彧", "甦", "㛃", "䶮", "䢺", "𬱖", "𫖯", "𬭎", "𫍯", "𬀩", "𠅤"};
constexpr double kRareShare = 0.004;

constexpr std::string_view kDottedMale[] = {
    "阿迪力",   "买买提", "艾力",     "吐尔逊",   "努尔",   "阿卜杜拉", "玉素甫",       "依明",   "卡德尔",   "热合曼",
    "艾合买提", "库尔班", "帕尔哈提", "艾尼瓦尔", "吾买尔", "依不拉音", "阿不都热依木", "麦麦提", "伊力亚斯", "亚森"};
constexpr std::string_view kDottedFemale[] = {"阿依古丽", "古丽娜尔", "热依汗",   "帕提古丽", "阿孜古丽", "努尔比亚",
                                              "祖丽菲亚", "阿米娜",   "海丽切姆", "麦尔耶姆", "布威佐热", "茹仙古丽"};

}  // namespace

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    out.push_back(text.substr(i, length));
    i += length;
  }
  return out;
}

int Names::era(int birth_year) { return std::clamp((birth_year - 1940) / 10, 0, kEras - 1); }

Names::Names() {
  std::vector<double> weights;
  for (const Surname& surname : kSurnames) weights.push_back(surname.weight);
  surnames_ = Weighted(weights);

  std::map<std::string_view, size_t> place;
  const auto index_of = [&](std::string_view character) {
    const auto [found, added] = place.try_emplace(character, characters_.size());
    if (added) characters_.push_back(character);
    return found->second;
  };
  double total[2] = {0, 0};
  std::vector<double> common[2];
  for (const GivenCharacter& c : kGivenCharacters) {
    index_of(c.text);
    common[0].push_back(c.female);
    common[1].push_back(c.male);
    total[0] += c.female;
    total[1] += c.male;
  }
  const auto mixed = [&](std::string_view liked, int sex, double share) {
    std::vector<double> mix;
    for (const double weight : common[sex]) mix.push_back(weight / total[sex] * (1 - share));
    double sum = 0;
    const auto list = characters_of(liked);
    for (size_t rank = 0; rank < list.size(); ++rank) sum += 1.0 / static_cast<double>(rank + 4);
    for (size_t rank = 0; rank < list.size(); ++rank) {
      const size_t at = index_of(list[rank]);
      if (mix.size() <= at) mix.resize(at + 1, 0.0);
      mix[at] += share / static_cast<double>(rank + 4) / sum;
    }
    return Weighted(mix);
  };
  for (int e = 0; e < kEras; ++e) {
    for (int sex = 0; sex < 2; ++sex) {
      fashions_[e][sex] = {mixed(kLiked[e][sex].first, sex, kLikedShare[e]),
                           mixed(kLiked[e][sex].last, sex, kLikedShare[e])};
    }
  }
}

std::vector<std::string_view> Names::characters() const {
  std::vector<std::string_view> out;
  for (const Surname& surname : kSurnames) {
    if (surname.text.size() == 3) out.push_back(surname.text);
  }
  for (const auto character : characters_) {
    if (std::find(out.begin(), out.end(), character) == out.end()) out.push_back(character);
  }
  return out;
}

bool Names::is_rare(std::string_view character) {
  return std::find(std::begin(kRare), std::end(kRare), character) != std::end(kRare);
}

std::string Names::surname(Random& random) const { return std::string(kSurnames[surnames_.draw(random)].text); }

std::string Names::given(Random& random, int birth_year, Sex sex, std::string_view generation) const {
  const int e = era(birth_year);
  const Fashion& fashion = fashions_[e][static_cast<size_t>(sex)];
  std::string_view last = characters_[fashion.last.draw(random)];
  if (random.chance(kRareShare)) last = kRare[random.below(std::size(kRare))];
  if (generation.empty() && random.chance(kSingle[e])) return std::string(last);
  const std::string_view first = generation.empty() ? characters_[fashion.first.draw(random)] : generation;
  // 婷婷 and the like are girls' names of the later decades; elsewhere a doubled character is drawn again.
  if (first == last && (sex == Sex::kMale || e < 3)) last = characters_[fashion.last.draw(random)];
  return std::string(first) + std::string(last);
}

Name Names::dotted(Random& random, Sex sex, std::string_view father) const {
  const auto own = sex == Sex::kMale ? kDottedMale[random.below(std::size(kDottedMale))]
                                     : kDottedFemale[random.below(std::size(kDottedFemale))];
  std::string_view second = father.substr(0, father.find("·"));
  if (second.empty()) second = kDottedMale[random.below(std::size(kDottedMale))];
  return {"", std::string(own) + "·" + std::string(second)};
}

}  // namespace zhili::twin
