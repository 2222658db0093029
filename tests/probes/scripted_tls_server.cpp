#include "tests/probes/scripted_tls_server.h"

#include <algorithm>
#include <stdexcept>

#include <openssl/rsa.h>

#include "probes/tls_encoding.h"

namespace chaintier::test {
namespace {

constexpr std::uint8_t change_cipher_spec = 20, handshake = 22, application = 23;

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes out;
  TlsWriter writer(out);
  for (const ByteView part : parts) writer.put(part);
  return out;
}

Bytes vector_of(std::size_t octets, ByteView content) {
  Bytes out;
  TlsWriter writer(out);
  writer.number(content.size(), octets);
  writer.put(content);
  return out;
}

Bytes number(std::size_t value, std::size_t octets) {
  Bytes out;
  TlsWriter(out).number(value, octets);
  return out;
}

Bytes extension(std::uint16_t type, ByteView data) { return joined({number(type, 2), vector_of(2, data)}); }

Bytes record_of(std::uint8_t type, ByteView content, std::size_t version = 0x0303) {
  return joined({number(type, 1), number(version, 2), vector_of(2, content)});
}

}  // namespace

TlsWire::Moved ScriptedTlsServer::read(std::span<std::uint8_t> into) {
  const std::size_t count = std::min(into.size(), out_.size());
  if (count == 0) return {Status::would_block, 0};
  std::copy_n(out_.begin(), count, into.begin());
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(count));
  return {Status::done, count};
}

// A client sends each of its flights in one piece.
TlsWire::Moved ScriptedTlsServer::write(ByteView octets) {
  if (!answered_) {
    answered_ = true;
    on_client_hello(octets);
  } else if (script_.version == 0x0304) {
    on_client_flight_13(octets);
  } else if (share_) {
    on_client_flight_12(octets);
  }
  return {Status::done, octets.size()};
}

void ScriptedTlsServer::on_client_hello(ByteView octets) {
  suite_ = cipher_suite(script_.suite);
  const ByteView hello = octets.subspan(record_header);
  transcript_.emplace(crypto_, suite_->hash);
  transcript_->add(hello);
  TlsCursor in(hello.subspan(4 + 2));
  const ByteView random = in.take(32);
  const ByteView session = in.vector(1);
  client_random_.assign(random.begin(), random.end());
  session_id_.assign(session.begin(), session.end());
  in.vector(2);
  in.vector(1);
  TlsCursor extensions(in.vector(2));
  ByteView key_share;
  while (!extensions.at_end()) {
    const std::uint16_t type = extensions.number16();
    const ByteView data = extensions.vector(2);
    if (type == 51) key_share = data.subspan(6);
  }
  share_.emplace(KeyShare::Group::x25519);
  if (script_.version == 0x0304)
    answer_13(key_share);
  else
    answer_12();
}

void ScriptedTlsServer::say(std::uint8_t type, const Bytes& body) {
  const Bytes message = joined({number(type, 1), vector_of(3, body)});
  if (script_.early_change_before == type) {
    send_plain();
    TlsWriter(out_).put(record_of(change_cipher_spec, number(1, 1)));
  }
  for (const Bytes& sent : script_.change ? script_.change(message) : std::vector<Bytes>{message}) {
    transcript_->add(sent);
    messages_.insert(messages_.end(), sent.begin(), sent.end());
  }
}

void ScriptedTlsServer::send_plain() {
  for (ByteView rest = messages_; !rest.empty();) {
    const ByteView part = rest.first(std::min(rest.size(), script_.record_size));
    TlsWriter(out_).put(record_of(handshake, part, sent_any_ ? script_.later_record_version : 0x0303));
    sent_any_ = true;
    rest = rest.subspan(part.size());
  }
  messages_.clear();
}

