#include "audit/key.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/hash.hpp"
#include "base/base64.hpp"
#include "base/freed.hpp"
#include "base/limits.hpp"

namespace zhili::audit {
namespace {

constexpr size_t kEd25519Bytes = 32;
constexpr size_t kSm2PointBytes = 65;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kTimeBytes = 8;
constexpr std::string_view kSm2Signer = "1234567812345678";
constexpr std::string_view kPrivateMark = "PRIVATE+KEY+";
constexpr std::string_view kNameMark = "Name: ";

struct TypeName {
  SignatureType type;
  std::string_view identifier;
  KeyKind kind;
};

constexpr std::array<TypeName, 4> kTypes = {{
    {SignatureType::kEd25519, "\x01", KeyKind::kEd25519},
    {SignatureType::kCosignature, "\x04", KeyKind::kEd25519},
    {SignatureType::kSm2, "\xffzhili/sm2-sm3/v1", KeyKind::kSm2},
    {SignatureType::kSm2Cosignature, "\xffzhili/sm2-sm3-cosignature/v1", KeyKind::kSm2},
}};

const TypeName& facts_of(SignatureType type) { return kTypes[static_cast<size_t>(type)]; }

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Sm2Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

/// Text that is overwritten before its memory is given back.
class Secret {
 public:
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(text_.data(), text_.size()); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::unexpected<Error> openssl_error(std::string_view what) {
  ERR_clear_error();
  return fail(ErrorCode::kInternal, {}, "Check the providers in OpenSSL's configuration.", "OpenSSL cannot {}", what);
}

std::unexpected<Error> wrong_key(std::string_view what) {
  ERR_clear_error();
  return fail(ErrorCode::kInput, {}, "A verifier key reads 'name+1a2b3c4d+Base64', as 'zhili audit key' prints it.",
              "not a verifier key: {}", what);
}

std::unexpected<Error> wrong_file(std::string_view what) {
  ERR_clear_error();
  return fail(ErrorCode::kConfig, {}, "Make a key file with 'zhili audit key'.", "not a key file: {}", what);
}

Result<uint32_t> key_id(std::string_view name, std::string_view typed_key) {
  ZHILI_ASSIGN(Hasher hasher, Hasher::create(HashKind::kSha256));
  const Hash hash = hasher.digest(fmt::format("{}\n{}", name, typed_key));
  return (uint32_t{hash.bytes[0]} << 24) | (uint32_t{hash.bytes[1]} << 16) | (uint32_t{hash.bytes[2]} << 8) |
         hash.bytes[3];
}

OpensslKey sm2_public(std::string_view point) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr));
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  std::string group = "SM2";
  std::string bytes(point);
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size()),
      OSSL_PARAM_construct_end(),
  };
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) return nullptr;
  return OpensslKey(key);
}

std::string sm2_raw(const std::string& der) {
  const unsigned char* at = bytes_of(der);
  const Sm2Signature parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string out(kSignatureBytes, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  constexpr int kHalf = kSignatureBytes / 2;
  if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), to, kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), to + kHalf, kHalf) != kHalf) {
    return {};
  }
  return out;
}

std::string sm2_der(std::string_view raw) {
  constexpr int kHalf = kSignatureBytes / 2;
  const Sm2Signature parts(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(raw), kHalf, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(raw) + kHalf, kHalf, nullptr);
  if (!parts || r == nullptr || s == nullptr || ECDSA_SIG_set0(parts.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(parts.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return out;
}

/// SM2 digests a signer's id with the text; OpenSSL takes it only after the digest was set.
bool set_signer(EVP_PKEY_CTX* context, KeyKind kind) {
  return kind != KeyKind::kSm2 ||
         EVP_PKEY_CTX_set1_id(context, kSm2Signer.data(), static_cast<int>(kSm2Signer.size())) == 1;
}

const char* digest_name(KeyKind kind) { return kind == KeyKind::kSm2 ? "SM3" : nullptr; }

bool verify_bytes(EVP_PKEY* key, KeyKind kind, std::string_view text, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  if (!context ||
      EVP_DigestVerifyInit_ex(context.get(), &key_context, digest_name(kind), nullptr, nullptr, key, nullptr) != 1 ||
      !set_signer(key_context, kind)) {
    return false;
  }
  const std::string bytes = kind == KeyKind::kSm2 ? sm2_der(signature) : std::string(signature);
  return EVP_DigestVerify(context.get(), bytes_of(bytes), bytes.size(), bytes_of(text), text.size()) == 1;
}

Result<std::string> sign_bytes(EVP_PKEY* key, KeyKind kind, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  size_t length = 0;
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), &key_context, digest_name(kind), nullptr, nullptr, key, nullptr) != 1 ||
      !set_signer(key_context, kind) ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes_of(text), text.size()) != 1) {
    return openssl_error("sign");
  }
  std::string out(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, bytes_of(text),
                     text.size()) != 1) {
    return openssl_error("sign");
  }
  out.resize(length);
  if (kind == KeyKind::kSm2) out = sm2_raw(out);
  if (out.size() != kSignatureBytes) return openssl_error("sign");
  return out;
}

