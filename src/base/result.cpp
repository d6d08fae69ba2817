#include "base/result.hpp"

namespace zhili {

std::string Error::text() const {
  std::string out;
  if (!place.file.empty()) {
    out += place.file;
    if (place.line > 0) out += fmt::format(":{}", place.line);
    if (place.line > 0 && place.column > 0) out += fmt::format(":{}", place.column);
    out += ": ";
  }
  out += message;
  if (!hint.empty()) out += "\n  " + hint;
  for (const Error& other : others) out += "\n" + other.text();
  return out;
}

}  // namespace zhili
