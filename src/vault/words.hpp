#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/entry.hpp"
#include "base/result.hpp"
#include "catalog/catalog.hpp"

/// Ids and words of the vault as the audit log takes them.
namespace zhili::vault {

/// Under which name texts lie beside the keys of files: no dataset of the lake begins with a dot.
inline constexpr std::string_view kTexts = ".texts";

/// Whether text can be a subject's id.
bool is_subject_id(std::string_view text);

/// A subject. An id with more digits in a row than the log takes is told with a '-' in its middle.
Result<audit::Ref> ref_of_subject(std::string_view kind, std::string_view id);
/// A word; one that the log does not take is told as "other".
audit::Word word_of(std::string_view text);

/// The id of a dataset as the audit log takes it: its dots as '_'.
std::string word_id(std::string_view dataset);

/// Why a basis or a purpose will not do, as a code of Refusal: empty where they do.
std::string_view wrong_basis(const catalog::Catalog& catalog, std::string_view basis, std::string_view purpose);

/// "name,phone" and back.
std::string joined(const std::vector<std::string>& words);
std::vector<std::string> split(std::string_view text);

}  // namespace zhili::vault
