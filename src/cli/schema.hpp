#pragma once

#include <vector>

#include "store/migration.hpp"

namespace zhili::cli {

/// The migrations of all rooms, in the order in which they stand on each other.
std::vector<store::Migration> all_migrations();

}  // namespace zhili::cli
