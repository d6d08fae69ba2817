#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

/// What a connection reads and writes through: a socket as it is, or TLS over one. For server.cpp and tls.cpp alone.
namespace zhili::http {

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using ErrorBits = boost::system::error_code;
using OutBuffers = std::array<boost::asio::const_buffer, 2>;

/// Is told what became of it. Kept alive by what it waits for.
class TransportUser {
 public:
  TransportUser() = default;
  TransportUser(const TransportUser&) = delete;
  TransportUser& operator=(const TransportUser&) = delete;
  virtual ~TransportUser() = default;
  virtual void on_open(const ErrorBits& failed) = 0;
  virtual void on_read(const ErrorBits& failed, size_t bytes) = 0;
  virtual void on_written(const ErrorBits& failed, size_t bytes) = 0;
};

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Shakes hands, where there is something to shake.
  virtual void open(std::shared_ptr<TransportUser> user) = 0;
  /// Reads or writes some bytes.
  virtual void read(boost::asio::mutable_buffer into, std::shared_ptr<TransportUser> user) = 0;
  virtual void write(const OutBuffers& from, std::shared_ptr<TransportUser> user) = 0;
  /// Tells the client that nothing more comes.
  virtual void end() = 0;
  virtual void close() = 0;
  virtual Socket& socket() = 0;
  virtual bool secure() const = 0;
};

}  // namespace zhili::http
