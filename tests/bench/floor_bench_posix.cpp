// What a handshake of TLS 1.3 costs a client at the least on this machine: its cryptography, everything
// verified, with contexts that are set up once, and the system calls for as many octets without any TLS.
// Prints microseconds of processor time: cryptography with an EC leaf, with an RSA leaf, system calls.
#include <array>
#include <cstdio>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/bytes.h"
#include "src/base/openssl_handles.h"

using namespace chaintier;

namespace {

constexpr int rounds = 2000;
// Octets as the test fleet has them: three certificates and a staple come back for the ClientHello.
constexpr std::size_t hello_octets = 320, flight_octets = 2600, finished_octets = 80;

void must(bool done, std::string_view what) {
  if (!done) throw std::runtime_error(fmt::format("floor_bench: {} failed", what));
}

double microseconds_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  };
  work();
  const double begun = now();
  for (int i = 0; i < rounds; ++i) work();
  return (now() - begun) / rounds;
}

// A key share of our own and the secret shared with the server's.
double key_exchange() {
  const EvpPkeyPtr server(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  return microseconds_of([&] {
    const EvpPkeyPtr own(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(own.get(), nullptr));
    std::array<unsigned char, 32> secret{};
    std::size_t size = secret.size();
    must(EVP_PKEY_derive_init(context.get()) == 1, "X25519");
    must(EVP_PKEY_derive_set_peer_ex(context.get(), server.get(), 0) == 1, "X25519");
    must(EVP_PKEY_derive(context.get(), secret.data(), &size) == 1, "X25519");
  });
}

// CertificateVerify over 130 octets (RFC 8446 4.4.3).
double verification(EVP_PKEY* key, bool pss) {
  const Bytes content(130, 0x20);
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const auto set_padding = [&](EVP_PKEY_CTX* settings) {
    if (!pss) return;
    must(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) > 0, "RSA-PSS");
    must(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) > 0, "RSA-PSS");
  };
  EVP_PKEY_CTX* settings = nullptr;
  must(EVP_DigestSignInit(context.get(), &settings, EVP_sha256(), nullptr, key) == 1, "signing");
  set_padding(settings);
  Bytes signature(512);
  std::size_t size = signature.size();
  must(EVP_DigestSign(context.get(), signature.data(), &size, content.data(), content.size()) == 1,
       "signing");
  return microseconds_of([&] {
    EVP_MD_CTX_reset(context.get());
    EVP_PKEY_CTX* each = nullptr;
    must(EVP_DigestVerifyInit(context.get(), &each, EVP_sha256(), nullptr, key) == 1, "verifying");
    set_padding(each);
    must(EVP_DigestVerify(context.get(), signature.data(), size, content.data(), content.size()) == 1,
         "verifying");
  });
}

// The transcript, three certificates hashed once each, and the records of the flight opened.
double hashing_and_opening() {
  using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
  const Bytes flight(flight_octets, 7);
  Bytes opened(flight_octets + 16);
  const EvpMdCtxPtr hash(EVP_MD_CTX_new());
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  const std::array<unsigned char, 16> key{};
  std::array<unsigned char, 32> digest{};
  return microseconds_of([&] {
    for (int pass = 0; pass < 2; ++pass) {
      EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
      EVP_DigestUpdate(hash.get(), flight.data(), flight.size());
      EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr);
    }
    int size = 0;
    must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, key.data(), key.data()) == 1, "AES");
    EVP_DecryptUpdate(cipher.get(), opened.data(), &size, flight.data(), static_cast<int>(flight.size()));
  });
}

void receive(int socket, std::size_t octets) {
  std::array<char, 4096> buffer;
  while (octets > 0) {
    const auto got = ::recv(socket, buffer.data(), std::min(octets, buffer.size()), 0);
    must(got > 0, "receiving");
    octets -= static_cast<std::size_t>(got);
  }
}

void send_all(int socket, std::size_t octets) {
  const std::vector<char> content(octets, 'x');
  must(::send(socket, content.data(), octets, MSG_NOSIGNAL) == static_cast<ssize_t>(octets), "sending");
}

double system_calls() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* generic = reinterpret_cast<sockaddr*>(&where);
  must(::bind(listener, generic, sizeof where) == 0 && ::listen(listener, 16) == 0, "listening");
  must(::getsockname(listener, generic, &size) == 0, "listening");
  std::thread server([&] {
    for (int i = 0; i <= rounds; ++i) {
      const int peer = ::accept(listener, nullptr, nullptr);
      receive(peer, hello_octets);
      send_all(peer, flight_octets);
      receive(peer, finished_octets);
      ::close(peer);
    }
  });
  const double cost = microseconds_of([&] {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(::connect(client, generic, sizeof where) == 0, "connecting");
    send_all(client, hello_octets);
    receive(client, flight_octets);
    send_all(client, finished_octets);
    ::close(client);
  });
  server.join();
  ::close(listener);
  return cost;
}

}  // namespace

int main() {
  try {
    const double common = key_exchange() + hashing_and_opening();
    const EvpPkeyPtr ec(EVP_EC_gen("P-256")), rsa(EVP_RSA_gen(2048u));
    fmt::print("cryptography, EC leaf   {:8.1f} us\n", common + verification(ec.get(), false));
    fmt::print("cryptography, RSA leaf  {:8.1f} us\n", common + verification(rsa.get(), true));
    fmt::print("system calls            {:8.1f} us\n", system_calls());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
