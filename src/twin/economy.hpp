#pragma once

#include "base/random.hpp"
#include "twin/geography.hpp"
#include "twin/people.hpp"

namespace zhili::twin {

/// Gives the people of a cell whose story has been told their mobile numbers over the years.
void give_phones(Random& random, Cell& cell);

/// Founds the cell's enterprises and shops, with their legal representatives, and employs people in them.
void found_enterprises(const Geography& geography, Random& random, uint64_t residents, Cell& cell);

}  // namespace zhili::twin
