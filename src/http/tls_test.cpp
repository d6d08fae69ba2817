#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "base/freed.hpp"
#include "http/test_edge.hpp"

namespace zhili::http {
namespace {

namespace fs = std::filesystem;

using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

/// A server with a certificate that the test makes.
class TlsTest : public EdgeTest {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL.
    std::string pattern = (fs::temp_directory_path() / "zhili-tls-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
    write_certificate("first");
    ServerOptions options;
    options.certificate_file = dir_ / "cert.pem";
    options.key_file = dir_ / "key.pem";
    options.times.head = std::chrono::milliseconds(1000);
    start(options);
  }
  void TearDown() override {
    EdgeTest::TearDown();
    fs::remove_all(dir_);
  }
  void write_certificate(const char* name) {
    const Pkey key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const Certificate certificate(::X509_new());
    ::X509_set_version(certificate.get(), 2);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), 0);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
    ::X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = ::X509_get_subject_name(certificate.get());
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    ::X509_set_issuer_name(certificate.get(), subject);
    ASSERT_GT(::X509_sign(certificate.get(), key.get(), ::EVP_sha256()), 0);
    const File cert_file(std::fopen((dir_ / "cert.pem").c_str(), "w"));
    const File key_file(std::fopen((dir_ / "key.pem").c_str(), "w"));
    ASSERT_TRUE(cert_file && key_file);
    ::PEM_write_X509(cert_file.get(), certificate.get());
    ::PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }

  /// What a client of this highest version of TLS hears; the certificate's name is put before it.
  std::string ask_over_tls(const std::string& request, int version = TLS1_3_VERSION) {
    const std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context(::SSL_CTX_new(::TLS_client_method()));
    ::SSL_CTX_set_max_proto_version(context.get(), version);
    ::SSL_CTX_set_security_level(context.get(), 0);
    const std::unique_ptr<SSL, Freed<SSL_free>> ssl(::SSL_new(context.get()));
    Client socket = client();
    ::SSL_set_fd(ssl.get(), socket.socket());
    if (::SSL_connect(ssl.get()) != 1) return "no handshake";
    const Certificate peer(::SSL_get1_peer_certificate(ssl.get()));
    char name[100] = {};
    ::X509_NAME_get_text_by_NID(::X509_get_subject_name(peer.get()), NID_commonName, name, sizeof(name));
    std::string out = name;
    out += ' ';
    ::SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
    char bytes[16384];
    for (int got = 0; (got = ::SSL_read(ssl.get(), bytes, sizeof(bytes))) > 0;)
      out.append(bytes, static_cast<size_t>(got));
    // The end was told and not cut off.
    out += ::SSL_get_shutdown(ssl.get()) == SSL_RECEIVED_SHUTDOWN ? " end" : " cut";
    return out;
  }
  fs::path dir_;
};

TEST_F(TlsTest, AnswersOverTls) {
  const std::string heard = ask_over_tls(get("/api/v1/hello") + get("/api/v1/things/large") +
                                         get("/api/v1/hello?name=x", "Connection: close\r\n"));
  EXPECT_TRUE(heard.starts_with("first HTTP/1.1 200 OK\r\n")) << heard;
  EXPECT_NE(heard.find("Strict-Transport-Security: max-age="), std::string::npos);
  EXPECT_NE(heard.find(large()), std::string::npos);
  EXPECT_TRUE(heard.ends_with("hello x end")) << heard.substr(heard.size() - 100);
  EXPECT_TRUE(ask_over_tls(get("/api/v1/hello", "Connection: close\r\n"), TLS1_2_VERSION).ends_with("hello world end"));
}

TEST_F(TlsTest, TakesNoOldVersionAndNoPlainText) {
  EXPECT_EQ(ask_over_tls(get("/api/v1/hello"), TLS1_1_VERSION), "no handshake");
  EXPECT_EQ(ask(get("/api/v1/hello")).status, 0);
  Client silent = client();  // Never shakes hands.
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(ask_over_tls(get("/api/v1/hello", "Connection: close\r\n")).ends_with("hello world end"));
}

TEST_F(TlsTest, ReadsItsCertificateAgain) {
  write_certificate("second");
  ASSERT_TRUE(server_->reload_certificate());
  EXPECT_TRUE(ask_over_tls(get("/api/v1/hello", "Connection: close\r\n")).starts_with("second HTTP"));
  // A bad one changes nothing.
  std::ofstream(dir_ / "cert.pem") << "nothing";
  EXPECT_FALSE(server_->reload_certificate());
  EXPECT_TRUE(ask_over_tls(get("/api/v1/hello", "Connection: close\r\n")).starts_with("second HTTP"));
}

TEST_F(TlsTest, NeedsAKeyThatBelongsToTheCertificate) {
  fs::copy_file(dir_ / "cert.pem", dir_ / "old.pem");
  write_certificate("other");
  ServerOptions options;
  options.certificate_file = dir_ / "old.pem";
  options.key_file = dir_ / "key.pem";
  const auto server = Server::start(*service_, options);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::kConfig);
  options.certificate_file = dir_ / "none.pem";
  EXPECT_FALSE(Server::start(*service_, options));
}

}  // namespace
}  // namespace zhili::http
