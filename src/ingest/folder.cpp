#include "ingest/folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <sys/stat.h>

#include "store/digest.hpp"

namespace zhili::ingest {
namespace fs = std::filesystem;
namespace {

constexpr size_t kPart = size_t{8} << 20;
constexpr std::string_view kReport = ".report.json";

struct Stamp {
  int64_t changed_at = 0;  // Microseconds since 1970.
  int64_t bytes = 0;
  bool operator==(const Stamp&) const = default;
};

std::optional<Stamp> stamp_of(const fs::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return Stamp{info.st_mtim.tv_sec * int64_t{1'000'000} + info.st_mtim.tv_nsec / 1000, info.st_size};
}

bool is_passed_over(const std::string& name) {
  static constexpr std::array<std::string_view, 4> kUnfinished = {".part", ".tmp", ".filepart", ".crdownload"};
  return name.starts_with('.') || name.ends_with(kReport) ||
         std::ranges::any_of(kUnfinished, [&](std::string_view end) { return name.ends_with(end); });
}

std::unexpected<Error> folder_error(const fs::path& path, std::string_view what, const std::error_code& ec) {
  return fail(ErrorCode::kIo, {path.string(), 0, 0}, "Check the folder's permissions.", "{}: {}", what, ec.message());
}

/// Whether the batch itself is at fault, so that looking again would not help.
bool is_final(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInput:
    case ErrorCode::kConfig:
    case ErrorCode::kLimit:
    case ErrorCode::kConflict:
    case ErrorCode::kNotFound:
      return true;
    default:
      return false;
  }
}

std::string report_of(const Result<Batch>& batch) {
  boost::json::object out;
  if (batch) {
    out = {{"state", name_of(batch->state)},
           {"batch", batch->name},
           {"id", batch->id},
           {"rows", batch->rows},
           {"rejected", batch->rejected},
           {"mistaken", batch->mistaken},
           {"unreadable", batch->unreadable}};
    boost::system::error_code failed;
    out["quality"] = boost::json::parse(batch->report, failed);
  } else {
    out = {{"state", "failed"}, {"error", batch.error().text()}};
  }
  return boost::json::serialize(out) + "\n";
}

}  // namespace

Result<Folder> Folder::open(const Ingest& ingest, FolderOptions options) {
  for (const char* name : {"done", "failed"}) {
    std::error_code ec;
    fs::create_directories(options.directory / name, ec);
    if (ec) return folder_error(options.directory / name, "cannot create directory", ec);
  }
  return Folder(ingest, std::move(options));
}

Result<Batch> Folder::take(const fs::path& path, const Cancel* cancel) const {
  const auto before = stamp_of(path);
  // What it is first: then a file that was sent before is known, and an upload that broke off goes on with the same.
  ZHILI_ASSIGN(const auto digest, store::digest_file(path));
  UploadRequest request;
  request.dataset = options_.dataset;
  request.batch = request.name = path.filename().string();
  request.kind = options_.kind;
  request.encoding = options_.encoding;
  request.bytes = digest.bytes;
  request.sha256 = digest.sha256;
  request.sender = options_.sender;
  auto begun = ingest_.begin(request);
  if (!begun && begun.error().code == ErrorCode::kConflict) {
    // The file was replaced while an earlier one was on its way.
    const auto other = ingest_.find_upload(request.dataset, request.batch);
    if (other && other->state == UploadState::kOpen) {
      ZHILI_TRY(ingest_.abandon(other->id));
      begun = ingest_.begin(request);
    }
  }
  if (!begun) return fail(begun.error());
  if (begun->earlier.has_value()) return begun->earlier.value_or(Batch{});
  const std::string& id = begun->upload.id;
  std::ifstream in(path, std::ios::binary);
  uint64_t at = begun->upload.received.bytes;
  in.seekg(static_cast<std::streamoff>(at));
  std::string part(kPart, '\0');
  while (in.read(part.data(), kPart), in.gcount() > 0) {
    if (cancel != nullptr) ZHILI_TRY(cancel->check());
    ZHILI_ASSIGN(at, ingest_.put(id, at, std::string_view(part).substr(0, static_cast<size_t>(in.gcount()))));
  }
  if (stamp_of(path) != before) {
    ZHILI_TRY(ingest_.abandon(id));
    return fail(ErrorCode::kBusy, {path.string(), 0, 0}, "", "the file changed while it was read");
  }
  ZHILI_TRY(ingest_.close(id));
  return ingest_.land(id, cancel);
}

Status Folder::put_aside(const fs::path& path, const Result<Batch>& batch) const {
  const fs::path folder = options_.directory / (batch ? "done" : "failed");
  std::string name = path.filename().string();
  std::error_code ec;
  // Files of one name may come again and again.
  if (fs::exists(folder / name, ec)) name = fmt::format("{}.{}", name, options_.now());
  {
    std::ofstream out(folder / (name + std::string(kReport)), std::ios::binary);
    out << report_of(batch);
    if (!out.flush()) return fail(ErrorCode::kIo, {folder.string(), 0, 0}, "Check the disk.", "cannot write a report");
  }
  fs::rename(path, folder / name, ec);
  return ec ? Status(folder_error(path, "cannot move the file", ec)) : Status{};
}

Result<Folder::Round> Folder::scan(const Cancel* cancel) const {
  Round out;
  std::vector<std::pair<int64_t, fs::path>> complete;
  std::error_code ec;
  for (fs::directory_iterator it(options_.directory, ec), end; !ec && it != end; it.increment(ec)) {
    const auto stamp = stamp_of(it->path());
    if (!stamp || is_passed_over(it->path().filename().string())) continue;
    const int64_t quiet = std::chrono::duration_cast<std::chrono::microseconds>(options_.quiet).count();
    if (options_.now() - stamp->changed_at < quiet) {
      ++out.waiting;
    } else {
      complete.emplace_back(stamp->changed_at, it->path());
    }
  }
  if (ec) return folder_error(options_.directory, "cannot list", ec);
  std::ranges::sort(complete);
  for (const auto& [at, path] : complete) {
    if (cancel != nullptr && cancel->requested()) break;
    const auto batch = take(path, cancel);
    const bool settled = batch || is_final(batch.error());
    if (!settled || !put_aside(path, batch)) {
      ++out.waiting;
    } else {
      ++(batch ? out.done : out.failed);
    }
  }
  return out;
}

}  // namespace zhili::ingest
