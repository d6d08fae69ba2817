#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/dataset.hpp"

namespace zhili::catalog {

/// One register of a pack as it is written in YAML: the keys of a dataset's JSON form. Errors: kConfig with all
/// mistakes, each with its place; kLimit.
Result<Dataset> parse_register(std::string_view yaml, const std::string& file, const Catalog& catalog);

/// YAML as JSON, for other forms that people write. Errors: kConfig, kLimit.
Result<std::string> yaml_as_json(std::string_view yaml, const std::string& file);

/// The registers that a pack proposes, in its order, from registers/*.yaml in its directory: departments declare them
/// as they are, or changed. Errors: as above, and for a file that the pack does not name; kNotFound, kIo.
Result<std::vector<Dataset>> load_registers(const std::filesystem::path& directory, const Pack& pack,
                                            const Catalog& catalog);

}  // namespace zhili::catalog
