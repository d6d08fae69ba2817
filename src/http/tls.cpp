#include "http/tls.hpp"

#include <mutex>
#include <tuple>
#include <utility>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <openssl/ssl.h>

namespace zhili::http {
namespace asio = boost::asio;

namespace {

using Context = std::shared_ptr<asio::ssl::context>;

class TlsTransport : public Transport {
 public:
  TlsTransport(Socket socket, Context context) : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  void open(std::shared_ptr<TransportUser> user) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [user = std::move(user)](const ErrorBits& failed) { user->on_open(failed); });
  }
  void read(asio::mutable_buffer into, std::shared_ptr<TransportUser> user) override {
    if (ended_) {
      // What is still to come is the client's word that it ends, too.
      return stream_.async_shutdown([user = std::move(user)](const ErrorBits&) { user->on_read(asio::error::eof, 0); });
    }
    stream_.async_read_some(
        into, [user = std::move(user)](const ErrorBits& failed, size_t bytes) { user->on_read(failed, bytes); });
  }
  void write(const OutBuffers& from, std::shared_ptr<TransportUser> user) override {
    stream_.async_write_some(
        from, [user = std::move(user)](const ErrorBits& failed, size_t bytes) { user->on_written(failed, bytes); });
  }
  void end() override { ended_ = true; }
  void close() override {
    ErrorBits ignored;
    std::ignore = stream_.next_layer().close(ignored);
  }
  Socket& socket() override { return stream_.next_layer(); }
  bool secure() const override { return true; }

 private:
  Context context_;  // Before the stream, which refers to it.
  asio::ssl::stream<Socket> stream_;
  bool ended_ = false;
};

Result<Context> load(const std::string& certificate_file, const std::string& key_file) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  ErrorBits failed;
  failed = context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                                    asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                                    asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                    SSL_OP_IGNORE_UNEXPECTED_EOF,
                                failed);
  if (!failed) failed = context->use_certificate_chain_file(certificate_file, failed);
  if (failed) {
    return fail(ErrorCode::kConfig, {certificate_file}, "Give a PEM file with the certificate and its chain.",
                "The certificate can't be read: {}", failed.message());
  }
  failed = context->use_private_key_file(key_file, asio::ssl::context::pem, failed);
  if (failed || ::SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return fail(ErrorCode::kConfig, {key_file},
                "Give the PEM file with the key of this certificate, without a password.",
                "The key can't be read, or is another certificate's");
  }
  ::SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  ::SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  // Tickets would let old keys open later sessions; sessions by id need no memory of ours without a cache.
  ::SSL_CTX_set_num_tickets(context->native_handle(), 0);
  ::SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  return context;
}

}  // namespace

struct Tls::State {
  std::string certificate_file;
  std::string key_file;
  std::mutex mutex;
  Context context;  // Guarded by mutex.
};

Tls::Tls(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tls::~Tls() = default;

Result<std::unique_ptr<Tls>> Tls::create(std::string certificate_file, std::string key_file) {
  auto state = std::make_unique<State>();
  state->certificate_file = std::move(certificate_file);
  state->key_file = std::move(key_file);
  ZHILI_ASSIGN(state->context, load(state->certificate_file, state->key_file));
  return std::unique_ptr<Tls>(new Tls(std::move(state)));
}

Status Tls::reload() {
  ZHILI_ASSIGN(Context fresh, load(state_->certificate_file, state_->key_file));
  const std::scoped_lock lock(state_->mutex);
  state_->context = std::move(fresh);
  return {};
}

std::unique_ptr<Transport> Tls::transport(Socket socket) {
  const std::scoped_lock lock(state_->mutex);
  return std::make_unique<TlsTransport>(std::move(socket), state_->context);
}

}  // namespace zhili::http
