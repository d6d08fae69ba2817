#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/compress.hpp"
#include "http/message.hpp"

namespace zhili::http {

/// The files of a web front, read into memory once: a request names an entry of a table, and never a path of the disk.
/// "a.js.br" and "a.js.gz" are a.js under a coding. Names with a hash (-0a1b2c3d.js, at least 8 letters or digits) are
/// kept by browsers for good; others are asked for again each time, by ETag. Immutable.
class StaticFiles {
 public:
  /// Links that lead out of the directory, hidden files and what is no file are left out. Errors: kIo; kLimit.
  static Result<StaticFiles> load(const std::filesystem::path& directory);
  StaticFiles(StaticFiles&&) noexcept = default;
  StaticFiles& operator=(StaticFiles&&) noexcept = default;
  ~StaticFiles() = default;

  /// GET of a path's decoded segments. A directory gives its index.html; so does, for a page (Accept has text/html),
  /// what there is not: of the nearest directory above it, as single pages route for themselves. None where there is
  /// nothing.
  std::optional<Response> find(const std::vector<std::string>& segments, const Headers& headers) const;
  size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string type;
    std::string digest;
    bool hashed = false;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;
    std::shared_ptr<const std::string> brotli;
  };
  StaticFiles() = default;
  static Response answer(const File& file, const Headers& headers);
  Status add(const std::filesystem::path& path, std::string name, size_t& bytes);

  std::map<std::string, File, std::less<>> files_;  // By "/assets/a.js".
};

/// The media type of a file's name; application/octet-stream where it is not known.
std::string_view type_of_file(std::string_view name);

}  // namespace zhili::http
