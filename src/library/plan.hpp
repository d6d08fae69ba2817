#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "fuse/config.hpp"
#include "fuse/locator.hpp"
#include "identity/area_tree.hpp"
#include "text/division.hpp"
#include "vault/subject.hpp"

/// What a base of one kind of entity goes by, in a directory of its own beside its snapshots.
namespace zhili::library {

/// Tells in which area a subject lies.
class Placing {
 public:
  Placing(text::DivisionTable divisions, identity::AreaTree tree, std::string elsewhere);

  /// Notes that an address lies in an area.
  void learn(std::string_view address, std::string_view area) { locator_.learn(address, area); }
  /// By the first of the values that is an address: the area that was learnt for it, else the deepest one that its
  /// division lies in, else `elsewhere`.
  std::string place_of(const std::vector<std::string_view>& addresses) const;

 private:
  const text::DivisionTable divisions_;
  const identity::AreaTree tree_;
  const std::string elsewhere_;
  fuse::Locator locator_;
};

/// What a base is made with.
struct Plan {
  std::string kind;
  std::string purpose;
  std::string basis;
  std::string elsewhere;  ///< Area of subjects whose address tells none; may be empty.
  fuse::Config config;
  std::string config_yaml;                                  ///< As it was written.
  std::filesystem::path divisions;                          ///< Beyond the national ones, for addresses; may be empty.
  std::vector<std::pair<std::string, std::string>> places;  ///< Addresses, and in which area they lie.
};

/// Writes a plan into `dir`, which is made; what was there is replaced. Errors: kIo.
Status write_plan(const std::filesystem::path& dir, const Plan& plan);
/// Errors: kNotFound where there is none; kConfig, kInput.
Result<Plan> read_plan(const std::filesystem::path& dir);

}  // namespace zhili::library
