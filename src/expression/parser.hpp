#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "expression/program.hpp"

namespace zhili::expression {

/// Reads an expression into a program, and checks its types. Operators wait on a stack of their own until what they
/// work on is complete (Dijkstra's shunting yard), so that no input can exhaust the thread's stack.
std::expected<Program, Mistake> parse(std::string_view text, std::span<const Field> fields, std::optional<Type> wanted);

}  // namespace zhili::expression
