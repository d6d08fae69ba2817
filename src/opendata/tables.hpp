#pragma once

#include <vector>

#include "store/migration.hpp"

namespace zhili::opendata {

/// The room's tables. Privacy is counted in Epsilon::kUnits.
std::vector<store::Migration> open_tables();

}  // namespace zhili::opendata
