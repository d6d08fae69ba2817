#pragma once

#include <cstdint>
#include <string_view>

#include "fuse/config.hpp"

namespace zhili::fuse {

/// How much a standard value says, to be compared with other values of the same attribute only: known figures of a
/// date, words of a Latin name beyond initials (two at most count), whether an address has numbers, whether a Chinese
/// name is more than one character. A masked value (138****0000, 王某) says less than any whole one.
uint32_t fullness(const Attribute& attribute, std::string_view value);

/// What makes a spelling worse than another of the same value: stray spaces, full-width letters and figures, control
/// and replacement characters, Latin letters all in capitals or all in small letters.
uint32_t spelling_faults(std::string_view raw);

}  // namespace zhili::fuse
