#pragma once

#include <span>

/// Characters that people, scanners and input methods take for each other. Simplified characters; fold text first.
namespace zhili::text {

/// Characters that look like `c`, the likest first, at most 20; empty where none is known. The relation is symmetric.
/// Valid for the program's life.
std::span<const char32_t> look_alikes(char32_t c);

/// `b` is among the look-alikes of `a`. False for a character and itself.
bool look_alike(char32_t a, char32_t b);

/// The two share a toneless reading in use, also as surnames (曾 and 增). False where a reading is unknown.
bool sound_alike(char32_t a, char32_t b);

/// As `sound_alike`, for speakers who don't tell zh from z, ch from c, sh from s, n from l, ang from an, eng from en,
/// ing from in.
bool sound_alike_loosely(char32_t a, char32_t b);

}  // namespace zhili::text