std::string time_bytes(int64_t time) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((static_cast<uint64_t>(time) >> shift) & 0xff);
  return out;
}

std::string cosigned_text(std::string_view text, int64_t time) {
  return fmt::format("cosignature/v1\ntime {}\n{}", time, text);
}

Result<std::string> public_bytes(EVP_PKEY* key, KeyKind kind) {
  std::array<unsigned char, kSm2PointBytes> bytes{};
  size_t length = bytes.size();
  const bool done =
      kind == KeyKind::kEd25519
          ? EVP_PKEY_get_raw_public_key(key, bytes.data(), &length) == 1
          : EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size(), &length) == 1;
  if (!done || length != (kind == KeyKind::kEd25519 ? kEd25519Bytes : kSm2PointBytes)) {
    return openssl_error("give the public half of a key");
  }
  return std::string(reinterpret_cast<const char*>(bytes.data()), length);
}

/// "name+1a2b3c4d+base64" in its parts.
struct KeyText {
  std::string name;
  std::string id;
  std::string bytes;
};

std::optional<KeyText> split_key(std::string_view text) {
  const size_t first = text.find('+');
  const size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto bytes = from_base64(text.substr(second + 1));
  if (!bytes) return std::nullopt;
  return KeyText{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                 std::move(*bytes)};
}

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<VerifyKey> VerifyKey::parse(std::string_view text) {
  if (text.size() > limits::kKeyFileBytes) return wrong_key("it is too long");
  const auto parts = split_key(text);
  if (!parts) return wrong_key("it does not consist of a name, eight hexadecimal digits and Base 64");
  for (const TypeName& one : kTypes) {
    if (!parts->bytes.starts_with(one.identifier)) continue;
    ZHILI_ASSIGN(VerifyKey key,
                 create(parts->name, one.type, std::string_view(parts->bytes).substr(one.identifier.size())));
    if (fmt::format("{:08x}", key.id_) != parts->id) return wrong_key("its id does not belong to its name and its key");
    return key;
  }
  return wrong_key("we don't know its type of signature");
}

Result<VerifyKey> VerifyKey::create(std::string name, SignatureType type, std::string_view public_key) {
  if (!is_key_name(name)) return wrong_key("its name is empty, or holds a blank or '+'");
  const TypeName& facts = facts_of(type);
  OpensslKey key;
  if (facts.kind == KeyKind::kEd25519 && public_key.size() == kEd25519Bytes) {
    key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()));
  } else if (facts.kind == KeyKind::kSm2 && public_key.size() == kSm2PointBytes && public_key[0] == '\x04') {
    key = sm2_public(public_key);
  }
  if (!key) return wrong_key("its public key has the wrong length or lies on no curve");
  ZHILI_ASSIGN(const uint32_t id, key_id(name, fmt::format("{}{}", facts.identifier, public_key)));
  return VerifyKey(std::move(name), type, std::string(public_key), id, std::move(key));
}

std::string VerifyKey::text() const {
  return fmt::format("{}+{:08x}+{}", name_, id_,
                     zhili::to_base64(fmt::format("{}{}", facts_of(type_).identifier, public_key_)));
}

