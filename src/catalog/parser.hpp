#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/catalog.hpp"

namespace zhili::catalog {

/// One pack.yaml as it is written.
struct PackFile {
  Pack pack;
  std::vector<std::string> entities;  ///< Kinds that it fuses; each has a dataset.
  std::vector<LegalBasis> legal_bases;
  std::vector<Source> sources;
  std::vector<Purpose> purposes;
};

/// `file` is named in errors. Errors: kConfig with all mistakes, each with its place; kLimit.
Result<PackFile> parse_pack(std::string_view yaml, const std::string& file);
/// One dataset of a pack. Errors as above.
Result<EntityKind> parse_dataset(std::string_view yaml, const std::string& file);
/// The data elements of one file of a pack's standards. Errors as above.
Result<std::vector<Element>> parse_standards(std::string_view yaml, const std::string& file);

/// The *.yaml of a directory by name; none where there is no such directory. Errors: kIo, kLimit.
Result<std::vector<Catalog::File>> read_yaml_files(const std::filesystem::path& dir);

/// Whether text can be the id of a field, a kind, a purpose or a basis: 1 to 64 of a-z 0-9 _ . - beginning with a
/// letter, with no more than six digits in a row, as the audit log takes words.
bool is_word(std::string_view text);

}  // namespace zhili::catalog
