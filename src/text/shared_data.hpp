#pragma once

#include <cstdlib>
#include <filesystem>

/// For tests alone: reference files that lie beside the repository and are not part of it.
namespace zhili::text {

/// The folder data/ of the shared reference files; tests skip where a file in it is missing.
inline std::filesystem::path shared_data() {
#ifdef ZHILI_SOURCE_DIR
  const char* const shared = std::getenv("ZHILI_SHARED");
  return std::filesystem::path(shared != nullptr ? shared : ZHILI_SOURCE_DIR "/../shared") / "data";
#else
  return {};
#endif
}

}  // namespace zhili::text
