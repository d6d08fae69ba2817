#include "fuse/wording.hpp"

#include <algorithm>
#include <array>

#include "text/utf8.hpp"

namespace zhili::fuse {
namespace {

Both part_label(std::string_view part) {
  if (part == "room") return {"室", "room"};
  if (part == "unit") return {"单元", "unit"};
  if (part == "building") return {"楼栋", "building"};
  if (part == "number") return {"门牌号", "house number"};
  if (part == "road") return {"道路", "road"};
  if (part == "community") return {"社区", "community"};
  if (part == "street") return {"街道", "street"};
  if (part == "county") return {"区县", "county"};
  return {std::string(part), std::string(part)};
}

Both edits_label(double n) { return {fmt::format("改 {} 字可同", n), fmt::format("{} edit{}", n, n == 1 ? "" : "s")}; }

Both share_label(std::string_view zh, std::string_view en, double value) {
  return {fmt::format("{} ≥ {}", zh, value), fmt::format("{} ≥ {}", en, value)};
}

Both measure_label(const Config& config, const Level& level) {
  using enum Measure;
  const auto other =
      level.other_attribute == kNoAttribute ? std::string() : config.attributes[level.other_attribute].name;
  switch (level.measure) {
    case kExact:
      return {"相同", "equal"};
    case kJaroWinkler:
      return share_label("相似度", "similarity", level.value);
    case kEdit:
    case kDamerau:
      return edits_label(level.value);
    case kPinyin:
      return {"拼音相同", "same pinyin"};
    case kLookAlike:
      return {"字形相近", "look-alike"};
    case kSoundAlike:
      return {"读音相近", "sound-alike"};
    case kMetaphone:
      return {"读音相同", "same sound"};
    case kSwapped:
      return {fmt::format("与“{}”对调", other), fmt::format("swapped with {}", other)};
    case kTokenOverlap:
      return share_label("词语重合", "word overlap", level.value);
    case kContains:
      return {"一方包含另一方", "one within the other"};
    case kPrefix:
      return {fmt::format("前 {} 字相同", level.value),
              level.value == 1 ? "first character alike" : fmt::format("first {} characters alike", level.value)};
    case kSameYear:
      return {"同年", "same year"};
    case kSameMonthDay:
      return {"同月同日", "same month and day"};
    case kTransposed:
      return {"相邻两位颠倒", "two places swapped"};
    case kDays:
      return {fmt::format("相差 ≤ {} 天", level.value), fmt::format("≤ {} days apart", level.value)};
    case kAbsolute:
      return {fmt::format("相差 ≤ {}", level.value), fmt::format("≤ {} apart", level.value)};
    case kPercent:
      return {fmt::format("相差 ≤ {}%", level.value), fmt::format("≤ {}% apart", level.value)};
    case kKilometres:
      return {fmt::format("相距 ≤ {} 公里", level.value), fmt::format("≤ {} km apart", level.value)};
    case kSamePart: {
      const auto part = part_label(level.part);
      return {"同" + part.zh, "same " + part.en};
    }
    case kBirthOfId:
      return {"号码内生日相同", "same birth date inside"};
    case kEmbedded:
      return {"一方完整含于另一方", "embedded"};
  }
  return {level.text, level.text};
}

/// The pair of names at whose meeting clustering had to stop.
Both barred_by_others(const Fusion& fusion, const Explanation& e) {
  const auto why = barrier_label(e.other_barrier);
  const auto a = name_of_record(fusion, e.other_a);
  const auto b = name_of_record(fusion, e.other_b);
  return {fmt::format("两条记录本身足以相连，但各自实体中的 {} 与 {} 不能合并：{}。", a, b, why.zh),
          fmt::format("Their own weight would link them, but {} and {} of their entities must stay apart: {}.", a, b,
                      why.en)};
}

Both through_others(const Fusion& fusion, const Explanation& e) {
  std::string chain;
  for (size_t i = 0; i < e.chain.size(); ++i) {
    if (i > 0) chain += fmt::format(" —{}— ", bits_text(e.chain[i].weight));
    chain += name_of_record(fusion, e.chain[i].record);
  }
  if (e.chain.size() <= 2) {
    return {"同属一个实体：整组记录的平均权重达到阈值。",
            "One entity: the mean weight over the whole group reaches the threshold."};
  }
  return {"由同一实体的其他记录相连：" + chain, "Connected through other records of the entity: " + chain};
}

}  // namespace

Both level_label(const Config& config, const Comparison& comparison, LevelNumber number) {
  if (number == kMissing) return {"缺失", "missing"};
  if (number <= comparison.levels.size()) return measure_label(config, comparison.levels[number - 1]);
  return {"都不符合", "none of these"};
}

Both reject_label(std::optional<table::RejectKind> kind) {
  static const std::array<Both, table::kRejectKinds> labels{{{"列数与表头不符", "not as many columns as the heading"},
                                                             {"引号不成对", "quotes that do not pair"},
                                                             {"编码有误", "wrong encoding"},
                                                             {"含空字符（NUL）", "NUL bytes"},
                                                             {"超过长度上限", "longer than the limit"},
                                                             {"格式有误", "wrong syntax"}}};
  return kind ? labels[static_cast<size_t>(*kind)] : Both{"记录编号为空或重复", "record id empty or used before"};
}

Both type_label(SemanticType type) {
  static const std::array<Both, kSemanticTypes> labels{{{"中文姓名", "Chinese name"},
                                                        {"拉丁姓名", "Latin name"},
                                                        {"身份证号", "ID number"},
                                                        {"统一社会信用代码", "credit code"},
                                                        {"日期", "date"},
                                                        {"电话", "phone"},
                                                        {"地址", "address"},
                                                        {"类别", "category"},
                                                        {"数值", "number"},
                                                        {"文本", "text"},
                                                        {"纬度", "latitude"},
                                                        {"经度", "longitude"}}};
  return labels[static_cast<size_t>(type)];
}

Both barrier_label(Barrier barrier) {
  switch (barrier) {
    case Barrier::kNone:
      return {"无", "none"};
    case Barrier::kDecision:
      return {"人工判定为不同", "decided to be different"};
    case Barrier::kUniqueSource:
      return {"同在一个内部不重复的来源", "both in a source without duplicates"};
    case Barrier::kOneToOne:
      return {"同在一个一对一的来源", "both in a source that is linked one to one"};
    case Barrier::kIdentifying:
      return {"两个有效的标识号码不同", "two different valid identifying values"};
  }
  return {};
}

Both verdict_label(const Explanation& e) {
  if (e.one_entity) return {"同一实体", "one entity"};
  return {"两个实体", "two entities"};
}

Both reason_text(const Fusion& fusion, const Explanation& e) {
  const auto barrier = barrier_label(e.barrier);
  switch (e.reason) {
    case Reason::kDecidedSame:
      return {"人工判定为同一实体。", "People decided that they are one."};
    case Reason::kLinked:
      return {"权重达到阈值，直接相连。", "Their weight reaches the threshold."};
    case Reason::kThroughOthers:
      return through_others(fusion, e);
    case Reason::kBarred:
      return {"不允许合并：" + barrier.zh + "。", "Must stay apart: " + barrier.en + "."};
    case Reason::kBarredByOthers:
      return barred_by_others(fusion, e);
    case Reason::kNotCompared:
      return {"按链接方式，这两个来源的记录不作比对。", "The link mode leaves pairs of these sources out."};
    case Reason::kNotBrought:
      return {"权重本可达到阈值，但没有分块规则把它们放到一起。",
              "Their weight would reach the threshold, but no blocking rule brings them together."};
    case Reason::kOutweighed:
      return {
          fmt::format("两条记录本身足以相连，但与同组其他记录的平均权重只有 {} 比特，低于阈值。", bits_text(e.mean)),
          fmt::format("Their own weight would link them, but over all records of both entities the mean is {} "
                      "bits, below the threshold.",
                      bits_text(e.mean))};
    case Reason::kTooLight:
      return {"权重低于阈值。", "Their weight stays below the threshold."};
  }
  return {};
}

Both step_label(std::string_view step) {
  if (step == "read") return {"读取与标准化", "read and standardise"};
  if (step == "block") return {"分块", "block"};
  if (step == "learn") return {"学习模型", "learn the model"};
  if (step == "score") return {"比对打分", "compare and score"};
  if (step == "cluster") return {"聚类", "cluster"};
  return {std::string(step), std::string(step)};
}

std::string masked(SemanticType type, std::string_view value, std::string_view other) {
  if (type == SemanticType::kCreditCode) return std::string(value);  // Public by law.
  const auto chars = text::decode(value);
  const auto others = text::decode(other);
  const bool alike = others.size() == chars.size();
  constexpr size_t kLongRun = 11;  ///< A mobile number has as many digits.
  const auto digit = [](char32_t c) { return (c >= U'0' && c <= U'9') || c == U'X' || c == U'x'; };
  std::u32string out = chars;
  const auto hide = [&](size_t begin, size_t end) {
    const size_t n = end - begin;
    const size_t head = n >= 15 ? 4 : n >= 7 ? 3 : 1;
    const size_t tail = n >= 15 ? 4 : n >= 7 ? 2 : 1;
    for (size_t i = begin + head; i + tail < end; ++i) out[i] = alike && chars[i] != others[i] ? U'≠' : U'•';
  };
  const bool whole = type == SemanticType::kIdNumber || type == SemanticType::kPhone;
  if (whole) {
    hide(0, chars.size());
    return text::encode(out);
  }
  for (size_t begin = 0; begin < chars.size();) {
    size_t end = begin;
    while (end < chars.size() && digit(chars[end])) ++end;
    if (end - begin >= kLongRun) hide(begin, end);
    begin = std::max(end, begin + 1);
  }
  return text::encode(out);
}

}  // namespace zhili::fuse
