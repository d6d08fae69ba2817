#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "http/static_files.hpp"
#include "http/target.hpp"

namespace {

zhili::http::StaticFiles files() {
  std::string pattern = (std::filesystem::temp_directory_path() / "zhili-fuzz-XXXXXX").string();
  const std::filesystem::path dir = ::mkdtemp(pattern.data());
  std::filesystem::create_directory(dir / "a");
  std::ofstream(dir / "index.html") << "front";
  std::ofstream(dir / "a" / "b.js") << "script";
  auto out = zhili::http::StaticFiles::load(dir);
  std::filesystem::remove_all(dir);
  if (!out) std::abort();
  return std::move(*out);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const zhili::http::StaticFiles served = files();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = zhili::http::parse_target(text);
  if (!target) return 0;
  for (const std::string& segment : target->segments) {
    if (segment == "." || segment == ".." || segment.find_first_of("/\\\0\n") != std::string::npos) std::abort();
    if (!zhili::http::is_utf8(segment)) std::abort();
  }
  for (const auto& [name, value] : target->query) {
    if (!zhili::http::is_utf8(name) || !zhili::http::is_utf8(value) || value.contains('\0')) std::abort();
  }
  zhili::http::Headers headers;
  headers.add("accept", "text/html");
  const auto found = served.find(target->segments, headers);
  if (found && found->content() != "front" && found->content() != "script") std::abort();
  return 0;
}