void ScriptedTlsServer::send_sealed() {
  for (ByteView rest = messages_; !rest.empty();) {
    const ByteView part = rest.first(std::min(rest.size(), script_.record_size));
    const Bytes inner = joined({part, number(script_.inner_type, 1), Bytes(3, 0)});  // and some padding
    const Bytes header =
        joined({number(application, 1), number(0x0303, 2), number(inner.size() + aead_tag, 2)});
    TlsWriter(out_).put(header);
    crypto_.seal(suite_->aead, server_keys_.key, next_nonce(server_keys_), header, inner, out_);
    rest = rest.subspan(part.size());
  }
  messages_.clear();
}

Bytes ScriptedTlsServer::signature_of(const Bytes& content) const {
  const char* digest = (script_.signature_scheme >> 8) == 5 || script_.signature_scheme == 0x0805 ? "SHA2-384"
                       : (script_.signature_scheme >> 8) == 6 || script_.signature_scheme == 0x0806
                           ? "SHA2-512"
                           : "SHA2-256";
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  const EvpPkeyPtr key = as_in_a_server(*script_.key);
  std::size_t size = 0;
  bool good =
      EVP_DigestSignInit_ex(context.get(), &settings, digest, nullptr, nullptr, key.get(), nullptr) == 1;
  if (good && (script_.signature_scheme >> 8) == 8)
    good = EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1;
  good = good && EVP_DigestSign(context.get(), nullptr, &size, content.data(), content.size()) == 1;
  Bytes signature(size);
  good = good && EVP_DigestSign(context.get(), signature.data(), &size, content.data(), content.size()) == 1;
  if (!good) throw std::logic_error("a scripted server cannot sign so");
  signature.resize(size);
  return joined({number(script_.signature_scheme, 2), vector_of(2, signature)});
}

void ScriptedTlsServer::answer_13(ByteView key_share) {
  const Bytes extensions =
      joined({extension(43, number(0x0304, 2)),
              extension(51, joined({number(29, 2), vector_of(2, share_->public_key())}))});
  say(2, joined({number(0x0303, 2), script_.server_random, vector_of(1, session_id_),
                 number(script_.suite, 2), number(0, 1), vector_of(2, extensions)}));
  if (script_.one_record) TlsWriter(messages_).put(Bytes{8, 0, 0, 2, 0, 0});
  send_plain();
  for (int i = 0; i < script_.idle_changes; ++i)
    TlsWriter(out_).put(record_of(change_cipher_spec, number(1, 1)));
  const TlsHash hash = suite_->hash;
  const Secret empty = crypto_.digest(hash, {});
  const Secret zeros = secret_of(Bytes(empty.size, 0));
  const Secret early = crypto_.extract(hash, zeros, zeros);
  const Secret secret = crypto_.extract(hash, crypto_.derive(hash, early, "derived", empty),
                                        share_->shared_with(key_share).value());
  const Secret so_far = transcript_->so_far();
  client_handshake_ = crypto_.derive(hash, secret, "c hs traffic", so_far);
  server_handshake_ = crypto_.derive(hash, secret, "s hs traffic", so_far);
  server_keys_ = crypto_.traffic_keys(*suite_, server_handshake_);

  say(8, vector_of(2, {}));
  Bytes list;
  for (const Bytes& certificate : script_.certificates)
    TlsWriter(list).put(joined({vector_of(3, certificate), number(0, 2)}));
  say(11, joined({number(0, 1), vector_of(3, list)}));
  const std::string_view context = "TLS 1.3, server CertificateVerify";
  say(15,
      signature_of(joined({Bytes(64, 0x20), bytes_of(context), number(0, 1), transcript_->so_far().view()})));
  const Secret proof = crypto_.finished(hash, server_handshake_, transcript_->so_far());
  say(20, Bytes(proof.view().begin(), proof.view().end()));
  transcript_at_finished_ = transcript_->so_far();
  send_sealed();
}

void ScriptedTlsServer::on_client_flight_13(ByteView octets) {
  constexpr std::size_t change_cipher_spec_octets = 6;
  const ByteView record = octets.subspan(change_cipher_spec_octets);
  const std::size_t size = std::size_t{record[3]} << 8 | record[4];
  TrafficKeys keys = crypto_.traffic_keys(*suite_, client_handshake_);
  Bytes inner;
  const Secret right = crypto_.finished(suite_->hash, client_handshake_, transcript_at_finished_);
  finished_ =
      crypto_.open(suite_->aead, keys.key, next_nonce(keys), record.first(record_header),
                   record.subspan(record_header, size), inner) &&
      std::ranges::equal(inner, joined({number(20, 1), vector_of(3, right.view()), number(handshake, 1)}));
}

