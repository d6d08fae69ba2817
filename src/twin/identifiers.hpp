#pragma once

#include <cstdint>
#include <string>

#include "base/random.hpp"
#include "twin/calendar.hpp"

namespace zhili::twin {

/// A valid number of GB 11643-1999. county: six digits; serial: 0 to 999, odd for men.
std::string id_number(uint32_t county, Day birth, uint32_t serial);

/// The same person's number of fifteen digits, as given out until 1999. Precondition: born in the 20th century.
std::string fifteen_digits(const std::string& id);

/// A valid code of GB 32100-2015 of the market regulation authority; different for each `number` below 2^32.
std::string credit_code(uint32_t county, bool shop, uint64_t number);

/// A mobile number of a segment that no operator had been given when this was written: 154, 164 or 194. So it is
/// nobody's, and yet has the form that readers of numbers expect.
std::string mobile_number(Random& random);

/// A one-to-one scramble of [0, 2^40): numbers records so that neither their order nor their number tells who they
/// belong to. `key` picks the scramble.
uint64_t scramble(uint64_t number, uint64_t key);

}  // namespace zhili::twin
