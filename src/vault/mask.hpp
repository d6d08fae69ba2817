#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.hpp"

namespace zhili::vault {

/// The masked form of a value, by whole characters: never half of one, and never all of a short value. Of the kinds:
/// name 张*丰, 张*, 欧**雪; id_number 9901**********1237; phone 138****1111; address down to the road; year; first
/// character. What does not look like its kind is masked but for its first character. Empty for an empty value;
/// kNone gives an empty text as well.
std::string mask(catalog::MaskKind kind, std::string_view value);

/// The form under which two spellings of a value are one, for finding. Empty for what is no value of the type.
std::string standard_form(catalog::ValueType type, std::string_view value);

}  // namespace zhili::vault
