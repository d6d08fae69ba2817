#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"

namespace zhili::identity {

struct FetchRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                      ///< Empty: GET. Else POST, of a form.
  size_t most = limits::kProviderBytes;  ///< Of the answer.
};

struct FetchAnswer {
  int status = 0;
  std::string body;
};

/// How the sign-on provider is reached. It follows no redirection: those of a provider's endpoints would lead
/// secrets elsewhere.
class HttpFetch {
 public:
  HttpFetch() = default;
  HttpFetch(const HttpFetch&) = delete;
  HttpFetch& operator=(const HttpFetch&) = delete;
  virtual ~HttpFetch() = default;

  /// Errors: kUnavailable where nobody answers in time; kLimit for an answer above `most`.
  virtual Result<FetchAnswer> fetch(const FetchRequest& request) = 0;
};

/// By libcurl, with the system's certificates. Any number of threads may fetch.
class CurlFetch : public HttpFetch {
 public:
  Result<FetchAnswer> fetch(const FetchRequest& request) override;
};

}  // namespace zhili::identity
