#include "cli/schema.hpp"

namespace zhili::cli {

std::vector<store::Migration> all_migrations() { return {}; }

}  // namespace zhili::cli