Status VerifyKey::verify(std::string_view text, std::string_view signature) const {
  const KeyKind kind = facts_of(type_).kind;
  std::string timed;
  std::string_view bytes = signature;
  if (cosigner() && bytes.size() == kTimeBytes + kSignatureBytes) {
    const auto time = cosigned_at(bytes);
    if (!time) return fail(ErrorCode::kInput, {}, "", "the signature of {} has no time", name_);
    timed = cosigned_text(text, *time);
    text = timed;
    bytes.remove_prefix(kTimeBytes);
  }
  if (bytes.size() != kSignatureBytes || (cosigner() && timed.empty()) ||
      !verify_bytes(key_.get(), kind, text, bytes)) {
    ERR_clear_error();  // The thread's next user of OpenSSL must not find what failed here.
    return fail(ErrorCode::kInput, {}, "", "the signature of {} is wrong", name_);
  }
  return {};
}

std::optional<int64_t> cosigned_at(std::string_view signature) {
  if (signature.size() != kTimeBytes + kSignatureBytes) return std::nullopt;
  uint64_t time = 0;
  for (size_t i = 0; i < kTimeBytes; ++i) time = (time << 8) | static_cast<uint8_t>(signature[i]);
  if (time == 0 || time > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(time);
}

Result<SignKey> SignKey::create(std::string name, KeyKind kind, OpensslKey key) {
  if (!is_key_name(name)) {
    return fail(ErrorCode::kConfig, {}, "Name it like an address without a scheme: district.example/audit.",
                "'{}' is no name for a key: it may hold no blank and no '+'", name);
  }
  ZHILI_ASSIGN(std::string public_key, public_bytes(key.get(), kind));
  return SignKey(std::move(name), kind, std::move(key), std::move(public_key));
}

Result<SignKey> SignKey::generate(std::string name, KeyKind kind) {
  OpensslKey key(kind == KeyKind::kEd25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                           : EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
  if (!key) return openssl_error("make a key");
  return create(std::move(name), kind, std::move(key));
}

Result<SignKey> SignKey::parse(std::string_view text) {
  if (text.starts_with(kPrivateMark)) {
    text.remove_prefix(kPrivateMark.size());
    while (text.ends_with('\n')) text.remove_suffix(1);
    auto parts = split_key(text);
    if (!parts) return wrong_file("it does not consist of a name, an id and Base 64");
    const Secret seed(std::move(parts->bytes));
    if (seed.text().size() != 1 + kEd25519Bytes || seed.text()[0] != '\x01')
      return wrong_file("it holds no Ed25519 key");
    OpensslKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed.text()) + 1, kEd25519Bytes));
    if (!key) return openssl_error("read a key");
    ZHILI_ASSIGN(SignKey out, create(std::move(parts->name), KeyKind::kEd25519, std::move(key)));
    ZHILI_ASSIGN(const VerifyKey verifier, out.verify_key());
    if (fmt::format("{:08x}", verifier.id()) != parts->id) return wrong_file("its id does not belong to its key");
    return out;
  }
  if (!text.starts_with(kNameMark)) return wrong_file("it begins neither with 'PRIVATE+KEY+' nor with 'Name: '");
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return wrong_file("it ends behind its first line");
  const Bio bio(BIO_new_mem_buf(text.data() + end + 1, static_cast<int>(text.size() - end - 1)));
  // The callback answers for a password, which such a file has none of; without it OpenSSL asks on the terminal.
  OpensslKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  if (!key || EVP_PKEY_is_a(key.get(), "SM2") != 1) return wrong_file("it holds no SM2 key in PEM");
  return create(std::string(text.substr(kNameMark.size(), end - kNameMark.size())), KeyKind::kSm2, std::move(key));
}

