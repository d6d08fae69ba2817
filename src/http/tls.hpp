#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "http/transport.hpp"

namespace zhili::http {

/// TLS 1.2 and 1.3 over sockets, with one certificate. Any thread may call.
class Tls {
 public:
  /// Error: kConfig for files that can't be read, or don't belong together.
  static Result<std::unique_ptr<Tls>> create(std::string certificate_file, std::string key_file);
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls();

  Status reload();
  std::unique_ptr<Transport> transport(Socket socket);

 private:
  struct State;
  explicit Tls(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zhili::http
