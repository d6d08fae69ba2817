#include "twin/confusion.hpp"

#include <algorithm>

#include "text/fold.hpp"
#include "text/pinyin.hpp"
#include "text/utf8.hpp"

namespace zhili::twin {
namespace {

// Groups of characters that look alike, among those that stand in names and addresses. Own list.
constexpr std::string_view kLookAlike =
    "末未 土士 己已巳 日曰 人入八 太大犬 天夫夭 千干于 牛午 玉王主 木本 田由甲申 白百 目自 石右古 全金 令今 仑仓 宏宠 "
    "宁守 "
    "安案 宇字 朋明鹏 晨辰震 晖辉挥 浩皓洁诰 涛铸 清请情晴 静净 婷停亭 娜哪 娟捐绢 海侮梅 敏繁 俪丽 莉利荔 萍苹评 "
    "莹萤荧 蓉荣 "
    "芳芬方 英莫央 瑛英 桂挂佳 佳住 伟纬炜玮 建健键 军车 国固图 强弦 志忐态 忠患 勇涌 锋峰烽蜂 斌彬杉 波坡披 涵滴 "
    "轩轮斩 "
    "梓锌辛 子孑了 欣歆忻 怡恰治 诗侍待 雪霄 雯霎 霞瑕霜 红江虹 琴琵 玲铃珍 琳淋林 森淼 杨扬汤 陈阵 刘列 赵起 周同 "
    "孙孔 "
    "徐涂除 许讦计 吴昊 郑邓 郭敦 亮壳 谢榭 宋末 唐庸 冯玛马 肖尚 程桯 袁哀 博搏傅 沈忱 曾鲁 彭澎 吕侣 卢户 蒋将 蔡察 "
    "贾贯 "
    "丁于 阎阁 余佘 潘播 杜社 夏复 钟钞 汪江 任仁 姜美 苑范 姚桃 谭潭 廖寥 邹皱 熊能 陆陈 郝赫 崔催 毛手 邱丘 秦泰奏 "
    "史吏 侯候 "
    "孟盂 龙尤 段殷 钱线 黎梨 常裳 贺贸 赖懒 龚袭 文丈 平半 云去 春舂 兰三 凤风 艳绝 燕蒸 慧彗 倩情 颖颍 丹舟 晓哓 "
    "峻俊竣 "
    "磊蕾 超起 飞气 杰木 旭旮 昌冒 昊吴 泽译 睿壑 航杭 豪毫 凯剀 翔详 帆帜 瑞端 嘉喜 佑佐 诚城 晶品 淑椒 爱受 珠株 "
    "巧朽 芝之 "
    "河何 湖胡 桥侨 园圆 塘糖 湾弯 岭领 阳阴 光先 盛盆 源原 溪奚 泉帛 丰韦 长氏 福副 兴六 紫柴 翠卒 景影 德得 康唐 "
    "新斯";

}  // namespace

Confusion::Confusion(const Names& names) {
  for (size_t at = 0; at < kLookAlike.size();) {
    const size_t end = std::min(kLookAlike.find(' ', at), kLookAlike.size());
    const auto group = characters_of(kLookAlike.substr(at, end - at));
    for (const auto a : group) {
      for (const auto b : group) {
        if (a != b) shapes_[std::string(a)].emplace_back(b);
      }
    }
    at = end + 1;
  }
  std::map<uint16_t, std::vector<std::string_view>> by_sound;
  for (const auto character : names.characters()) {
    const auto sounds = text::syllables(text::decode(character)[0]);
    if (sounds.count > 0) by_sound[sounds.numbers[0]].push_back(character);
  }
  for (const auto& [sound, group] : by_sound) {
    for (const auto a : group) {
      for (const auto b : group) {
        if (a != b) sounds_[std::string(a)].emplace_back(b);
      }
    }
  }
  for (char32_t c = 0x4E00; c <= 0x9FFF; ++c) {
    std::string complex;
    text::append(complex, c);
    std::string simple = text::fold(complex);
    if (simple != complex) traditional_.try_emplace(std::move(simple), std::move(complex));
  }
}

bool Confusion::replace(const Partners& partners, Random& random, std::string& text) {
  const auto characters = characters_of(text);
  if (characters.empty()) return false;
  const size_t start = random.below(characters.size());
  for (size_t i = 0; i < characters.size(); ++i) {
    const auto character = characters[(start + i) % characters.size()];
    const auto found = partners.find(character);
    if (found == partners.end()) continue;
    const std::string& other = random.pick(found->second);
    text.replace(static_cast<size_t>(character.data() - text.data()), character.size(), other);
    return true;
  }
  return false;
}

std::string Confusion::traditional(std::string_view text) const {
  std::string out;
  for (const auto character : characters_of(text)) {
    const auto found = traditional_.find(character);
    out += found == traditional_.end() ? character : std::string_view(found->second);
  }
  return out;
}

}  // namespace zhili::twin