Result<SignKey> SignKey::read(const std::filesystem::path& file) {
  const auto place = [&](Error error) {
    error.place.file = file.string();
    return fail(std::move(error));
  };
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, {file.string(), 0, 0},
                "Make a key file with 'zhili audit key'.", "cannot read: {}", std::strerror(errno));
  }
  struct stat facts{};
  std::string bytes(limits::kKeyFileBytes, '\0');
  const bool known = ::fstat(fd, &facts) == 0;
  const ssize_t length = ::read(fd, bytes.data(), bytes.size());
  const int error = errno;
  ::close(fd);
  const Secret secret(bytes.substr(0, length < 0 ? 0 : static_cast<size_t>(length)));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!known || length < 0)
    return fail(ErrorCode::kIo, {file.string(), 0, 0}, "", "cannot read: {}", std::strerror(error));
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::kConfig, {file.string(), 0, 0}, fmt::format("chmod 600 {}", file.string()),
                "others than its owner may read this key (mode {:o})", facts.st_mode & 0777);
  }
  auto key = parse(secret.text());
  if (!key) return place(std::move(key).error());
  return key;
}

Result<std::string> SignKey::to_text() const {
  if (kind_ == KeyKind::kEd25519) {
    std::string seed(kEd25519Bytes, '\0');
    size_t length = seed.size();
    if (EVP_PKEY_get_raw_private_key(key_.get(), reinterpret_cast<unsigned char*>(seed.data()), &length) != 1) {
      return openssl_error("give a key");
    }
    ZHILI_ASSIGN(const VerifyKey verifier, verify_key());
    const Secret typed("\x01" + seed);
    OPENSSL_cleanse(seed.data(), seed.size());
    return fmt::format("{}{}+{:08x}+{}\n", kPrivateMark, name_, verifier.id(), zhili::to_base64(typed.text()));
  }
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_error("give a key");
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return fmt::format("{}{}\n{}", kNameMark, name_, std::string_view(data, static_cast<size_t>(length)));
}

Status SignKey::write(const std::filesystem::path& file) const {
  ZHILI_ASSIGN(std::string text, to_text());
  const Secret secret(std::move(text));
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) {
    return fail(ErrorCode::kIo, {file.string(), 0, 0},
                errno == EEXIST ? "Choose another name: a key is never overwritten." : "", "cannot create: {}",
                std::strerror(errno));
  }
  const ssize_t written = ::write(fd, secret.text().data(), secret.text().size());
  const bool durable = written == static_cast<ssize_t>(secret.text().size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (durable) return {};
  ::unlink(file.c_str());
  return fail(ErrorCode::kIo, {file.string(), 0, 0}, "", "cannot write: {}", std::strerror(error));
}

Result<VerifyKey> SignKey::verify_key() const {
  return VerifyKey::create(name_, kind_ == KeyKind::kEd25519 ? SignatureType::kEd25519 : SignatureType::kSm2,
                           public_key_);
}

Result<VerifyKey> SignKey::cosigner_key() const {
  return VerifyKey::create(
      name_, kind_ == KeyKind::kEd25519 ? SignatureType::kCosignature : SignatureType::kSm2Cosignature, public_key_);
}

Result<NoteSignature> SignKey::sign(std::string_view text) const {
  ZHILI_ASSIGN(const VerifyKey verifier, verify_key());
  ZHILI_ASSIGN(std::string bytes, sign_bytes(key_.get(), kind_, text));
  return NoteSignature{name_, verifier.id(), std::move(bytes)};
}

Result<NoteSignature> SignKey::cosign(std::string_view text, int64_t time) const {
  if (time < 1) return fail(ErrorCode::kInternal, {}, "", "a cosignature needs a time");
  ZHILI_ASSIGN(const VerifyKey verifier, cosigner_key());
  ZHILI_ASSIGN(const std::string bytes, sign_bytes(key_.get(), kind_, cosigned_text(text, time)));
  return NoteSignature{name_, verifier.id(), time_bytes(time) + bytes};
}

Result<std::vector<std::optional<size_t>>> verify_note(const Note& note, std::span<const VerifyKey> keys) {
  std::vector<std::optional<size_t>> found(keys.size());
  for (size_t s = 0; s < note.signatures.size(); ++s) {
    for (size_t k = 0; k < keys.size(); ++k) {
      if (!keys[k].made(note.signatures[s])) continue;
      ZHILI_TRY(keys[k].verify(note.text, note.signatures[s].bytes));
      if (!found[k]) found[k] = s;
    }
  }
  return found;
}

}  // namespace zhili::audit
