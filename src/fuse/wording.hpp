#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuse/compare.hpp"
#include "fuse/explain.hpp"
#include "fuse/markup.hpp"
#include "table/reader.hpp"

/// The words of reports and explanations, in Chinese and in English.
namespace zhili::fuse {

/// "拼音相同" / "same pinyin". `number` as in LevelNumber.
Both level_label(const Config& config, const Comparison& comparison, LevelNumber number);
Both type_label(SemanticType type);
/// Why a row is rejected; without a kind it is for its record id.
Both reject_label(std::optional<table::RejectKind> kind);
Both barrier_label(Barrier barrier);
/// One entity, or two, or for review by the probability alone.
Both verdict_label(const Explanation& explanation);
/// A sentence that says why.
Both reason_text(const Fusion& fusion, const Explanation& explanation);
Both step_label(std::string_view step);

/// Values of identity numbers and telephones without their middle, and long runs of digits in other values likewise:
/// "1101••••••••123X". Where `other` has the same length, middle characters that differ from it show as "≠".
std::string masked(SemanticType type, std::string_view value, std::string_view other = {});

}  // namespace zhili::fuse