void ScriptedTlsServer::answer_12() {
  const Bytes extensions =
      joined({extension(5, {}), script_.extended_master_secret ? extension(23, {}) : Bytes{},
              extension(0xff01, number(0, 1)), script_.more_hello_extensions});
  say(2, joined({number(0x0303, 2), script_.server_random, vector_of(1, {}), number(script_.suite, 2),
                 number(0, 1), vector_of(2, extensions)}));
  Bytes list;
  for (const Bytes& certificate : script_.certificates) TlsWriter(list).put(vector_of(3, certificate));
  say(11, vector_of(3, list));
  say(22, joined({number(1, 1), vector_of(3, Bytes(8, 7))}));
  const Bytes parameters = joined({number(3, 1), number(29, 2), vector_of(1, share_->public_key())});
  say(12, joined({parameters, signature_of(joined({client_random_, script_.server_random, parameters}))}));
  say(14, {});
  send_plain();
}

// ClientKeyExchange, ChangeCipherSpec, Finished; without a certificate of the client's.
void ScriptedTlsServer::on_client_flight_12(ByteView octets) {
  TlsCursor in(octets);
  in.number(3);
  const ByteView exchange = in.vector(2);
  in.number(3);
  in.vector(2);
  in.number(3);
  const ByteView sealed = in.vector(2);
  const auto shared = share_->shared_with(exchange.subspan(5));
  share_.reset();
  if (!in.ok() || !shared) return;
  transcript_->add(exchange);
  const TlsHash hash = suite_->hash;
  const Secret master = secret_of(
      script_.extended_master_secret
          ? crypto_.prf(hash, *shared, "extended master secret", transcript_->so_far().view(), 48)
          : crypto_.prf(hash, *shared, "master secret", joined({client_random_, script_.server_random}), 48));
  const bool gcm = suite_->aead != Aead::chacha20_poly1305;
  const std::size_t iv = gcm ? 4 : 12;
  const Bytes block =
      crypto_.prf(hash, master, "key expansion", joined({script_.server_random, client_random_}),
                  2 * (suite_->key_octets + iv));
  TlsCursor keys(block);
  const Secret client_key = secret_of(keys.take(suite_->key_octets));
  const Secret server_key = secret_of(keys.take(suite_->key_octets));
  Nonce client_nonce{};
  Nonce server_nonce{};
  std::ranges::copy(keys.take(iv), client_nonce.begin());
  std::ranges::copy(keys.take(iv), server_nonce.begin());
  ByteView text = sealed;
  if (gcm) {
    std::ranges::copy(text.first(8), client_nonce.begin() + 4);
    text = text.subspan(8);
  }
  const auto additional = [](std::size_t size) {
    return joined({number(0, 8), number(handshake, 1), number(0x0303, 2), number(size, 2)});
  };
  const Bytes expected =
      joined({number(20, 1),
              vector_of(3, crypto_.prf(hash, master, "client finished", transcript_->so_far().view(), 12))});
  Bytes plain;
  finished_ =
      crypto_.open(suite_->aead, client_key, client_nonce, additional(text.size() - aead_tag), text, plain) &&
      plain == expected;
  transcript_->add(plain);
  if (script_.change_cipher_spec) TlsWriter(out_).put(record_of(change_cipher_spec, number(1, 1)));
  say(20, crypto_.prf(hash, master, "server finished", transcript_->so_far().view(), 12));
  Bytes last;
  if (gcm) last.resize(8);  // the explicit part of the nonce is 0
  crypto_.seal(suite_->aead, server_key, server_nonce, additional(messages_.size()), messages_, last);
  TlsWriter(out_).put(record_of(handshake, last));
  messages_.clear();
}

}  // namespace chaintier::test
