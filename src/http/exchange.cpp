#include "http/exchange.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.hpp"
#include "http/contract.hpp"

namespace zhili::http {
namespace {

constexpr std::string_view kForAll =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(self), geolocation=(self), microphone=(), payment=(), usb=()\r\n";
constexpr std::string_view kUnframed = "X-Frame-Options: DENY\r\n";
constexpr std::string_view kForData = "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
// Ant Design sets styles on elements; a map draws pictures and runs its worker from blobs.
constexpr std::string_view kForPages =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";
constexpr std::string_view kForTls = "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n";

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool has(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [name](const auto& header) { return same_name(header.first, name); });
}

void compress_body(Response& response, Coding coding) {
  const size_t size = response.content().size();
  const bool may = !response.secret && size >= limits::kCompressFrom && size <= limits::kCompressUpTo &&
                   is_compressible(response.content_type) && !has(response, "content-encoding");
  if (!may) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (coding == Coding::kIdentity) return;
  if (auto packed = compress(response.content(), coding)) {
    response.body = std::move(*packed);
    response.shared_body.reset();
    response.headers.emplace_back("Content-Encoding", std::string(name_of(coding)));
  }
}

}  // namespace

Outgoing finished(Response&& response, const Form& form) {
  compress_body(response, form.coding);
  Outgoing out;
  out.status = response.status;
  std::string& head = out.head;
  head.reserve(1024);
  const auto line = [&head](std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  };
  if (!response.content_type.empty()) line("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) {
    // A line break would begin another header; no handler has a reason for one.
    if (name.find_first_of("\r\n:") != std::string::npos || value.find_first_of("\r\n") != std::string::npos) continue;
    line(name, value);
  }
  head += kForAll;
  if (!form.framed) head += kUnframed;
  head += form.page ? kForPages : kForData;
  if (form.page) head += form.framed ? "*\r\n" : "'none'\r\n";
  if (form.secure) head += kForTls;
  if (!has(response, "cache-control")) line("Cache-Control", "no-store");
  if (!form.id.empty()) line("X-Request-Id", form.id);
  out.body = std::move(response.body);
  out.shared_body = std::move(response.shared_body);
  return out;
}

void Exchange::answer(Response&& response) {
  if (answered_.exchange(true)) return;
  if (outlet_->here()) return finish(std::move(response));
  outlet_->run(
      [self = shared_from_this(), response = std::move(response)]() mutable { self->finish(std::move(response)); });
}

void Exchange::finish(Response&& response) {
  const int status = response.status;
  const std::string code = std::move(response.code);
  Outgoing out = finished(std::move(response), form);
  // Before it is sent: who has seen an answer finds it counted.
  enter(status, code, out.shared_body ? out.shared_body->size() : out.body.size());
  outlet_->send(std::move(out));
}

void Exchange::enter(int status, std::string_view code, uint64_t bytes_out) {
  const auto took = std::chrono::steady_clock::now() - began_;
  books_->metrics.end(operation, status, took, bytes_in, bytes_out);
  if (!books_->log) return;
  const std::scoped_lock lock(mutex_);
  books_->log->add({.time = received,
                    .id = form.id,
                    .trace = trace,
                    .operation = operation != nullptr ? std::string_view(operation->id) : "none",
                    .method = method,
                    .status = status,
                    .microseconds = std::chrono::duration_cast<std::chrono::microseconds>(took).count(),
                    .bytes_in = bytes_in,
                    .bytes_out = bytes_out,
                    .account = account_,
                    .code = code});
}

}  // namespace zhili::http
