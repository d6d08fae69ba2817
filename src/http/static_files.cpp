#include "http/static_files.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "http/etag.hpp"
#include "identity/digest.hpp"

namespace zhili::http {
namespace fs = std::filesystem;

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".gif", "image/gif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".wasm", "application/wasm"},
    {".pbf", "application/x-protobuf"},
    {".pdf", "application/pdf"},
}};

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "index-0a1B2c3D.js": what bundlers write, with a digest of the content.
bool has_hash(std::string_view name) {
  const size_t dot = name.rfind('.');
  const size_t dash = name.rfind('-', dot);
  const size_t low = name.rfind('_', dot);
  if (dot == std::string_view::npos || dash == std::string_view::npos) return false;
  // A digest in base64url may hold - and _ itself; eight characters before the dot are it.
  const std::string_view stem = name.substr(0, dot);
  if (stem.size() < 10 || stem[stem.size() - 9] != '-') {
    const std::string_view last = name.substr(dash + 1, dot - dash - 1);
    return low == std::string_view::npos && last.size() >= 8 && std::ranges::all_of(last, is_alphanumeric) &&
           std::ranges::any_of(last, [](char c) { return c >= '0' && c <= '9'; });
  }
  const std::string_view digest = stem.substr(stem.size() - 8);
  return std::ranges::all_of(digest, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; }) &&
         std::ranges::any_of(digest, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

std::string_view type_of_file(std::string_view name) {
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

Status StaticFiles::add(const fs::path& path, std::string name, size_t& bytes) {
  ZHILI_ASSIGN(std::string content, read_file(path, limits::kStaticBytes));
  bytes += content.size();
  if (bytes > limits::kStaticBytes) {
    return fail(ErrorCode::kLimit, {path.string()}, "Give the directory that the build of the web front wrote.",
                "The files are larger than {} bytes together", limits::kStaticBytes);
  }
  Coding coding = Coding::kIdentity;
  if (name.ends_with(".br")) coding = Coding::kBrotli;
  if (name.ends_with(".gz")) coding = Coding::kGzip;
  if (coding != Coding::kIdentity) name.resize(name.size() - 3);
  File& file = files_[name];
  if (coding == Coding::kBrotli) {
    file.brotli = std::make_shared<const std::string>(std::move(content));
  } else if (coding == Coding::kGzip) {
    file.gzip = std::make_shared<const std::string>(std::move(content));
  } else {
    ZHILI_ASSIGN(const std::string digest, identity::sha256(content));
    file.digest = identity::to_hex(digest).substr(0, 32);
    file.type = type_of_file(name);
    file.hashed = has_hash(name);
    file.plain = std::make_shared<const std::string>(std::move(content));
  }
  return {};
}

Result<StaticFiles> StaticFiles::load(const fs::path& directory) {
  StaticFiles out;
  std::error_code failed;
  const fs::path root = fs::canonical(directory, failed);
  if (failed || !fs::is_directory(root, failed)) {
    return fail(ErrorCode::kIo, {directory.string()}, "Give the directory that the build of the web front wrote.",
                "There is no such directory");
  }
  size_t bytes = 0;
  size_t seen = 0;
  // Links to directories are not followed; a link to a file counts if it stays within.
  for (fs::recursive_directory_iterator at(root, failed), end; !failed && at != end; at.increment(failed)) {
    const fs::path& path = at->path();
    std::error_code ignored;
    if (path.filename().string().starts_with('.')) {
      if (at->is_directory(ignored)) at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(ignored)) continue;
    if (at->is_symlink(ignored)) {
      const fs::path real = fs::canonical(path, ignored);
      const auto [in_root, in_path] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
      if (ignored || in_root != root.end()) continue;
    }
    if (++seen > limits::kStaticFiles) {
      return fail(ErrorCode::kLimit, {directory.string()}, "Give the directory that the build of the web front wrote.",
                  "It has more than {} files", limits::kStaticFiles);
    }
    ZHILI_TRY(out.add(path, "/" + path.lexically_relative(root).generic_string(), bytes));
  }
  if (failed)
    return fail(ErrorCode::kIo, {directory.string()}, {}, "The directory can't be read: {}", failed.message());
  // A packed file without the plain one can't be given to everyone.
  std::erase_if(out.files_, [](const auto& entry) { return entry.second.plain == nullptr; });
  return out;
}

Response StaticFiles::answer(const File& file, const Headers& headers) {
  const std::string_view accepted = headers.find("accept-encoding").value_or("");
  Coding coding = choose_coding(accepted);
  if (coding == Coding::kBrotli && !file.brotli) coding = accepted.contains("gzip") ? Coding::kGzip : Coding::kIdentity;
  if (coding == Coding::kGzip && !file.gzip) coding = Coding::kIdentity;
  const std::string_view name = name_of(coding);
  const std::string etag = "\"" + file.digest + (name.empty() ? "" : "-") + std::string(name) + "\"";
  Response out;
  if (is_known(headers, etag)) {
    out = not_modified(etag);
  } else {
    out.content_type = file.type;
    out.with("ETag", etag);
    if (!name.empty()) out.with("Content-Encoding", std::string(name));
    out.shared_body = coding == Coding::kBrotli ? file.brotli : coding == Coding::kGzip ? file.gzip : file.plain;
  }
  out.with("Cache-Control", file.hashed ? "public, max-age=31536000, immutable" : "no-cache");
  out.with("Vary", "Accept-Encoding");
  return out;
}

std::optional<Response> StaticFiles::find(const std::vector<std::string>& segments, const Headers& headers) const {
  std::string path;
  for (const std::string& segment : segments) {
    path += '/';
    path += segment;
  }
  if (const auto found = files_.find(path); found != files_.end()) return answer(found->second, headers);
  if (path.ends_with('/')) path.pop_back();
  if (const auto found = files_.find(path + "/index.html"); found != files_.end())
    return answer(found->second, headers);
  // A script or a picture that is missing is missing; only a page may be one of the front's own.
  if (!headers.find("accept").value_or("").contains("text/html")) return std::nullopt;
  while (!path.empty()) {
    path.resize(path.rfind('/'));
    if (const auto found = files_.find(path + "/index.html"); found != files_.end())
      return answer(found->second, headers);
  }
  return std::nullopt;
}

}  // namespace zhili::http
