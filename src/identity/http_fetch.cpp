#include "identity/http_fetch.hpp"

#include <memory>
#include <string_view>

#include <curl/curl.h>

#include "base/limits.hpp"

namespace zhili::identity {
namespace {

constexpr long kConnectMilliseconds = 5'000;
constexpr long kWholeMilliseconds = 10'000;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Received {
  size_t most = 0;
  std::string bytes;
  bool too_much = false;
};

size_t receive(const char* data, size_t size, size_t count, void* target) {
  auto& received = *static_cast<Received*>(target);
  const size_t length = size * count;
  if (received.bytes.size() + length > received.most) {
    received.too_much = true;
    return 0;
  }
  received.bytes.append(data, length);
  return length;
}

}  // namespace

Result<FetchAnswer> CurlFetch::fetch(const FetchRequest& request) {
  // The library is set up once a process, as C++ guards it.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, FreeHandle> handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) {
    return fail(ErrorCode::kInternal, {}, "Look at the installation of libcurl.", "libcurl does not start");
  }
  std::unique_ptr<curl_slist, FreeList> headers;
  for (const auto& [name, value] : request.headers) {
    curl_slist* longer = curl_slist_append(headers.get(), fmt::format("{}: {}", name, value).c_str());
    if (longer == nullptr) return fail(ErrorCode::kInternal, {}, {}, "No memory for a request");
    if (headers == nullptr) headers.reset(longer);  // Later ones are hung on the first.
  }
  Received received;
  received.most = request.most;
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kWholeMilliseconds);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
  if (!request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  const CURLcode code = curl_easy_perform(curl);
  if (received.too_much) {
    return fail(ErrorCode::kLimit, {}, "Look at the provider.", "The provider's answer has more than {} bytes",
                request.most);
  }
  if (code != CURLE_OK) {
    return fail(ErrorCode::kUnavailable, {}, "Look at the network and at the provider.",
                "The sign-on provider can't be reached: {}", curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return FetchAnswer{static_cast<int>(status), std::move(received.bytes)};
}

}  // namespace zhili::identity
